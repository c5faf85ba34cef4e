/**
 * Symbol paths, read as the engine reads them: each place in one is named, also those that the engine would take by itself.
 * @module
 */
import { folded } from "../session/letters.ts";
import type { Need } from "./need.ts";
import { namesServer, serverEntry } from "./names.ts";
import { covers, fullPath, pathFault, placeNeed } from "./paths.ts";
import { realPlace, windowsPath } from "./real_paths.ts";
import { refuse } from "./values.ts";

const NAME = "symbolPath";

/** What `srv*` alone means to the engine, with its own cache. */
const MICROSOFT = "https://msdl.microsoft.com/download/symbols";

/** How lists name the engine's own cache, and how symbol paths do. */
const OWN_CACHE = "cache*";

/** A symbol path that was understood. */
export interface SymbolPath {
  /** The same places, written so that they can be read in one way only. */
  readonly text: string;
  /** One right for each server and each folder in it, caches included. */
  readonly needs: readonly Need[];
}

/** A part of a symbol path: what stands between two signs. */
interface Place {
  readonly text: string;
  readonly needs: readonly Need[];
  readonly isServer: boolean;
}

/** Reads a symbol path. What is empty in it falls away: the engine would take a place of its own for that. @throws {TypeError} */
export function readSymbolPath(given: string): SymbolPath {
  if (given.includes("%")) {
    refuse(NAME, "one with %, where the engine puts variables of its machine in; write places out");
  }
  let hasCache = false;
  const read = given.split(";").map((text) => text.trim()).filter((text) => text !== "").map((text) => {
    const element = readElement(text, hasCache);
    hasCache ||= element.text.startsWith(OWN_CACHE); // the own one has been asked for
    return element;
  });
  return { text: read.map(({ text }) => text).join(";"), needs: read.flatMap(({ needs }) => needs) };
}

function readElement(element: string, hasCache: boolean): SymbolPath {
  const [kind = "", ...parts] = element.split("*").map((part) => part.trim());
  if (parts.length === 0) return store("", [kind], hasCache);
  switch (kind.toLowerCase()) {
    case "cache":
      return cache(parts);
    case "srv":
      return store("srv*", parts, hasCache);
    case "symsrv":
      // What stands behind it is a DLL that the engine loads.
      if (parts.shift()?.toLowerCase() !== "symsrv.dll") refuse(NAME, "one with a library of its own");
      return store("symsrv*symsrv.dll*", parts, hasCache);
    default:
      return refuse(NAME, `one with "${kind}*", which is not understood; write srv*CACHE*SERVER`);
  }
}

/** `cache*FOLDER`, for all that stands behind it. */
function cache(parts: readonly string[]): SymbolPath {
  const named = parts.filter((part) => part !== "").map(placeOf);
  const [place] = named;
  if (!place) return { text: OWN_CACHE, needs: [ownCacheNeed()] };
  if (parts.length > 1 || place.isServer) refuse(NAME, "one where more than a folder stands behind cache*");
  return { text: `cache*${place.text}`, needs: place.needs };
}

/** `srv*CACHE*…*STORE`, and a folder or a server that stands for itself. */
function store(head: string, parts: readonly string[], hasCache: boolean): SymbolPath {
  const places = parts.map((part) => part === "" ? undefined : placeOf(part));
  if (places.every((place) => place === undefined)) return ownStore(head, parts);
  if (places.at(-1) === undefined) refuse(NAME, `one that ends in a *: write what stands behind it`);
  const needs = places.flatMap((place) => place?.needs ?? []);
  const text = `${head}${places.map((place) => place?.text ?? "").join("*")}`;
  return { text, needs: usesOwnCache(head, places, hasCache) ? [ownCacheNeed(), ...needs] : needs };
}

/** No store is named: the engine takes Microsoft's server, and its own cache. */
function ownStore(head: string, parts: readonly string[]): SymbolPath {
  return { text: `${head}${parts.join("*")}`, needs: [ownCacheNeed(), serverNeed(MICROSOFT)] };
}

/** Whether the engine puts what it gets into its own cache: where the first place is no folder for that, and none was named before. */
function usesOwnCache(head: string, places: readonly (Place | undefined)[], hasCache: boolean): boolean {
  if (places.includes(undefined)) return true; // two signs in a row ask for it
  const [first, second] = places;
  if (head === "" && !first?.isServer) return false; // a folder, which is only read
  return !hasCache && (first?.isServer === true || second === undefined);
}

function ownCacheNeed(): Need {
  return { right: "symbols", value: OWN_CACHE, allows: (entry) => entry.toLowerCase() === OWN_CACHE };
}

function placeOf(place: string): Place {
  if (/^https?:/i.test(place)) {
    const need = serverNeed(place);
    return { text: need.value ?? place, needs: [need], isServer: true };
  }
  if (place.startsWith("\\\\")) return { text: place, needs: [shareNeed(place)], isServer: false };
  const path = fullPath(place, NAME);
  return { text: path, needs: [folderNeed(path)], isServer: false };
}

/** The engine looks for a folder in lower case, which may be another one. */
function folderNeed(path: string): Need {
  const opened = path.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const isSame = realPlace(opened).key === realPlace(path).key;
  return placeNeed("symbols", opened, isSame ? path : opened);
}

/** A folder of another machine, for example `\\\\lab7\symbols`. Such a machine is taken for one of Windows', in case as well. */
function shareNeed(place: string): Need {
  if (!isShare(place)) refuse(NAME, "one with a share that is not understood");
  const allows = (entry: string): boolean => entry.startsWith("\\\\") && covers(folded(entry), folded(place));
  return { right: "symbols", value: place, allows };
}

function isShare(place: string): boolean {
  return /^\\\\[\w.-]+\\[\w$.-]+(?:\\[\w .-]+)*\\?$/.test(place) && !/\\\.\.?(?:\\|$)|^\\\\[.?]\\/.test(place);
}

function serverNeed(place: string): Need {
  const url = serverUrl(place);
  if (!url) refuse(NAME, "one with a server that is not understood");
  const { hostname: host, href } = url;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const named = (form: (path: string) => string) => (entry: string): boolean =>
    namesServer(entry, { host, port }) || isBelow(serverUrl(entry), url, form);
  return { right: "symbols", value: href, allows: named((path) => path), denies: named(asWindowsServes) };
}

/** Whether an address is another one, or lies below it: of an origin all, of a path what goes on behind a slash. */
function isBelow(folder: URL | undefined, { origin, pathname }: URL, form: (path: string) => string): boolean {
  if (folder?.origin !== origin) return false;
  const path = form(folder.pathname).replace(/\/+$/, "");
  return path === form(pathname) || form(pathname).startsWith(`${path}/`);
}

/** A path, the same for all that a server on Windows takes for one: in either case, with more slashes, and with dots at the ends of names. */
function asWindowsServes(path: string): string {
  const names = folded(path).split("/").map((name) => name.replace(/\.+$/, ""));
  return `/${names.filter((name) => name !== "").join("/")}`;
}

/** A server's address; undefined where the engine, or the server, could read another one out of it, or DNS (`lab7.` is `lab7`). */
function serverUrl(place: string): URL | undefined {
  const url = /^https?:/i.test(place) ? URL.parse(place) : null;
  if (!url || url.username !== "" || url.password !== "") return undefined;
  return /[%?#*;]/.test(place + url.href) || url.hostname.endsWith(".") ? undefined : url;
}

/** Why an entry of a list names no place that a symbol path can have. */
export function placeFault(entry: string): string | undefined {
  if (entry.toLowerCase() === OWN_CACHE || serverUrl(entry) || serverEntry(entry)) return undefined;
  if (/^https?:/i.test(entry)) return "no address of a server and a folder there: https://server/folder";
  if (/[*;%]/.test(entry)) {
    return "no place: each server and each folder is named by itself, the engine's own cache by cache*";
  }
  // Of a machine all shares can be meant.
  if (entry.startsWith("\\\\")) {
    return isShare(entry) || isShare(`${entry}\\x`) ? undefined : "no share that is understood";
  }
  return pathFault(windowsPath(entry));
}
