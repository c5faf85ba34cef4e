import { Command } from "npm:commander@15.1.0";
import { act } from "../action.ts";
import type { Finding } from "../doctor.ts";
import { EXIT } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { userMessage, type Where } from "../open.ts";
import { engineOption, hostOption, jsonOption, symbolsOption } from "../options.ts";
import type { Output, Style } from "../output.ts";
import { clean } from "../text.ts";

interface DoctorOptions extends Where {
  readonly json?: boolean;
}

/** `latch doctor`: whether everything is there. */
export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description("look whether everything is there: engine, DLLs, Wine, permissions; really launch and attach")
    .addOption(hostOption()).addOption(engineOption()).addOption(symbolsOption()).addOption(jsonOption())
    .action((options: DoctorOptions) => examineAll(options));
  return withExamples(
    command,
    ["latch doctor", "exit code 0 when all is well, 4 otherwise"],
    ["latch doctor --json", "one JSON object for each thing that was looked at"],
    ["latch doctor --engine 'C:\\dbg'", "the engine of that folder"],
  );
}

function examineAll(options: DoctorOptions): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const { examine } = await import("../doctor.ts");
    let troubles = 0;
    for await (const finding of examine(options, signal)) {
      if (finding.state === "trouble") troubles++;
      if (output.json) output.record(finding);
      else print(finding, output, options);
    }
    if (!output.json) output.line(troubles === 0 ? "all is well" : `${troubles} to be put right`);
    return troubles === 0 ? EXIT.done : EXIT.engine;
  });
}

const STYLES: Readonly<Record<Finding["state"], Style>> = { ok: "green", note: "dim", trouble: "red" };

function print({ state, name, text, details, advice }: Finding, output: Output, where: Where): void {
  const said = (words: string): string => clean(userMessage(words, where));
  output.line(`${output.paint(STYLES[state], state.padEnd(8))}${name.padEnd(12)}${said(text)}`);
  for (const detail of details ?? []) output.line(" ".repeat(20) + said(detail));
  if (advice) output.line(" ".repeat(20) + output.paint("yellow", said(advice)));
}
