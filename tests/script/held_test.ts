/** What one confined script can make its host hold, in bytes of the host's process, and how a script that wants more is ended. */
import assert from "node:assert/strict";
import { some } from "../count.ts";
import { join } from "node:path";

/** Frames as they cross the stream, without Latch. */
const RAW = `
const encoder = new TextEncoder();
const print = (text) => {
  for (let rest = typeof text === "string" ? encoder.encode(text) : text; rest.length > 0;) {
    rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
};
const greet = () => print('\\0{"hello":"latch","version":4}\\n');
const open = () => print('\\0{"id":1,"call":"open","values":[{}]}\\n');
/** A call of so many megabytes that all are one text. */
const call = (text, megabytes, id = 2, name = "processes") => {
  print(\`\\0{"id":\${id},"call":"\${name}","values":[\`);
  const part = encoder.encode(text.repeat((1 << 18) / encoder.encode(text).length));
  for (let sent = 0; sent < megabytes << 20; sent += part.length) print(part);
  print("0]}\\n");
};
const rest = () => new Promise((resolve) => setTimeout(resolve, 60_000));
`;

interface Way {
  readonly source: string;
  /** How it is ended. */
  readonly reason: string;
  /** Megabytes that it may have its host hold. */
  readonly most: number;
  /** Whether its engine answers. */
  readonly opens?: true;
}

/** The calls that wait, what is under way of one, and what the collector leaves for later. */
const MOST = 150;

const WAYS: Readonly<Record<string, Way>> = {
  "long calls of empty lists": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) call("[],", 15, id); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "long calls of empty records": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) call("{},", 15, id); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "long calls of numbers": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) call("7,", 15, id); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "long calls of text beyond Latin": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) call('"中文字",', 15, id); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "long calls that are writes": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) call('"AAAA",', 5, id, "write"); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "as much as may wait, for as long as it may": {
    source: `greet(); open(); for (let id = 2; id < 4; id++) call("[],", 15, id); await rest();`,
    ...{ reason: "deadline", most: MOST },
  },
  "one long call of lists, on its turn": {
    source: `greet(); call("[],", 15); await rest();`,
    ...{ reason: "protocol", most: MOST },
  },
  "a long call of keys, on its turn": {
    source: `greet(); print('\\0{"id":2,"call":"attach","values":[{'); let key = 0;
      for (let i = 0; i < 200; i++) print(Array.from({ length: 1_000 }, () => \`"k\${key++}":1,\`).join(""));
      print('"z":1}]}\\n'); await rest();`,
    ...{ reason: "protocol", most: MOST },
  },
  "a greeting of lists": { source: `call("[],", 15); await rest();`, reason: "protocol", most: MOST },
  "a sign of life of lists": {
    source: `greet(); print('\\0{"beat":"ask","more":['); print("[],".repeat(5 << 20)); print("0]}\\n"); await rest();`,
    ...{ reason: "protocol", most: MOST },
  },
  "a message without an end": {
    source: `greet(); print("\\0"); for (;;) print(" ".repeat(1 << 20));`,
    ...{ reason: "protocol", most: MOST },
  },
  "a message byte by byte": {
    source: `greet(); print("\\0["); for (let i = 0; i < 100_000; i++) print(" "); await rest();`,
    ...{ reason: "deadline", most: MOST },
  },
  "many short calls of lists": {
    source: `greet(); open(); for (let id = 2; id < 250; id++) print(\`\\0{"id":\${id},"call":"x","values":[\${
      "[],".repeat(300)}0]}\\n\`); await rest();`,
    ...{ reason: "deadline", most: MOST },
  },
  "more short calls than may wait": {
    source:
      `greet(); open(); for (let id = 2; id < 10_000; id++) print(\`\\0{"id":\${id},"call":"x","values":[]}\\n\`); await rest();`,
    ...{ reason: "flood", most: MOST },
  },
  "signs of life without an end": {
    source: `greet(); for (;;) print('\\0{"beat":"ask"}\\n'.repeat(1_000));`,
    ...{ reason: "deadline", most: MOST },
  },
  "interrupts without an end": {
    source: `greet(); open(); for (;;) print('\\0{"interrupt":true}\\n{"noted":1}\\n'.repeat(1_000));`,
    ...{ reason: "deadline", most: MOST },
  },
  "output without an end, to a slow reader": {
    source: `for (const text = encoder.encode("x".repeat(1 << 20)); ;) Deno.stderr.writeSync(text);`,
    ...{ reason: "deadline", most: MOST },
  },
  "long answers that it leaves": {
    source: `greet(); print('\\0{"id":1,"call":"open","values":[{}]}\\n');
      print('\\0{"id":2,"call":"attach","values":[{"server":{"$bigint":"0"},"processId":7}]}\\n');
      print('\\0{"id":3,"call":"run","values":["go"]}\\n');
      for (let id = 4; id < 250; id++) {
        print(\`\\0{"id":\${id},"call":"read","values":[{"processId":7},{"$bigint":"1"},4194304]}\\n\`);
      }
      Deno.kill(Deno.pid, "SIGSTOP");`,
    ...{ reason: "deadline", most: MOST, opens: true },
  },
  "notices that it leaves": {
    source: `greet(); print('\\0{"id":1,"call":"open","values":[{}]}\\n');
      print('\\0{"id":2,"call":"attach","values":[{"server":{"$bigint":"0"},"processId":7}]}\\n');
      print('\\0{"id":3,"call":"run","values":["go"]}\\n\\0{"id":4,"call":"run","values":["go"]}\\n');
      Deno.kill(Deno.pid, "SIGSTOP");`,
    ...{ reason: "deadline", most: 300, opens: true },
  },
};

/** What came of a script. */
interface Outcome {
  readonly reason: string;
  readonly held: number;
  readonly calls: number;
}

/** Runs a script in a host of its own. */
async function outcome({ source, reason, opens }: Way): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const script = join(folder, "main.ts");
    const seconds = reason === "deadline" ? "4" : "60";
    await Deno.writeTextFile(script, RAW + source);
    const args = [
      "run",
      "-A",
      "--no-check",
      new URL("held_host.ts", import.meta.url).href,
      script,
      seconds,
      ...opens ? ["opens"] : [],
    ];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    assert.equal(code, 0, err.slice(0, 1_000));
    return JSON.parse(out);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, way] of some(Object.entries(WAYS), 8)) {
  Deno.test(
    { name: `${name}: the host holds little, and the script is ended`, ignore: Deno.build.os !== "linux" },
    async () => {
      const { reason, held, calls } = await outcome(way);
      if (Deno.env.has("SHOW")) console.log(name, reason, held, calls);
      assert.deepEqual([name, reason], [name, way.reason]);
      assert.ok(held < way.most, `${held} MB`);
    },
  );
}

Deno.test("a script that is longer than 16 MB is refused by latch run before it is read whole", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const script = join(folder, "long.ts");
    await Deno.writeTextFile(script, `console.log("ran");//${"x".repeat(16 << 20)}`);
    const latch = new URL("../../lib/cli/latch.ts", import.meta.url).href;
    const args = ["run", "-A", "--no-check", latch, "run", "--no-prompt", script];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.deepEqual([code, new TextDecoder().decode(stdout)], [2, ""]);
    assert.match(new TextDecoder().decode(stderr), /it is longer than 16 MB/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
