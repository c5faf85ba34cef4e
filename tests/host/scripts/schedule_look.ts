/** `--json NAME`: looks at a process that runs, and finds its modules. */
import { attach } from "../../../mod.ts";

try {
  await using program = await attach(Deno.args.at(-1) ?? "", { noninvasive: true });
  const names = (await program.modules()).map(({ imageName }) => imageName);
  console.log(JSON.stringify({ type: "finding", diagnostic: "look", title: `${names.length} modules`, names }));
  Deno.exitCode = 1;
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  Deno.exitCode = 2;
}
