import { conformanceTests } from "../conformance.ts";
import { serverFixture } from "./conformance_support.ts";
import { serve, type Server } from "./server_support.ts";

let server: Server | undefined;
Deno.test.beforeAll(async () => void (server = await serve()));
Deno.test.afterAll(() => server?.[Symbol.dispose]());

for (const { name, fn } of conformanceTests(serverFixture(() => server))) Deno.test(name, fn);
