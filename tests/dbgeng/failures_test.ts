/** What the engine's codes mean to users: each has a kind, Microsoft's name and a next step. */
import assert from "node:assert/strict";
import { HresultError } from "../../lib/com/hresult.ts";
import {
  attachFailure,
  attachMeaning,
  isServerGone,
  meaningOf,
  waitFailure,
} from "../../lib/dbgeng/thread/failures.ts";
import { AttachError, type AttachErrorKind, EngineError } from "../../lib/api/mod.ts";

const CODES: readonly (readonly [number, string | undefined, AttachErrorKind])[] = [
  [0xD000000B, "STATUS_INVALID_CID", "no-such-process"],
  [0xD0000008, "STATUS_INVALID_HANDLE", "no-such-process"],
  [0xD000000D, "STATUS_INVALID_PARAMETER", "no-such-process"],
  [0xD0000022, "STATUS_ACCESS_DENIED", "access-denied"],
  [0x80070005, "E_ACCESSDENIED", "access-denied"],
  [0x800702E4, "ERROR_ELEVATION_REQUIRED", "elevation"],
  [0x80070522, "ERROR_PRIVILEGE_NOT_HELD", "elevation"],
  [0xD0000061, "STATUS_PRIVILEGE_NOT_HELD", "elevation"],
  [0xD0000048, "STATUS_PORT_ALREADY_SET", "already-attached"],
  [0xD000010A, "STATUS_PROCESS_IS_TERMINATING", "exiting"],
  [0xC000010A, "STATUS_PROCESS_IS_TERMINATING", "exiting"],
  [0xD0000353, "STATUS_PORT_NOT_SET", "not-supported"],
  [0xD00000BB, "STATUS_NOT_SUPPORTED", "architecture"],
  [0xC00000BB, "STATUS_NOT_SUPPORTED", "architecture"],
  [0x80070032, "ERROR_NOT_SUPPORTED", "architecture"],
  [0x800700C1, "ERROR_BAD_EXE_FORMAT", "architecture"],
  [0x800700D8, "ERROR_EXE_MACHINE_TYPE_MISMATCH", "architecture"],
  [0x800702DB, undefined, "architecture"], // Wine's, of a 32-bit program on a machine that runs none
  [0x80004001, "E_NOTIMPL", "not-supported"],
  [0x80070002, "ERROR_FILE_NOT_FOUND", "not-found"],
  [0x80070003, "ERROR_PATH_NOT_FOUND", "not-found"],
  [0x8007010B, "ERROR_DIRECTORY", "not-found"],
  [0x80010110, "RPC_E_VERSION_MISMATCH", "version-mismatch"],
  [0x8007051A, "ERROR_REVISION_MISMATCH", "version-mismatch"],
  [0x800706BA, "RPC_S_SERVER_UNAVAILABLE", "server-unreachable"],
  [0x800706BE, "RPC_S_CALL_FAILED", "server-unreachable"],
  [0x8007274D, "WSAECONNREFUSED", "server-unreachable"],
  [0x8007274C, "WSAETIMEDOUT", "server-unreachable"],
  [0x80072AF9, "WSAHOST_NOT_FOUND", "server-unreachable"],
  [0x80072740, "WSAEADDRINUSE", "address-in-use"],
  [0x8007001F, "ERROR_GEN_FAILURE", "failed"],
  [0x80070057, "E_INVALIDARG", "failed"],
  [0x8FFFFFFF, undefined, "failed"],
];

Deno.test("every code of an attach has its kind, its symbol and a message of one line with a next step", () => {
  for (const [code, symbol, kind] of CODES) {
    const error = attachFailure("attach to process 42", new HresultError("AttachProcess", code));
    assert.ok(error instanceof AttachError);
    assert.deepEqual([error.kind, error.symbol, error.hresult], [kind, symbol, code | 0]);
    const name = symbol ? `${symbol} ` : "";
    const hex = code.toString(16).toUpperCase();
    const [before, after] = error.message.split(` [AttachProcess: ${name}0x${hex}]`);
    assert.equal(after, "", error.message);
    assert.match(before ?? "", /^Cannot attach to process 42: [^;\r\n]+; [^;\r\n]+$/);
  }
});

Deno.test("the causes that users must tell apart have kinds of their own", () => {
  const kindOf = (code: number): AttachErrorKind | undefined =>
    meaningOf(new HresultError("AttachProcess", code))?.kind;
  const codes = [0xD0000022, 0x800702E4, 0xD00000BB, 0xD0000048, 0xD000010A, 0xD000000B, 0x80010110, 0xD0000353];
  assert.equal(new Set(codes.map(kindOf)).size, codes.length);
  assert.equal(kindOf(0x80070057), undefined);
});

Deno.test("what is known about the process decides where the engine has one code for several causes", () => {
  const usual = { isThere: true, debugged: false, existing: false };
  const kindOf = (code: number, more: Partial<typeof usual>): AttachErrorKind | undefined =>
    attachMeaning(new HresultError("AttachProcess", code), { ...usual, ...more })?.kind;
  assert.equal(kindOf(0x80070057, { isThere: false }), "no-such-process");
  assert.equal(kindOf(0xD0000022, { isThere: false }), "no-such-process");
  assert.equal(kindOf(0x80070057, {}), "invalid-flags");
  assert.equal(kindOf(0xD0000022, { debugged: true }), "already-attached");
  assert.equal(kindOf(0xD000010A, { debugged: true }), "exiting");
  assert.equal(kindOf(0x8000FFFF, { existing: true, debugged: true }), "not-supported");
  assert.equal(kindOf(0xD0000022, {}), undefined, "the code alone tells");
});

Deno.test("the failure of a process server that has gone is left to who knows its address", () => {
  for (const code of [0x80010007, 0x80010008, 0x8001000A, 0x80010012, 0x80010108, 0x80072746]) {
    const error = new HresultError("AttachProcess", code);
    assert.ok(isServerGone(error));
    assert.equal(attachFailure("attach to process 42", error), error);
  }
  assert.ok(!isServerGone(new HresultError("AttachProcess", 0x80070005)));
});

Deno.test("what is no failure of the engine passes through", () => {
  const error = new TypeError("a bug");
  assert.equal(attachFailure("attach to process 42", error), error);
  assert.match(attachFailure("attach to process 42", "text").message, /text/);
});

Deno.test("a wait that could not put a breakpoint in says what to do, and other failures stay what they are", () => {
  for (const code of [0x800703E6, 0x8007012B, 0x800701E7]) {
    const error = waitFailure(new HresultError("WaitForEvent", code));
    assert.ok(error instanceof EngineError);
    assert.deepEqual([error.kind, error.hresult, error.call], ["failed", code | 0, "WaitForEvent"]);
    assert.match(
      error.message,
      /^Cannot run: a breakpoint is .* no memory; find it by bl, and clear it by bc \[WaitForEvent: /,
    );
  }
  for (const code of [0x8000FFFF, 0x80010108, 0x8007001F]) {
    const error = new HresultError("WaitForEvent", code);
    assert.equal(waitFailure(error), error);
  }
});
