import type { Host, HostPart } from "../host.ts";

const HELP = `The Wine host: Windows programs, the debugger engine and a Windows compiler on a plain Debian.

Usage: deno run -A scripts/dev/host.ts <command>

  prepare [--compiler]     Fetch and make what is missing, and say where it is.
  run <deno arguments>     Run Windows' Deno in the current folder.
  exec <program> <args>    Run any Windows program in the current folder.
  tool <program> <args>    Run a compiler tool (clang, llvm-readobj, …).
  --help                   Show this text.

Everything is kept in LATCH_CACHE, or else in the "latch" folder of the user's cache folder.
LATCH_DEBIAN_MIRROR names a Debian archive where apt's sources name none.
`;

type Prepare = (parts: readonly HostPart[]) => Promise<Host>;

/** Runs one command line and returns the exit code. */
export async function main(args: readonly string[], prepare: Prepare): Promise<number> {
  const [verb, ...rest] = args;
  try {
    switch (verb) {
      case "prepare":
        return await report(rest, prepare);
      case "run":
        return await passThrough((await prepare(["wine"])).command("deno.exe", rest, INHERIT), "SIGINT");
      case "exec":
      case "tool":
        return await start(verb, rest, prepare);
      case "--help":
      case "-h":
        console.log(HELP);
        return 0;
      default:
        console.error(HELP);
        return 2;
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

const INHERIT = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;

async function report(args: readonly string[], prepare: Prepare): Promise<number> {
  const parts: HostPart[] = args.includes("--compiler") ? ["wine", "compiler"] : ["wine"];
  const host = await prepare(parts);
  console.log(`${host.kind} host ready in ${host.cache}`);
  return 0;
}

async function start(
  verb: "exec" | "tool",
  args: readonly string[],
  prepare: Prepare,
): Promise<number> {
  const [program, ...rest] = args;
  if (program === undefined) {
    console.error(`Name a program: ${verb} <program> <args>`);
    return 2;
  }
  const host = await prepare([verb === "exec" ? "wine" : "compiler"]);
  const command = verb === "exec" ? host.command(program, rest, INHERIT) : host.tool(program, rest, INHERIT);
  return await passThrough(command);
}

/**
 * Runs a command as if it were this process: same exit code, and the signals meant for us go to it. A request to end reaches a script in Wine as
 * Ctrl-C, and it can let its programs go: Windows has no SIGTERM, what gets one dies.
 */
async function passThrough(command: Deno.Command, request: Deno.Signal = "SIGTERM"): Promise<number> {
  const child = command.spawn();
  const forwards = forwardSignals(child, request);
  const status = await child.status;
  for (const [signal, forward] of forwards) Deno.removeSignalListener(signal, forward);
  return status.code;
}

function forwardSignals(child: Deno.ChildProcess, request: Deno.Signal): [Deno.Signal, () => void][] {
  // Windows has no SIGTERM to listen for; there, Ctrl-C reaches the child by itself.
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  return signals.map((signal) => {
    const forward = (): void => {
      // A terminal sends Ctrl-C to the child as well; a second one would be one too many.
      const isSent = signal === "SIGINT" && (Deno.build.os === "windows" || Deno.stdin.isTerminal());
      if (!isSent) child.kill(signal === "SIGTERM" ? request : signal);
    };
    Deno.addSignalListener(signal, forward);
    return [signal, forward];
  });
}
