/** Scripts that live tests run by a Deno process of their own: a process can have one engine, and permissions of its own. */
import { join } from "node:path";
import { engineFolder, scratch } from "./support.ts";

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly seconds: number;
}

/** How to run a script. */
export interface ScriptOptions {
  /** Flags for Deno, permissions above all. @default {["--allow-ffi"]} */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  /** Windows' Deno. @default {Deno.execPath()} */
  readonly deno?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the script is told something on its way. @default {"null"} */
  readonly stdin?: "piped" | "null";
}

/** A script's first line: everything that mod.ts exports, as `latch`, and the engine that tests use, as `engine`. */
function prelude(): string {
  const module = new URL("../../mod.ts", import.meta.url).href;
  return `import * as latch from ${JSON.stringify(module)};\nconst engine = ${JSON.stringify(engineFolder())};\n`;
}

/** Starts a script; `latch` and `engine` are there for it. Disposal ends its process and deletes the script. */
export function startScript(
  code: string,
  options: ScriptOptions = {},
): { readonly child: Deno.ChildProcess } & Disposable {
  const folder = scratch();
  const file = join(folder.path, "script.ts");
  Deno.writeTextFileSync(file, prelude() + code);
  const flags = options.flags ?? ["--allow-ffi"];
  const child = new Deno.Command(options.deno ?? Deno.execPath(), {
    args: ["run", "--no-check", "--no-config", ...flags, file, ...(options.args ?? [])],
    env: { NO_COLOR: "1", ...options.env },
    stdin: options.stdin ?? "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isEnded = false;
  child.status.then(() => isEnded = true);
  return {
    child,
    [Symbol.dispose]: (): void => {
      if (!isEnded) child.kill("SIGKILL");
      folder[Symbol.dispose]();
    },
  };
}

/** Runs a script to its own end; one that does not end within `limit` seconds fails the test. */
export async function runScript(code: string, options: ScriptOptions = {}, limit = 20): Promise<ScriptEnd> {
  const start = performance.now();
  using script = startScript(code, options);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`The script ran longer than ${limit} s:\n${code}`)),
    1000 * limit,
  );
  try {
    const { code: exit, stdout, stderr } = await Promise.race([script.child.output(), late.promise]);
    const seconds = (performance.now() - start) / 1000;
    const decoder = new TextDecoder();
    return { code: exit, out: decoder.decode(stdout), err: decoder.decode(stderr), seconds };
  } finally {
    clearTimeout(timer);
  }
}
