import { Argument, Command } from "npm:commander@15.1.0";
import { act } from "../action.ts";
import { withExamples } from "../help.ts";

/** Shells that completions are made for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** `latch completions`: a script for a shell. */
export function completionsCommand(): Command {
  const command = new Command("completions")
    .description("print a script with which a shell completes what is typed")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action((shell: typeof SHELLS[number]) => print(shell, command));
  return withExamples(
    command,
    ["latch completions bash > ~/.local/share/bash-completion/completions/latch", "for bash"],
    ["latch completions zsh > ~/.zfunc/_latch", "for zsh, with ~/.zfunc in fpath"],
    ["latch completions fish > ~/.config/fish/completions/latch.fish", "for fish"],
    ["latch completions powershell >> $PROFILE", "for PowerShell"],
  );
}

function print(shell: typeof SHELLS[number], command: Command): Promise<void> {
  return act({}, async ({ output }) => {
    const { completionScript } = await import("../completions.ts");
    const root = command.parent ?? command;
    for (const line of completionScript(shell, root).trimEnd().split("\n")) output.line(line);
  });
}
