/** Recipes that start a scheduler with the machine. They are printed; nothing is installed by itself. */
import { dirname } from "node:path";

/** What a recipe can be for. */
export const INSTALLERS = ["task-scheduler", "systemd", "cron"] as const;

/** What a recipe is for. */
export type Installer = typeof INSTALLERS[number];

/** What a recipe starts. */
export interface RecipeOptions {
  /** The schedule's full path. */
  readonly file: string;
  /** The program with its arguments that stands for `latch`. */
  readonly latch: readonly string[];
  /** The history's path, where it is not the usual one. */
  readonly history?: string | undefined;
}

/** The recipe as text, its steps in comments. */
export function recipe(installer: Installer, options: RecipeOptions): string {
  const words = [...options.latch, "schedule", options.file];
  if (options.history !== undefined) words.push(`--history=${options.history}`);
  switch (installer) {
    case "systemd":
      return systemd(words, options.file);
    case "cron":
      return cron(words, options.file);
    case "task-scheduler":
      return taskScheduler(words, options.file);
  }
}

function systemd(words: readonly string[], file: string): string {
  // In a unit, % begins a specifier and $ a variable.
  const quoted = words.map((word) => `"${word.replace(/[\\"]/g, "\\$&").replace(/[%$]/g, "$&$&")}"`).join(" ");
  return `# 1. Write this to ~/.config/systemd/user/latch-schedule.service
# 2. systemctl --user daemon-reload
# 3. systemctl --user enable --now latch-schedule
# 4. loginctl enable-linger    (so that it runs while you are not logged in)
[Unit]
Description=Latch schedule

[Service]
ExecStart=${quoted}
WorkingDirectory=${dirname(file).replace(/%/g, "%%")}
# The scheduler ends its runs itself, and records how they ended.
KillMode=mixed
TimeoutStopSec=60
Restart=on-failure

[Install]
WantedBy=default.target
`;
}

function cron(words: readonly string[], file: string): string {
  // In a crontab, % ends the command.
  const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`.replaceAll("%", "\\%");
  const command = `cd ${quote(dirname(file))} && exec ${words.map(quote).join(" ")}`;
  return `# crontab -e, and add this line: cron starts the scheduler with the machine, and the scheduler runs the jobs.
@reboot ${command} >> "$HOME/latch-schedule.log" 2>&1
`;
}

function taskScheduler(words: readonly string[], file: string): string {
  const [program = "", ...args] = words;
  const xml = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- 1. Write this to latch-schedule.xml
     2. schtasks /create /tn "Latch schedule" /xml latch-schedule.xml
     3. schtasks /run /tn "Latch schedule" -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xml(program)}</Command>
      <Arguments>${xml(args.map(windowsQuoted).join(" "))}</Arguments>
      <WorkingDirectory>${xml(dirname(file))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

/** A word of a Windows command line. */
function windowsQuoted(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}
