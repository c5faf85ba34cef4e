/** What becomes of children: policies, and what is not one. */
import assert from "node:assert/strict";
import { type ChildOption, childPolicies, knowsChildren, policyOf } from "../../lib/session/children.ts";

const of = (option: ChildOption | undefined, image: string): string => policyOf(childPolicies(option), image);

Deno.test("one policy holds for all children, and without an option they are ignored", () => {
  for (const policy of ["follow", "ignore", "detach"] as const) {
    assert.equal(of(policy, "C:\\folder\\app.exe"), policy);
    assert.equal(of(policy, ""), policy);
  }
  assert.equal(of(undefined, "app.exe"), "ignore");
});

Deno.test("of policies by image name the first that matches counts, and a child that none matches is ignored", () => {
  const option = { "app?.exe": "detach", "app*": "follow", "*.com": "follow", "app2.exe": "ignore" } as const;
  assert.equal(of(option, "app2.exe"), "detach");
  assert.equal(of(option, "app22.exe"), "follow");
  assert.equal(of(option, "app"), "follow");
  assert.equal(of(option, "more.com"), "follow");
  assert.equal(of(option, "my app.exe"), "ignore");
  assert.equal(of({}, "app.exe"), "ignore");
});

Deno.test("patterns are of the file name: no folder counts, upper and lower case are alike, only * and ? are signs", () => {
  assert.equal(of({ "worker.exe": "follow" }, "C:\\some\\WORKER.EXE"), "follow");
  assert.equal(of({ "WORKER.*": "follow" }, "c:/some/worker.exe"), "follow");
  assert.equal(of({ "some*": "follow" }, "C:\\some\\worker.exe"), "ignore");
  assert.equal(of({ "a.exe": "follow" }, "abexe"), "ignore");
  assert.equal(of({ "a[1]+(x)^$|{2}.exe": "follow" }, "a[1]+(x)^$|{2}.exe"), "follow");
  assert.equal(of({ "GRÜSSE.exe": "follow" }, "grüsse.exe"), "follow");
});

Deno.test("whether any child becomes known decides whether Windows is asked for them", () => {
  const knows = (option?: ChildOption): boolean => knowsChildren(childPolicies(option));
  assert.deepEqual([knows(), knows("ignore"), knows({}), knows({ a: "ignore" })], [false, false, false, false]);
  assert.deepEqual([knows("follow"), knows("detach"), knows({ a: "ignore", b: "detach" })], [true, true, true]);
});

Deno.test("what is no policy is refused with what it could be", () => {
  for (const wrong of ["none", { "a.exe": "Follow" }, { "a.exe": true }, { "a.exe": undefined }]) {
    assert.throws(() => childPolicies(wrong as unknown as ChildOption), {
      name: "TypeError",
      message: /^Cannot use ".*" for children: it is follow, ignore, detach, or these by image name$/,
    });
  }
});
