import { testConformance } from "../conformance.ts";
import { runtimeFixture } from "./conformance_support.ts";

testConformance(runtimeFixture("node"));
