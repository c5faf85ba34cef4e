/**
 * Where the header and the C compiler come from.
 *
 * @module
 */

import type { Compile } from "./object_values.ts";

/** What the generator and its proof need of the machine. */
export interface Toolchain {
  /** The text of the pinned dbgeng.h. */
  readonly header: string;
  readonly compile: Compile;
}

/** Takes `--header FOLDER` and, where clang is in a chroot, `--root FOLDER`. */
export async function findToolchain(args: readonly string[]): Promise<Toolchain> {
  const folder = option(args, "--header");
  if (folder === null) throw new Error("No --header");
  const root = option(args, "--root");
  const header = await Deno.readTextFile(`${folder}/dbgeng.h`);
  return {
    header,
    async compile(source, clangArgs) {
      const [command, ...rest]: string[] = root === null ? ["clang"] : ["chroot", root, "clang"];
      if (root !== null) {
        await Deno.mkdir(`${root}/tmp/latch`, { recursive: true });
        await Deno.writeTextFile(`${root}/tmp/latch/dbgeng.h`, header);
        rest.push("-I/tmp/latch");
      } else rest.push(`-I${folder}`);
      const child = new Deno.Command(command ?? "", {
        args: [...rest, ...clangArgs],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const output = child.output();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(source));
      await writer.close();
      const { success, stdout, stderr } = await output;
      if (!success) throw new Error(`Cannot compile: ${new TextDecoder().decode(stderr)}`);
      return stdout;
    },
  };
}

function option(args: readonly string[], name: string): string | null {
  const at = args.indexOf(name);
  return at < 0 ? null : args[at + 1] ?? null;
}
