import { testConformance } from "../conformance.ts";
import { runtimeFixture } from "./conformance_support.ts";
import { runtimes } from "./support.ts";

for (const runtime of runtimes) testConformance(runtimeFixture(runtime));
