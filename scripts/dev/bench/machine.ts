/** The machine: what it is, and one processor of it for the whole run. */
import { findProgram } from "../../../lib/cli/host/process.ts";
import { serversOf } from "../gates/processes.ts";

/**
 * Ties this process, and with it all that it starts, to one processor, if the system can. Under Wine each step of a debugged
 * program goes through Wine's server: on which processors the three happen to run makes more difference than what is measured.
 * @returns What came of it, for the reader.
 */
export async function pinToOneProcessor(): Promise<string> {
  if (Deno.build.os !== "linux") return "not pinned";
  if (!findProgram("taskset")) return "not pinned: there is no taskset";
  const processor = allowedProcessors("self").at(-1) ?? 0;
  const args = ["--all-tasks", "--cpu-list", "--pid", `${processor}`, `${Deno.pid}`];
  const { success } = await new Deno.Command("taskset", { args, stdout: "null", stderr: "null" }).output();
  return success ? `pinned to processor ${processor}` : "not pinned: taskset failed";
}

/** A server of Wine that ran before is used by others too, and stays where it is: this tells of it. */
export function unpinnedServer(prefix: string): string {
  const isUnpinned = serversOf(prefix).some((pid) => allowedProcessors(`${pid}`).length > 1);
  return isUnpinned ? ", but for Wine's server, which ran before" : "";
}

/** Numbers of the processors that a process may use. */
function allowedProcessors(pid: string): number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "";
  return parseProcessorList(list);
}

/** Reads Linux' list of processors, for example `0-2,5`. */
export function parseProcessorList(list: string): number[] {
  return list.split(",").filter((part) => part !== "").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The processor's name and how many there are. */
export function processorName(): string {
  const model = /^model name\s*:\s*(.*)$/m.exec(read("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  return `${model}, ${navigator.hardwareConcurrency} processors`;
}

/** Empty when the file is not there or is another user's. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
