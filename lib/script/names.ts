/**
 * How entries of lists name things: processes, programs, servers. Letters are compared as Windows does, upper and lower case
 * alike.
 * @module
 */
import { fitsPattern } from "../session/pattern.ts";
import type { Need } from "./need.ts";

/** A process as the engine tells of it. */
export interface NamedProcess {
  readonly processId: number;
  /** File name of its image; empty where Windows does not tell. */
  readonly name: string;
}

/** Whether an entry is a process id. */
export function isProcessId(entry: string): boolean {
  return /^\d+$/.test(entry);
}

/** Whether an entry names an image: `app.exe`, `app` (the same) or a pattern. */
export function namesImage(entry: string, name: string): boolean {
  if (isProcessId(entry) || name === "") return entry === "*";
  return fitsPattern(entry, name) || fitsPattern(`${entry}.exe`, name);
}

/** The right to attach to a process: by its id or by its image's name. */
export function attachNeed({ processId, name }: NamedProcess): Need {
  const covers = (entry: string): boolean => isProcessId(entry) ? Number(entry) === processId : namesImage(entry, name);
  return { right: "attach", value: name === "" ? `${processId}` : name, allows: covers };
}

/** The right to attach to whatever has a name, asked for before there is a process. */
export function attachByNameNeed(name: string): Need {
  const covers = (entry: string): boolean => namesImage(entry, name) || namesImage(entry, `${name}.exe`);
  return { right: "attach", value: name, allows: covers };
}

/** The right to see which processes there are, of a name or all. */
export function listNeed(name: string | undefined): Need {
  return name === undefined ? { right: "attach" } : attachByNameNeed(name);
}

/** The right to end a program that the script did not launch. */
export function terminateNeed({ processId, name }: NamedProcess): Need {
  return { ...attachNeed({ processId, name }), right: "terminate" };
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? "";
}

/** A process server's address out of what `connect` takes. */
export interface ServerAddress {
  readonly host: string;
  readonly port: string;
  /** What the engine is given: the same parts, and nothing that was not looked at. */
  readonly options: string;
}

const TCP = /^tcp:(.+)$/i;
const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Reads `tcp:server=lab7,port=5005`; undefined for any other transport, or options that are not known. */
export function serverAddress(options: string): ServerAddress | undefined {
  const parts = TCP.exec(options)?.[1]?.split(",").map((part) => part.split("="));
  if (!parts?.every((part) => part.length === 2)) return undefined;
  const names = parts.map(([name = ""]) => name.trim().toLowerCase());
  if (new Set(names).size !== names.length) return undefined;
  const values = new Map(parts.map(([, value = ""], index) => [names[index] ?? "", value.trim()]));
  const host = (values.get("server") ?? "").replace(/^\\\\/, "").toLowerCase();
  const port = values.get("port") ?? "";
  const password = values.get("password");
  const isKnown = names.every((name) => ["server", "port", "password"].includes(name));
  if (!isKnown || !HOST.test(host) || !/^\d{1,5}$/.test(port)) return undefined;
  if (password !== undefined && !/^[\w.+-]+$/.test(password)) return undefined;
  const rest = password === undefined ? "" : `,password=${password}`;
  return { host, port: `${Number(port)}`, options: `tcp:server=${host},port=${Number(port)}${rest}` };
}

const ENTRY = /^([^:]+)(?::(\d{1,5}))?$/;

/** A machine on a list, and the port if one is named; undefined for what is neither. */
export function serverEntry(entry: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const [, host = "", port] = ENTRY.exec(entry) ?? [];
  if (!HOST.test(host) || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return { host: host.toLowerCase(), port: port === undefined ? undefined : `${Number(port)}` };
}

/** Whether an entry (`lab7:5005`, or `lab7` for every port) names a server. */
export function namesServer(entry: string, { host, port }: Pick<ServerAddress, "host" | "port">): boolean {
  const named = serverEntry(entry);
  return named?.host === host && (named.port ?? port) === port;
}

/** The right to connect to a process server. */
export function connectNeed(options: string): Need {
  const address = serverAddress(options);
  if (!address) return { right: "connect", value: options, denies: () => true };
  const covers = (entry: string): boolean => namesServer(entry, address);
  return { right: "connect", value: `${address.host}:${address.port}`, allows: covers };
}
