/** How the texts of options are read. */
import assert from "node:assert/strict";
import { commandText, matches } from "../../lib/cli/commands/ps.ts";
import { UsageError } from "../../lib/cli/exit_codes.ts";
import { enginePath, engineSymbolPath, userMessage, userPath } from "../../lib/cli/open.ts";
import {
  childPolicy,
  eventNames,
  positiveNumber,
  SHOWN_EVENTS,
  splitWords,
  targetOf,
  wholeNumber,
} from "../../lib/cli/options.ts";
import { EVENT_NAMES } from "../../lib/session/events.ts";

Deno.test("a target of digits is a process id, anything else a name", () => {
  assert.equal(targetOf("4242"), 4242);
  assert.equal(targetOf("app.exe"), "app.exe");
  assert.equal(targetOf("7zip"), "7zip");
  for (const text of ["0", "99999999999"]) assert.throws(() => targetOf(text), UsageError);
});

Deno.test("events are named with commas between, in any case, or all at once", () => {
  assert.deepEqual(eventNames("exception,EXITPROCESS"), ["exception", "exitProcess"]);
  assert.deepEqual(new Set(["engineCreate", ...eventNames("all")]), new Set(EVENT_NAMES));
  assert.ok(SHOWN_EVENTS.every((name) => EVENT_NAMES.includes(name)));
  for (const text of ["", "exeption", "exception,"]) assert.throws(() => eventNames(text), UsageError);
});

Deno.test("children have one policy, or one by name", () => {
  assert.equal(childPolicy("follow"), "follow");
  assert.deepEqual(childPolicy("link*.exe=follow, *=ignore"), { "link*.exe": "follow", "*": "ignore" });
  for (const text of ["", "folow", "a.exe=", "=follow"]) assert.throws(() => childPolicy(text), UsageError);
});

Deno.test("numbers are what they must be", () => {
  assert.equal(positiveNumber("1.5"), 1.5);
  assert.equal(wholeNumber("0"), 0);
  for (const text of ["0", "-1", "x", "", "Infinity"]) assert.throws(() => positiveNumber(text), UsageError);
  for (const text of ["-1", "1.5", "x", ""]) assert.throws(() => wholeNumber(text), UsageError);
});

Deno.test("a host's command is split as a shell would, with quotes", () => {
  assert.deepEqual(splitWords(`ssh lab7 "a b" 'c "d"'`), ["ssh", "lab7", "a b", 'c "d"']);
  assert.deepEqual(splitWords(`C:\\deno.exe run --allow-ffi="x y"z`), ["C:\\deno.exe", "run", "--allow-ffi=x yz"]);
  for (const text of ["  ", 'a "b']) assert.throws(() => splitWords(text), UsageError);
});

Deno.test("the engine sees paths of Linux on drive Z, and others as they are", () => {
  assert.equal(enginePath("/data/a.dmp", {}, "linux"), "Z:\\data\\a.dmp");
  assert.equal(enginePath("C:\\a.dmp", {}, "linux"), "C:\\a.dmp");
  assert.equal(enginePath("/data/a.dmp", { host: ["ssh"] }, "linux"), "/data/a.dmp");
  assert.equal(enginePath("a.dmp", {}, "windows"), "a.dmp");
});

Deno.test("the user of Linux is told paths as Linux has them, where the engine is below Wine on this machine", () => {
  const told = (path: string, where = {}): string => userPath(path, where, "linux");
  assert.equal(told("Z:\\data\\my app\\a.dll"), "/data/my app/a.dll");
  for (const path of ["C:\\windows\\a.dll", "a.dll", "ZZ:\\a", "z"]) assert.equal(told(path), path);
  for (const where of [{ host: ["ssh"] }, { port: "tcp:server=a,port=1" }]) assert.equal(told("Z:\\a", where), "Z:\\a");
  assert.equal(userPath("Z:\\a", {}, "windows"), "Z:\\a");
  const message = 'Cannot launch Z:\\a b\\c.exe: c.exe imports f of z:\\d\\e.dll, and "Z:\\g"; look at C:\\h';
  const expected = 'Cannot launch /a b/c.exe: c.exe imports f of /d/e.dll, and "/g"; look at C:\\h';
  assert.equal(userMessage(message, {}, "linux"), expected);
  assert.equal(userMessage(message, {}, "windows"), message);
  assert.equal(userMessage("from Z:\\a\\b to Z:\\c", {}, "linux"), "from /a/b to /c");
});

Deno.test("the folders of a symbol path are given as the engine sees them; servers and words stay", () => {
  const cases = {
    "/pdb;C:\\pdb": "Z:\\pdb;C:\\pdb",
    "srv*/pdb*https://example.com/a": "srv*Z:\\pdb*https://example.com/a",
    "SRV*": "SRV*",
    "symsrv*symsrv.dll*/pdb*http://example.com": "symsrv*symsrv.dll*Z:\\pdb*http://example.com",
    "cache*/a;;\\\\lab\\pdb": "cache*Z:\\a;;\\\\lab\\pdb",
  };
  for (const [path, engine] of Object.entries(cases)) {
    assert.equal(engineSymbolPath(path, {}, "linux"), engine);
    assert.equal(engineSymbolPath(path, {}, "windows"), path);
    assert.equal(engineSymbolPath(path, { host: ["ssh"] }, "linux"), path);
  }
});

Deno.test("a filter of processes is an id, a pattern of names, paths or command lines, or a part of these or of the description", () => {
  const path = "C:\\tools\\App.exe";
  const process = {
    processId: 42,
    name: "App.exe",
    description: "Services: Spooler",
    path,
    commandLine: "app --Port 7",
  };
  for (const filter of [undefined, "42", "app", "spool", "*.EXE", "a?p.exe", "tools", "c:\\t*", "--port", "*port ?"]) {
    assert.ok(matches(process, filter), filter);
  }
  for (const filter of ["4", "b", "p*", "App?exe?", "port?", "tools*"]) {
    assert.equal(matches(process, filter), false, filter);
  }
  for (const filter of ["/srv/t", "/srv/*"]) assert.ok(matches(process, filter, "/srv/t/App.exe"), "as it is shown");
});

Deno.test("a listed process has its command line, and its path where that does not say it", () => {
  const process = { processId: 42, name: "App.exe", description: "", path: "Z:\\t\\App.exe", commandLine: "" };
  assert.equal(commandText(process, "/t/App.exe"), "/t/App.exe");
  assert.equal(commandText({ ...process, commandLine: "app x" }, "/t/App.exe"), "app x  (/t/App.exe)");
  assert.equal(commandText({ ...process, commandLine: '"z:\\T\\app.exe" x' }, "/t/App.exe"), '"z:\\T\\app.exe" x');
});
