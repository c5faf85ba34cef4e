import { testConformance } from "../conformance.ts";
import { localFixture } from "./conformance_support.ts";

testConformance(localFixture("inline"));
