import { conformanceTests } from "../conformance.ts";
import { localFixture } from "./conformance_support.ts";

for (const { name, fn } of conformanceTests(localFixture("worker"))) Deno.test(name, fn);
