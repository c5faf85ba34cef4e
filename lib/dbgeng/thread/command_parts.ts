/** What in a command is code, in which names mean something, and what is text. */

/** Quoted texts, what ends commands, and all between; names have single quotes. */
const TOKENS = /"(?:[^"\\]|\\.)*"?|[;{}\n]|[^";{}\n]+/gs;
/** The threads that a command is for stand before it. */
const FOR_THREADS = /^\s*(?:~\S*\s+)?/;
/** Commands of nothing but text. */
const TEXT = /^(?:\.(?:echo|log|dump|load|create|cmdtree|wtitle|\w*path)|\$\$)/i;
/** The same, where it goes on to the end of the line. */
const TEXT_LINE = /^(?:as\s|\.shell\b|\*)/i;
/** Commands that are given others, in quotes. */
const WITH_COMMANDS = /^(?:b[apum]|bsc?|sx\w*|[pt][a-z]{0,2}|j)(?:\d|\W|$)/i;

/** A command in which the code is changed, part for part, and what is text is not. */
export function inCode(command: string, change: (code: string) => string): string {
  let head = "";
  let changed = "";
  let code = "";
  const flush = (): void => {
    changed += change(code);
    code = "";
  };
  for (const [token] of command.matchAll(TOKENS)) {
    if (token === "\n" || (/^[;{}]$/.test(token) && !TEXT_LINE.test(head))) head = "";
    else if (head === "") head = token.replace(FOR_THREADS, "");
    const isText = TEXT.test(head) || TEXT_LINE.test(head);
    if (!isText && !token.startsWith('"')) {
      code += token;
      continue;
    }
    flush();
    changed += !isText && WITH_COMMANDS.test(head) ? quoted(token, change) : token;
  }
  flush();
  return changed;
}

function quoted(token: string, change: (code: string) => string): string {
  const end = token.length > 1 && token.endsWith('"') ? '"' : "";
  const inner = token.slice(1, token.length - end.length).replaceAll('\\"', '"');
  return `"${inCode(inner, change).replaceAll('"', '\\"')}${end}`;
}
