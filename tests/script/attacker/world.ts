/** What there is to attack, and by which entries lists name it: written down by hand. */
import type { Entries, Thing } from "./rights.ts";

/** A process that a script may come upon. */
export interface KnownProcess {
  readonly processId: number;
  readonly name: string;
  /** The entries below that mean it. */
  readonly entries: readonly string[];
}

/** A text that is about one thing, and how lists see that. */
export interface Row extends Omit<Thing, "right"> {
  readonly text: string;
  /** Does harm where it is carried out: it is tried only by those who must not. */
  readonly isHarmful?: true;
}

/** All that an attack is about. */
export interface World {
  /** The one that scripts have the right to, mostly, and one that no list names. */
  readonly mine: KnownProcess;
  readonly other: KnownProcess;
  /** Ids of processes that nobody is to touch, and of none. */
  readonly strangers: readonly number[];
  /** One that confines scripts: no right is enough for it. */
  readonly self?: KnownProcess;
  readonly launches: readonly Row[];
  readonly dumps: readonly Row[];
  readonly symbols: readonly Row[];
  readonly servers: readonly Row[];
  readonly commands: readonly Row[];
  readonly expressions: readonly Row[];
  readonly entries: Entries;
}

/** What a world is made of. */
export interface WorldParts {
  readonly mine: number;
  readonly other: number;
  /** Ends the names of both. */
  readonly mark: string;
  readonly strangers: readonly number[];
  /** A folder as Windows names it, in lower case. */
  readonly folder: string;
  /** What stands behind a program in a launch: what it is told, once it may run and once it may not. */
  readonly counts: readonly [string, string];
}

/** Commands of the engine's, all of them harmless. */
const COMMANDS: readonly Row[] = [
  { text: "lm", grants: ["lm"] },
  { text: " lm ", grants: ["lm"] },
  { text: "lm m nt*", grants: ["lm"] },
  { text: "LM", denies: ["lm"] },
  { text: "lmx", denies: ["lm"] },
  { text: ".echo hi", grants: [".echo"] },
  { text: ".echo hi;.echo more", denies: "any" },
  { text: ".echo $$ more", denies: "any" },
  { text: ".echo %OS% %OS%", denies: "any" },
  { text: ".echo hi\n.echo more", denies: "any" },
  { text: "~", grants: ["~"], denies: "any" },
  { text: "~*k", denies: "any" },
  { text: "? 1", grants: ["? 1"] },
  { text: "? 1+1", denies: ["? 1"] },
  { text: "k", denies: [] },
  { text: "version", denies: [] },
];

/** Expressions that read, and others, which only the whole right to commands is enough for. */
const EXPRESSIONS: readonly Row[] = [
  ...["1+1", "poi(@rsp)", "@rip", "nothing!here", "(1 + 2) * 3", "@$peb"].map((text) => ({ text })),
  ...["1 == 1", "@@(1)", "@@c++(1)", "'a'", "$$ 1", "1 < 2"].map((text) => ({ text, denies: "any" as const })),
];

const SERVERS: readonly Row[] = [
  { text: "tcp:server=127.0.0.1,port=1", grants: ["127.0.0.1:1", "127.0.0.1"] },
  { text: "TCP:port=00001,server=127.0.0.1", grants: ["127.0.0.1:1", "127.0.0.1"] },
  { text: "tcp:server=127.0.0.1,port=2", grants: ["127.0.0.1"] },
  { text: "tcp:server=127.0.0.10,port=1", isHarmful: true },
  { text: "tcp:server=lab7,port=5005", isHarmful: true },
  { text: "tcp:server=127.0.0.1,port=1,clicon=lab7", denies: "any", isHarmful: true },
  { text: "npipe:server=127.0.0.1,pipe=x", denies: "any", isHarmful: true },
];

/** A world with two processes and a folder. */
export function makeWorld({ mine, other, mark, strangers, folder, counts }: WorldParts): World {
  const name = `beat-${mark}.exe`;
  const at = (path: string): string => `${folder}\\${path}`;
  const named = [name, `beat-${mark}`, `BEAT-*.exe`, `${mine}`];
  const [ran, done] = counts;
  const run = at(`run-${mark}.exe`);
  const evil = at(`evil-${mark}.exe`);
  // A deny by the name alone is for all files of that name, and one by a path for the name as well.
  const denies = [run, `run-${mark}.exe`];
  return {
    mine: { processId: mine, name, entries: named },
    other: { processId: other, name: `rest-${mark}.exe`, entries: [] },
    strangers,
    commands: COMMANDS,
    expressions: EXPRESSIONS,
    servers: SERVERS,
    launches: [
      { text: `"${run}" ${ran}`, grants: [run], denies },
      { text: `${run} ${ran}`, grants: [run], denies },
      { text: `${folder.replaceAll("\\", "/")}/x/../run-${mark}.exe ${ran}`, grants: [run], denies },
      { text: `${evil} ${done}` },
      { text: `${at(`x\\..\\evil-${mark}.exe`)} ${done}` },
      { text: `run-${mark}.exe ${ran}`, grants: [`run-${mark}.exe`], denies },
      { text: "cmd.exe /c exit", isHarmful: true },
      { text: at("run.bat"), isHarmful: true },
    ],
    dumps: [
      { text: at("dumps\\one.dmp"), grants: [at("dumps"), at("dumps\\one.dmp")] },
      { text: at("dumps/./x/../two.dmp"), grants: [at("dumps")] },
      { text: at("outside\\evil.dmp") },
      { text: at("dumps\\..\\outside\\evil.dmp") },
      { text: at("dumps2\\evil.dmp") },
      { text: at("evil.dmp") },
    ],
    symbols: [
      { text: at("pdb"), grants: [at("pdb")] },
      { text: `srv*${at("pdb")}*${at("pdb")}`, grants: [at("pdb")] },
      { text: at("outside") },
      { text: "\\\\lab7\\symbols", isHarmful: true },
      { text: "https://lab7/x", denies: ["cache*"], isHarmful: true }, // into the engine's own cache
      { text: "cache*", grants: ["cache*"] },
    ],
    entries: {
      attach: [...named, "nobody.exe"],
      terminate: [...named, "nobody.exe"],
      launch: denies,
      connect: ["127.0.0.1:1", "127.0.0.1", "nobody"],
      execute: ["lm", ".echo", "~", "? 1"],
      dump: [at("dumps"), at("dumps\\one.dmp")],
      symbols: [at("pdb"), "cache*", "nobody:1"],
    },
  };
}
