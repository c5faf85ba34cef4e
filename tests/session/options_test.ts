/** The options of an attach: what does not go together does not compile, and is refused where no compiler looked. */
import assert from "node:assert/strict";
import { AttachError, type AttachOptions } from "../../lib/api/mod.ts";
import { refuseCombinations } from "../../lib/session/attach_rules.ts";

/** Every legal combination, as compilers take it. */
const LEGAL: readonly AttachOptions[] = [
  {},
  { initialBreak: true },
  { initialBreak: false },
  { resume: true },
  { initialBreak: false, resume: true },
  { noninvasive: false, existing: false },
  { noninvasive: true },
  { noninvasive: true, existing: false, initialBreak: true, resume: false },
  { noninvasive: "noSuspend" },
  { existing: true },
  { existing: true, noninvasive: false, initialBreak: true, resume: false },
  { existing: false, resume: true, signal: AbortSignal.timeout(1), on: {} },
];

// Each of these is an error of the compiler; were one not, the directive above it would be.
const ILLEGAL: readonly AttachOptions[] = [
  // @ts-expect-error existing goes with no other
  { existing: true, noninvasive: true },
  // @ts-expect-error existing goes with no other
  { existing: true, noninvasive: "noSuspend" },
  // @ts-expect-error existing goes with no other
  { existing: true, initialBreak: false },
  // @ts-expect-error existing goes with no other
  { existing: true, resume: true },
  // @ts-expect-error there is nothing to break in
  { noninvasive: true, initialBreak: false },
  // @ts-expect-error there is nothing to resume
  { noninvasive: true, resume: true },
  // @ts-expect-error the same without suspending
  { noninvasive: "noSuspend", initialBreak: false },
  // @ts-expect-error the same without suspending
  { noninvasive: "noSuspend", resume: true },
  // @ts-expect-error all of them
  { existing: true, noninvasive: true, initialBreak: false, resume: true },
];

const WRONG: readonly AttachOptions[] = [
  // @ts-expect-error no such value
  { noninvasive: "yes" },
  // @ts-expect-error no such value
  { noninvasive: 1 },
  // @ts-expect-error no such value
  { existing: "false" },
  // @ts-expect-error no such value
  { initialBreak: 0 },
  // @ts-expect-error no such value
  { initialBreak: null },
  // @ts-expect-error no such value
  { resume: "yes" },
];

Deno.test("every legal combination of attach options passes", () => {
  for (const options of LEGAL) refuseCombinations(options);
});

Deno.test("attach options that do not go together are refused, naming those that clash", () => {
  for (const options of ILLEGAL) {
    assert.throws(() => refuseCombinations(options), (error: unknown) => {
      assert.ok(error instanceof AttachError, JSON.stringify(options));
      assert.equal(error.kind, "invalid-flags");
      assert.match(
        error.message,
        /^Cannot attach: (existing|noninvasive) goes with none of these: [^\n]+; leave [^\n]+$/,
      );
      for (const [name, value] of Object.entries(options)) {
        if (value !== undefined) assert.ok(error.message.includes(name), `${error.message} names ${name}`);
      }
      assert.equal(error.hresult, undefined, "the engine was not asked");
      return true;
    });
  }
});

Deno.test("values that an attach option does not take are refused", () => {
  for (const options of WRONG) {
    const [name] = Object.keys(options);
    assert.throws(() => refuseCombinations(options), {
      name: "TypeError",
      message: new RegExp(`^Cannot attach: ${name} is [^\\n]+; it takes true, false`),
    });
  }
});

Deno.test("every combination of the options' values is judged by Microsoft's rules", () => {
  let accepted = 0;
  for (const existing of [false, true]) {
    for (const noninvasive of [false, true, "noSuspend"]) {
      for (const initialBreak of [true, false]) {
        for (const resume of [false, true]) {
          const others = Number(Boolean(noninvasive)) + Number(!initialBreak) + Number(resume);
          const legal = existing ? others === 0 : !noninvasive || others === 1;
          const act = (): void => refuseCombinations({ existing, noninvasive, initialBreak, resume } as AttachOptions);
          if (legal) act();
          else assert.throws(act, { kind: "invalid-flags" });
          accepted += Number(legal);
        }
      }
    }
  }
  assert.equal(accepted, 7);
});
