/** `latch` with its commands for schedules alone: quick to start. */
import { Command } from "npm:commander@15.1.0";
import { historyCommand } from "../../lib/cli/commands/history.ts";
import { scheduleCommand } from "../../lib/cli/commands/schedule.ts";

if (import.meta.main) {
  try {
    await new Command("latch").enablePositionalOptions().addCommand(scheduleCommand()).addCommand(historyCommand())
      .parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = error instanceof Error && error.name === "UsageError" ? 2 : 1;
  }
  Deno.exit();
}
