import { conformanceTests } from "../conformance.ts";
import { localFixture } from "./conformance_support.ts";

for (const { name, fn } of conformanceTests(localFixture("inline"))) Deno.test(name, fn);
