/** What there is to see of a program's values at its first exception. */
import { launch } from "../../../../mod.ts";

const first = async (name: string, act: () => Promise<unknown>): Promise<void> => {
  const said = await act().catch((error: unknown) => `${error}`.replace(/,.*/s, ""));
  console.log(name, said);
};

await using program = await launch(Deno.args);
const { threadId } = await program.next("exception");
const [local] = await program.thread(threadId).locals();
if (program.name === "values.exe") {
  const order = await program.variable("values!g_order");
  console.log(order.type.name, order.type.size);
  await first("id", () => order.field("id").read());
  await first(local?.name ?? "", async () => await local?.value?.read());
  await first("write", async () => {
    await order.field("id").write(5);
    return await order.field("id").read();
  });
} else await first(local?.name ?? "", async () => await local?.value?.read());
await first("breakpoint", async () => {
  const breakpoint = await program.breakpoint(program.image.base);
  const { state } = breakpoint;
  await breakpoint.remove();
  return state;
});
await first(
  "line",
  async () => (await program.lineAt((await program.thread(threadId).stack(1))[0]?.address ?? 0n))?.line,
);
await first("step", async () => (await program.thread(threadId).stepOver({ unit: "line" })).reason);
