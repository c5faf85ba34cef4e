/** What is asked for on the command line. */
import { parseArgs } from "node:util";
import { type Counts, countsOf, type PlannedSection, sections } from "./sections.ts";

export const HELP = `deno task bench [--rounds N] [--only NAME]... [--against COMMIT] [--peers] [--short] [--json]
deno task bench --scale FILE.svg [--up-to N] [--rounds N] [--json]

  --rounds N        counted rounds, 5 if not given, with --scale 1; one more before them warms up, but not with --scale
  --only NAME       only this section: ${sections(countsOf(false)).map(({ name }) => name).join(", ")}
  --against COMMIT  that commit's library beside this tree's, in the same rounds; this tree's scripts measure both
  --peers           clients in C# and in Node with koffi, too; they are built the first time, which takes dotnet and npm
  --short           little of everything, and nothing warms up: does it work, and do all see the same? The figures are none
  --scale FILE.svg  what an event, a process and a module costs beside few and many others, and a plot of that
  --up-to N         with --scale: how many events, processes and modules at most, 1,000,000 if not given
  --json            all values as JSON`;

/** The sections to measure. */
export interface TableRequest {
  readonly rounds: number;
  readonly short: boolean;
  readonly counts: Counts;
  readonly plan: readonly PlannedSection[];
  readonly against: string | undefined;
  readonly peers: boolean;
  readonly json: boolean;
}

/** What scales how. */
export interface ScaleRequest {
  /** File of the plot. */
  readonly scale: string;
  readonly rounds: number;
  readonly upTo: number;
  readonly json: boolean;
}

/**
 * Reads the command line; undefined where help was asked for.
 * @throws {Error} that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): TableRequest | ScaleRequest | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      against: { type: "string" },
      peers: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      scale: { type: "string" },
      "up-to": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { only, against, peers, short, scale, json } = values;
  if (values.help) return undefined;
  const rounds = countOf("rounds", values.rounds, scale === undefined ? 5 : 1);
  const upTo = countOf("up-to", values["up-to"], 1_000_000);
  if (scale !== undefined) {
    if (only.length > 0 || against !== undefined || peers || short) {
      throw new Error("Cannot measure both: --scale goes with --up-to, --rounds and --json alone");
    }
    return { scale, rounds, upTo, json };
  }
  if (values["up-to"] !== undefined) throw new Error("Cannot bound the table: --up-to is of --scale");
  const counts = countsOf(short);
  return { rounds, short, counts, plan: chosen(sections(counts, peers), only), against, peers, json };
}

function countOf(name: string, text: string | undefined, otherwise: number): number {
  const count = Number(text ?? otherwise);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`Cannot measure: --${name} ${text} is no number of 1 or more`);
}

function chosen(all: readonly PlannedSection[], only: readonly string[]): PlannedSection[] {
  const unknown = only.find((name) => !all.some((section) => section.name === name));
  if (unknown !== undefined) throw new RangeError(`Cannot measure "${unknown}"\n\n${HELP}`);
  // Memory is read where Linux keeps it.
  const isWanted = (name: string): boolean => only.length === 0 ? name !== "memory" || isLinux : only.includes(name);
  return all.filter(({ name }) => isWanted(name));
}

const isLinux = Deno.build.os === "linux";
