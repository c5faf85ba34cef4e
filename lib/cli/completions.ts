/**
 * Scripts for shells that complete what is typed, made from the command tree.
 * @module
 */
import type { Command, Option } from "npm:commander@15.1.0";
import { SHOWN_EVENTS } from "./options.ts";

/** An option as completions see it. */
export interface OptionNode {
  readonly long: string;
  readonly short: string | undefined;
  readonly text: string;
  /** Undefined for one without a value; values to choose from, or none where any file will do. */
  readonly values: readonly string[] | undefined;
}

/** A command as completions see it. */
export interface CommandNode {
  /** `latch dump write` */
  readonly path: string;
  readonly text: string;
  readonly commands: readonly CommandNode[];
  readonly options: readonly OptionNode[];
  /** What its arguments are: words, a process, or anything (shells offer files then). */
  readonly argument: readonly string[] | "process" | "any";
}

/** The tree below a command, and the command itself first. */
export function commandNodes(command: Command, parent = ""): CommandNode[] {
  const path = `${parent} ${command.name()}`.trim();
  const children = command.commands.map((child) => commandNodes(child, path));
  const options = [...command.createHelp().visibleOptions(command).map(optionNode), ...ownOptions(command)];
  const direct = children.flatMap(([first]) => first ? [first] : []);
  const node = { path, text: command.description(), commands: direct, options, argument: argumentOf(command) };
  return [node, ...children.flat()];
}

/** Options that a command reads by itself, as `run` does with rights: they stand in its help, and nowhere else. */
function ownOptions(command: Command): OptionNode[] {
  const known = new Set(command.createHelp().visibleOptions(command).map(({ long }) => long));
  return [...helpText(command).matchAll(/^ +(--[a-z-]+)(=\S+|\[=\S+\])? {2,}(\S.*)$/gm)]
    .filter(([, long]) => !known.has(long))
    .map(([, long = "", value, text = ""]) => ({
      long,
      short: undefined,
      text,
      values: value?.startsWith("=") ? [] : undefined, // one that can stand without is complete as it is
    }));
}

/** A command's help with all that was added to it. */
export function helpText(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text;
}

function optionNode(option: Option): OptionNode {
  const takesValue = option.required || option.optional;
  const choices = option.argChoices ?? (option.long === "--on" ? SHOWN_EVENTS : []);
  return {
    long: option.long ?? option.short ?? "",
    short: option.long ? option.short : undefined,
    text: option.description,
    values: takesValue ? choices : undefined,
  };
}

function argumentOf(command: Command): CommandNode["argument"] {
  const [first] = command.registeredArguments;
  if (first?.name() === "target" || command.name() === "ps") return "process";
  return first?.argChoices ?? "any";
}

/** The script for a shell. */
export function completionScript(shell: "bash" | "zsh" | "fish" | "powershell", root: Command): string {
  const nodes = commandNodes(root);
  return { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript }[shell](nodes);
}

/** Names of Windows programs that run, without asking the engine: also those under Wine, which Linux lists. */
const PROCESSES = "ps -eo comm= 2>/dev/null | grep -i '\\.exe$' | sort -u";

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function words(node: CommandNode): string {
  const own = node.commands.map(({ path }) => path.split(" ").at(-1) ?? "");
  return [...own, ...(Array.isArray(node.argument) ? node.argument : [])].join(" ");
}

function flags(node: CommandNode): string {
  return node.options.flatMap(({ long, short }) => short ? [long, short] : [long]).join(" ");
}

function valueCases(nodes: readonly CommandNode[], line: (values: string) => string): string {
  return nodes.flatMap(({ path, options }) =>
    options.filter(({ values }) => values !== undefined)
      .map(({ long, values }) => `    ${quoted(`${path} ${long}`)}) ${line((values ?? []).join(" "))} ;;`)
  ).join("\n");
}

/** The loop that finds the command typed so far; the same in bash and zsh but for where the words are. */
function pathLoop(nodes: readonly CommandNode[], list: string, from: number, to: string): string {
  const paths = nodes.slice(1).map(({ path }) => quoted(path)).join("|");
  return `  local at='latch' i
  for ((i = ${from}; i < ${to}; i++)); do
    case "$at \${${list}[i]}" in
    ${paths}) at="$at \${${list}[i]}" ;;
    esac
  done`;
}

function bashScript(nodes: readonly CommandNode[]): string {
  const commandCases = nodes.map((node) =>
    `    ${quoted(node.path)}) words=${quoted(words(node))} options=${quoted(flags(node))}` +
    `${node.argument === "process" ? " process=1" : ""} ;;`
  );
  return `# latch completions bash
_latch() {
  local typed="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words= options= process=
${pathLoop(nodes, "COMP_WORDS", 1, "COMP_CWORD")}
  COMPREPLY=()
  case "$at $before" in
${valueCases(nodes, (values) => `COMPREPLY=($(compgen -W ${quoted(values)} -- "$typed")); return`)}
  esac
  case "$at" in
${commandCases.join("\n")}
  esac
  case "$typed" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$typed")) ;;
    *)
      if [ -n "$process" ]; then words="$(${PROCESSES})"; fi
      COMPREPLY=($(compgen -W "$words" -- "$typed"))
      ;;
  esac
}
complete -o default -F _latch latch
`;
}

function zshScript(nodes: readonly CommandNode[]): string {
  const entry = (name: string, text: string): string => quoted(`${name}:${text.replaceAll(":", "\\:")}`);
  const commandCases = nodes.map((node) => {
    const own = node.commands.map(({ path, text }) => entry(path.split(" ").at(-1) ?? "", text));
    const more = Array.isArray(node.argument) ? node.argument.map((word) => entry(word, "")) : [];
    const options = node.options.map(({ long, text }) => entry(long, text));
    const process = node.argument === "process" ? " process=1" : "";
    return `    ${quoted(node.path)}) choices=(${[...own, ...more].join(" ")}) options=(${
      options.join(" ")
    })${process} ;;`;
  });
  return `#compdef latch
# latch completions zsh
_latch() {
  local typed="\${words[CURRENT]}" before="\${words[CURRENT-1]}" process=
  local -a choices options
${pathLoop(nodes, "words", 2, "CURRENT")}
  case "$at $before" in
${valueCases(nodes, (values) => values === "" ? "_files; return" : `compadd -- ${values}; return`)}
  esac
  case "$at" in
${commandCases.join("\n")}
  esac
  if [[ "$typed" == -* ]]; then
    _describe 'option' options
  elif [[ -n "$process" ]]; then
    compadd -- \${(f)"$(${PROCESSES})"}
  elif (( \${#choices} )); then
    _describe 'command' choices
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _latch ]]; then _latch "$@"; else compdef _latch latch; fi
`;
}

function fishScript(nodes: readonly CommandNode[]): string {
  const fish = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap((node) => {
    const at = `-n ${fish(`__latch_at "${node.path}"`)}`;
    const own = node.commands.map(({ path, text }) =>
      `complete -c latch ${at} -f -a ${fish(path.split(" ").at(-1) ?? "")} -d ${fish(text)}`
    );
    const options = node.options.map(({ long, short, text, values }) => {
      const names = `-l ${long.replace(/^--/, "")}${short ? ` -s ${short.replace(/^-/, "")}` : ""}`;
      const value = values === undefined ? "" : values.length > 0 ? ` -x -a ${fish(values.join(" "))}` : " -r";
      return `complete -c latch ${at} ${names}${value} -d ${fish(text)}`;
    });
    const argument = node.argument === "process"
      ? [`complete -c latch ${at} -f -a ${fish(`(${PROCESSES})`)}`]
      : Array.isArray(node.argument)
      ? [`complete -c latch ${at} -f -a ${fish(node.argument.join(" "))}`]
      : [];
    return [...own, ...options, ...argument];
  });
  const paths = nodes.map(({ path }) => fish(path)).join(" ");
  return `# latch completions fish
function __latch_at
  set -l at latch
  for word in (commandline -opc)[2..]
    if contains -- "$at $word" ${paths}
      set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}
`;
}

function powershellScript(nodes: readonly CommandNode[]): string {
  const ps = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const list = (items: readonly (readonly [string, string])[]): string =>
    `@(${items.map(([name, text]) => `@(${ps(name)}, ${ps(text || name)})`).join(", ")})`;
  const entries = nodes.map((node) => {
    const own = node.commands.map(({ path, text }) => [path.split(" ").at(-1) ?? "", text] as const);
    const more = Array.isArray(node.argument) ? node.argument.map((word) => [word, word] as const) : [];
    const options = node.options.map(({ long, text }) => [long, text] as const);
    const process = node.argument === "process" ? "$true" : "$false";
    return `    ${ps(node.path)} = @{ Words = ${list([...own, ...more])}; Options = ${
      list(options)
    }; Process = ${process} }`;
  });
  return `# latch completions powershell
Register-ArgumentCompleter -Native -CommandName latch -ScriptBlock {
  param($typed, $line, $position)
  $nodes = @{
${entries.join("\n")}
  }
  $at = 'latch'
  foreach ($element in $line.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $position) { break }
    if ($nodes.ContainsKey("$at $element")) { $at = "$at $element" }
  }
  $node = $nodes[$at]
  $found = if ($typed -like '-*') { $node.Options } else { $node.Words }
  if ($node.Process -and $typed -notlike '-*') {
    $found = Get-Process | Sort-Object Name -Unique | ForEach-Object { ,@("$($_.Name).exe", "process $($_.Id)") }
  }
  $found | Where-Object { $_[0] -like "$typed*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`;
}
