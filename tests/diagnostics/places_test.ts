import assert from "node:assert/strict";
import { hasSystemName, isRemote, isSystemPath, isWritable, systemPlaces } from "../../scripts/shared/places.ts";

const WINDOWS = systemPlaces(["app.exe", "ntdll.dll", "D:\\WINNT\\System32\\KERNEL32.DLL"], false);
const WINE = systemPlaces(["C:\\windows\\system32\\kernel32.dll"], true);
const BUILTIN = "Z:\\opt\\lib\\wine\\x86_64-windows\\tzres.dll";

Deno.test("Windows' folder is where kernel32.dll lies", () => {
  assert.deepEqual([WINDOWS.windows, WINE.windows], ["d:\\winnt", "c:\\windows"]);
  assert.equal(systemPlaces(["app.exe"], false).windows, "c:\\windows");
});

Deno.test("Windows' own modules are those from its folders", () => {
  const own = [
    ...["d:\\winnt\\system32\\a.dll", "D:\\WINNT\\SysWOW64\\a.dll", "\\\\?\\D:\\WINNT\\System32\\a.dll"],
    ...["D:\\WINNT\\WinSxS\\amd64_x\\comctl32.dll", "D:/WINNT/System32/en-US/a.mui", "D:\\WINNT\\explorer.exe"],
  ];
  const others = [
    ...["C:\\Windows\\System32\\a.dll", "D:\\WINNT\\System32x\\a.dll", "D:\\WINNT\\Temp\\a.dll", "D:\\app\\a.dll"],
    ...["D:\\x\\WINNT\\System32\\a.dll", "\\\\server\\WINNT\\System32\\a.dll", BUILTIN],
    ...["ntdll.dll", ""],
    ...["D:\\WINNT\\System32\\spool\\drivers\\color\\a.dll", "D:\\WINNT\\Fonts\\a.dll"],
  ];
  for (const path of own) assert.ok(isSystemPath(WINDOWS, path), path);
  for (const path of others) assert.ok(!isSystemPath(WINDOWS, path), path);
  assert.ok(isSystemPath(WINE, BUILTIN));
});

Deno.test("places where others can put files, and those on other machines, are told by their paths", () => {
  const writable = [
    ...["C:\\Users\\me\\AppData\\Local\\Temp\\x\\a.dll", "C:\\Windows\\Temp\\a.dll", "c:/users/me/downloads/a.dll"],
    ...["C:\\Users\\Public\\a.dll", "D:\\tmp\\a.dll"],
  ];
  for (const path of writable) assert.ok(isWritable(path), path);
  for (const path of ["C:\\Program Files\\app\\a.dll", "C:\\template\\a.dll"]) assert.ok(!isWritable(path), path);
  for (const path of ["\\\\server\\share\\a.dll", "//server/share/a.dll", "\\\\?\\UNC\\server\\share\\a.dll"]) {
    assert.ok(isRemote(path), path);
  }
  for (const path of ["C:\\a.dll", "\\\\?\\C:\\a.dll", "a.dll"]) assert.ok(!isRemote(path), path);
});

Deno.test("names of Windows' DLLs are known, and those that programs bring along are not among them", () => {
  for (const path of ["C:\\app\\VERSION.dll", "dwmapi.dll", "winspool.drv", "CRYPTBASE.DLL"]) {
    assert.ok(hasSystemName(path));
  }
  for (const path of ["msvcp140.dll", "vcruntime140.dll", "dbghelp.dll", "app.dll", "version.exe", "ucrtbase.dll"]) {
    assert.ok(!hasSystemName(path), path);
  }
});
