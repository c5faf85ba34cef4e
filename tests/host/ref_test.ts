/** Whether a script stays for its host. */
import assert from "node:assert/strict";
import { prepareNative, run } from "./native_support.ts";

Deno.test("a script ends by itself that its host is not to hold", async () => {
  await prepareNative();
  const { code, text, errors } = await run("tests/host/scripts/unref.ts", []);
  assert.deepEqual([code, text, errors], [0, "true\ntrue\n", ""]);
});
