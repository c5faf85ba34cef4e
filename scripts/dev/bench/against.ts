/** Another commit's library beside this one's. */
import { join } from "node:path";
import { run } from "../../../lib/cli/host/process.ts";

/** What measures is taken from this tree: both libraries do the same work. */
const MEASURED = "scripts/dev/bench/measured";

/** A commit that is measured too. */
export interface OtherCommit {
  /** As the table names it. */
  readonly name: string;
  /** Folder of its files. */
  readonly root: string;
}

/**
 * Unpacks a commit into a folder, with the measuring scripts of this tree.
 * @throws {Error} when there is no such commit.
 */
export async function unpackCommit(root: string, commit: string, folder: string): Promise<OtherCommit> {
  const archive = join(folder, "commit.tar");
  const target = join(folder, "commit");
  const hash =
    (await run("git", ["rev-parse", "--verify", "--quiet", `${commit}^{commit}`], { cwd: root }).catch(() => {
      throw new Error(`Cannot compare with ${commit}: there is no such commit`);
    })).trim();
  await Deno.mkdir(target);
  await run("git", ["archive", `--output=${archive}`, hash], { cwd: root });
  await run("tar", ["-xf", archive, "-C", target]);
  await Deno.remove(archive);
  await Deno.remove(join(target, "scripts/dev/bench"), { recursive: true }).catch(() => {}); // older ones have none
  await Deno.mkdir(join(target, MEASURED), { recursive: true });
  for await (const { name } of Deno.readDir(join(root, MEASURED))) {
    await Deno.copyFile(join(root, MEASURED, name), join(target, MEASURED, name));
  }
  return { name: hash.slice(0, 7), root: target };
}

/** Why another commit's library was not measured, in a few words: what its script said, or what it lacks. */
export function reasonOf(message: string): string {
  // deno-lint-ignore no-control-regex -- Deno's colours
  const lines = message.replaceAll(/\x1b\[[0-9;]*m/g, "").split("\n").map((line) => line.trim());
  const said = lines.find((line) => /error: /i.test(line)) ?? lines[0] ?? "";
  const words = said.replace(/^Cannot measure .*? and said /, "").replace(
    /^error: (Uncaught )?(\(in promise\) )?/i,
    "",
  );
  const short = words.replaceAll(/file:\/\/\S*\/commit\//g, "").replaceAll(/["']/g, "");
  return short.length <= MOST ? short : `${short.slice(0, MOST - 1)}…`;
}

const MOST = 90;
