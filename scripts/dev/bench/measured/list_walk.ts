/**
 * Walks the list of values.exe by the program's own types, at the break where it stops by itself. One JSON object on stdout.
 * Run by bench.ts inside the host: `list_walk.ts ENGINE worker|inline|host|confined values.exe NODES`.
 * @module
 */
import { DebugSession } from "../../../../mod.ts";
import { hostingOptions } from "./hosting.ts";

const [engine = "", way = "", ...command] = Deno.args;
await using session = new DebugSession(hostingOptions(engine, way));
session.on("exception", async ({ program }) => {
  const head = await program.variable("values!g_list");
  let nodes = 0;
  let sum = 0n;
  const start = performance.now();
  for await (const node of program.list("values!shop::Node", head, "next")) {
    sum += BigInt(await node.field("number").read() as number);
    nodes++;
  }
  const nodeUs = (performance.now() - start) * 1e3 / nodes;
  console.log(JSON.stringify({ nodes, sum: Number(sum), nodeUs }));
  await program.terminate();
});
await session.launch(command);
await session.wait();
