import { conformanceTests } from "../conformance.ts";
import { runtimeFixture } from "./conformance_support.ts";

for (const { name, fn } of conformanceTests(runtimeFixture("deno"))) Deno.test(name, fn);
