/** `--json FILE`: watches the count that a program writes; finds that it stands still. */
const count = (): string => Deno.readTextFileSync(Deno.args.at(-1) ?? "");
const first = count();
await new Promise((resolve) => setTimeout(resolve, 200));
if (count() === first) {
  console.log(JSON.stringify({ type: "finding", diagnostic: "beat", title: `stands still at ${first.trim()}` }));
  Deno.exitCode = 1;
}
