import { parseArgs } from "node:util";

/** What a command line of `deno task test` asks for. */
export interface Words {
  /** Parts of file names; none for all files. */
  readonly names: readonly string[];
  readonly kind: "all" | "native" | "live";
  /** Whether those files are meant that a run of all leaves out, unless it is long. */
  readonly isRest: boolean;
  /** Whether tests try as often as it takes. */
  readonly isLong: boolean;
  /** How long the files with long counts may take together. */
  readonly minutes: number | undefined;
  /** How long a file may take, in seconds; without it, as the plan has it. */
  readonly timeout: number | undefined;
  readonly lanes: number;
  /** Which tests of the files, as `deno test` takes it: a part of their names, or `/…/`; without it, all. */
  readonly filter: string | undefined;
}

/**
 * Reads a command line.
 *
 * @throws {TypeError} for an option that is not there, or a number that is none.
 */
export function readWords(args: readonly string[]): Words {
  const { values, positionals: names } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ native: { type: "boolean" }, live: { type: "boolean" }, long: { type: "boolean" } } as const,
      ...{ rest: { type: "boolean" }, filter: { type: "string" } } as const,
      ...{ minutes: { type: "string" }, timeout: { type: "string" }, lanes: { type: "string" } } as const,
    },
  });
  const { native, live, rest: isRest = false, long: isLong = false, filter } = values;
  const minutes = readNumber("minutes", values.minutes);
  if (minutes !== undefined && !isLong) throw new TypeError("--minutes is for long counts: add --long");
  const kind = native === live ? "all" : native ? "native" : "live";
  const timeout = readNumber("timeout", values.timeout);
  const lanes = laneCount(readNumber("lanes", values.lanes));
  return { names, kind, isRest, isLong, minutes, timeout, lanes, filter };
}

function readNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new TypeError(`--${name}=${value} is no number from 1 on`);
  return Number(value);
}

/** Windows has no prefixes, so that lanes would meet there. */
function laneCount(asked: number = 2): number {
  return Deno.build.os === "windows" ? 1 : asked;
}
