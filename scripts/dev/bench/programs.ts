/** The programs that measurements are made of. */
import { join } from "node:path";
import type { Host } from "../host.ts";
import { type Hosting } from "./measured/hosting.ts";
import { RUN_MARK } from "./run.ts";

/** Where things lie. */
export interface Places {
  readonly host: Host;
  /** Folder of a checkout, whose library is measured. */
  readonly root: string;
  /** Folder of the debuggees and of the native client. */
  readonly debuggees: string;
  /** A dump to read from. */
  readonly dump: string;
}

/** Programs of a place; paths are as Windows sees them. */
export interface Programs {
  readonly engine: string;
  readonly dump: string;
  debuggee(name: string): string;
  client(...args: string[]): Deno.Command;
  script(name: string, ...args: string[]): Deno.Command;
  /** A script with a hosting: this Deno runs what has a host. */
  hosted(hosting: Hosting | "direct", name: string, ...args: string[]): Deno.Command;
}

/** The client in C hosts the engine itself: Wine is not to load its own for it. */
export const CLIENT = { WINEDLLOVERRIDES: "dbgcore,dbgeng,dbghelp,dbgmodel=n,b" } as const;

/** What the measured scripts need when they are confined. */
const RIGHTS = ["--allow-launch", "--allow-attach", "--allow-read-memory", "--allow-execute"];

/** How programs that are measured are run. */
export const PIPED = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

/** The programs of a place. */
export function programsAt({ host, root, debuggees, dump }: Places): Programs {
  const options = { ...PIPED, cwd: root, env: RUN_MARK };
  const engine = host.windowsPath(host.engine);
  const debuggee = (name: string): string => host.windowsPath(join(debuggees, name));
  const path = (name: string): string => `scripts/dev/bench/measured/${name}`;
  const script: Programs["script"] = (name, ...args) =>
    host.command("deno.exe", ["run", "--allow-ffi", path(name), ...args], options);
  const native = (...words: string[]): Deno.Command =>
    new Deno.Command(Deno.execPath(), { ...options, args: words, env: { ...RUN_MARK, LATCH_HOST: host.deno } });
  const clientEnv = { ...RUN_MARK, ...CLIENT };
  return {
    engine,
    dump: host.windowsPath(dump),
    debuggee,
    client: (...args) => host.command(debuggee("client.exe"), [engine, ...args], { ...options, env: clientEnv }),
    script,
    hosted(hosting, name, ...args): Deno.Command {
      if (hosting === "host") return native("run", "--allow-run", "--no-config", path(name), ...args);
      if (hosting !== "confined") return script(name, ...args);
      return native("run", "-A", "lib/cli/latch.ts", "run", "--no-prompt", ...RIGHTS, "--", path(name), ...args);
    },
  };
}
