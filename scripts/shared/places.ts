/**
 * Which folders and names of modules are Windows' own. Nothing is looked up: a confined diagnostic sees no files.
 * @module
 */

/** Folders below Windows' own that only administrators write to, as long as nobody has changed that. */
const SYSTEM_FOLDERS = [
  ...["system32", "syswow64", "sysarm32", "sychpe32", "system", "winsxs", "systemapps", "assembly", "microsoft.net"],
  ...["immersivecontrolpanel", "servicing", "ime", "shellexperiences", "uus"],
];

/** Where every user, or the user who runs the program, can put files. */
const WRITABLE = [
  /\\(temp|tmp)\\/,
  /\\appdata\\/,
  /\\downloads\\/,
  /\\users\\public\\/,
  /\\windows\\(tasks|tracing)\\/,
  /\\system32\\(tasks|spool\\drivers\\color)\\/,
];

/**
 * DLLs of Windows that programs load by name, which is why they are planted. Not here: what programs lawfully bring
 * along (C and C++ run-time libraries, `api-ms-win-*`, `dbghelp`, `d3dcompiler_47`, `xinput1_3`).
 */
const SYSTEM_DLLS = new Set(
  `
  advapi32 amsi apphelp atl audioses authz avicap32 avrt bcrypt bcryptprimitives cabinet cfgmgr32 clbcatq
  cldapi colorui combase comctl32 comdlg32 credui crypt32 cryptbase cryptnet cryptsp cryptui cryptxml cscapi
  d2d1 d3d10 d3d10_1 d3d10core d3d11 d3d12 d3d8 d3d9 davclnt dcomp ddraw devobj dhcpcsvc dhcpcsvc6 dinput
  dinput8 dnsapi dpapi dsound dsreg dsrole dui70 duser dwmapi dwrite dxcore dxgi dxva2 edputil efsutil esent
  faultrep fltlib fwpuclnt gdi32 gdi32full gdiplus gpapi hid hlink iconcodecservice imagehlp imm32 inetcomm
  iphlpapi kerberos kernel32 kernelbase ktmw32 linkinfo loadperf logoncli mfplat mi midimap mmdevapi mpr
  msacm32 msasn1 mscms mscoree msctf msdelta msi msimg32 msiso mskeyprotect mssign32 mstask msvfw32 mswsock
  msxml3 msxml6 ncrypt ncryptsslp ndfapi netapi32 netprofm netutils newdev nlaapi normaliz npmproxy ntasn1
  ntdll ntdsapi ntlmshared ntmarta ntshrui ole32 oleacc oleaut32 opengl32 osbaseln p2p pcwum pdh peerdist
  policymanager powrprof profapi propsys psapi rasadhlp rasapi32 rasman reagent resutils riched20 rmclient
  rpcrt4 rsaenh rstrtmgr rtutils samcli samlib scecli schannel schedcli secur32 sensapi setupapi sfc sfc_os
  shcore shdocvw shell32 shlwapi slc snmpapi spp sppc srclient srpapi srvcli sspicli sti sxs tapi32 taskschd
  tbs tdh textshaping traffic twinapi txfw32 uiautomationcore umpdc urlmon user32 userenv usp10 uxtheme
  vaultcli version virtdisk vssapi wbemcomn wdscore webio webservices wer wevtapi winhttp wininet winmm
  winmmbase winnsi winscard winspool wintrust wintypes wkscli wlanapi wldap32 wldp wmiclnt wow64 wow64win
  ws2_32 wsock32 wtsapi32 xmllite xolehlp xpsservices xwizards
`.trim().split(/\s+/),
);

/** Windows' own folders, as one program has them. */
export interface SystemPlaces {
  /** Folder of Windows, in small letters and without a backslash at the end. */
  readonly windows: string;
  /** Whether this is Wine, whose own DLLs are also loaded from the folder that it is installed in. */
  readonly isWine: boolean;
}

/** The folder of a path, in small letters; empty for a mere name. */
export function folderOf(path: string): string {
  const plain = path.replace(/^\\\\\?\\/, "").replaceAll("/", "\\").toLowerCase();
  return plain.slice(0, Math.max(plain.lastIndexOf("\\"), 0));
}

/** The file name of a path, in small letters. */
export function fileOf(path: string): string {
  return path.split(/[\\/]/).at(-1)?.toLowerCase() ?? "";
}

/** Finds Windows' folder: kernel32.dll is never loaded from anywhere else. */
export function systemPlaces(paths: readonly string[], isWine: boolean): SystemPlaces {
  const kernel = paths.find((path) => /^kernel(32|base)\.dll$/.test(fileOf(path)) && folderOf(path) !== "");
  return { windows: kernel === undefined ? "c:\\windows" : folderOf(folderOf(kernel)), isWine };
}

/** Whether a module is one of Windows' own, by where it lies. A mere name tells nothing: that is none. */
export function isSystemPath(places: SystemPlaces, path: string): boolean {
  const folder = folderOf(path);
  if (folder === "") return false;
  if (folder === places.windows) return true;
  if (places.isWine && /\\wine\\(x86_64|i386|aarch64)-windows$/.test(folder)) return true;
  if (isWritable(path)) return false;
  return SYSTEM_FOLDERS.some((name) => isWithin(folder, `${places.windows}\\${name}`));
}

/** Whether a folder is another, or below it. */
export function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(`${other}\\`);
}

/** Whether a path looks like a place where users can put files. */
export function isWritable(path: string): boolean {
  const folder = `${folderOf(path)}\\`;
  return WRITABLE.some((place) => place.test(folder));
}

/** Whether a path is on another machine. */
export function isRemote(path: string): boolean {
  return /^(\\\\\?\\unc\\|\\\\(?![?.]\\))/i.test(path.replaceAll("/", "\\"));
}

/** Whether a file has the name of one of Windows' DLLs. */
export function hasSystemName(path: string): boolean {
  return SYSTEM_DLLS.has(fileOf(path).replace(/\.(dll|drv)$/, ""));
}
