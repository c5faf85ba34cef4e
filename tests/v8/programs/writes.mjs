import { writeFileSync } from "node:fs";
import process from "node:process";
writeFileSync(process.argv[2], String(Date.now()));
