import { testConformance } from "../conformance.ts";
import { serverFixture } from "./conformance_support.ts";
import { serve, type Server } from "./server_support.ts";

let server: Server | undefined;
Deno.test.beforeAll(async () => void (server = await serve()));
Deno.test.afterAll(() => server?.[Symbol.dispose]());

testConformance(serverFixture(() => server));
