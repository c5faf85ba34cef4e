/** A Debian archive and what vouches for it. */
export interface Mirror {
  /** Anything that apt takes as an archive's address. */
  readonly uri: string;
  /** Path of a keyring, or an armoured key, or nothing: then apt's trusted keys are used. */
  readonly signedBy?: string;
}

const RELEASES = /^(oldoldstable|oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)$/;

/** Finds the Debian archive among apt's sources; the archives of others and of security updates do not count. */
export function findMirror(files: ReadonlyMap<string, string>): Mirror | undefined {
  for (const [name, text] of files) {
    const mirror = name.endsWith(".sources") ? fromStanzas(text) : fromLines(text);
    if (mirror) return mirror;
  }
  return undefined;
}

function fromStanzas(text: string): Mirror | undefined {
  const uncommented = text.split("\n").filter((line) => !line.startsWith("#")).join("\n");
  for (const stanza of uncommented.split(/\n\s*\n/)) {
    const fields = parseFields(stanza);
    const words = (name: string): string[] => (fields.get(name) ?? "").split(/\s+/);
    const uri = words("uris")[0];
    const isUsable = words("types").includes("deb") &&
      words("components").includes("main") &&
      words("suites").some((suite) => RELEASES.test(suite)) &&
      !/^(no|false|0)$/.test(fields.get("enabled") ?? "yes");
    if (uri && isUsable) return withKey(uri, fields.get("signed-by"));
  }
  return undefined;
}

function parseFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of stanza.split("\n")) {
    const field = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line);
    if (field?.[1] !== undefined) {
      last = field[1].toLowerCase();
      fields.set(last, (field[2] ?? "").trim());
    } else if (/^\s/.test(line) && last !== "") {
      fields.set(last, `${fields.get(last) ?? ""}\n${line}`.trimStart());
    }
  }
  return fields;
}

function fromLines(text: string): Mirror | undefined {
  for (const line of text.split("\n")) {
    const entry = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line);
    const [, options, uri, suite, components] = entry ?? [];
    if (!uri || !suite || !RELEASES.test(suite)) continue;
    if (!(components ?? "").split(/\s+/).includes("main")) continue;
    return withKey(uri, /(?:^|\s)signed-by=(\S+)/i.exec(options ?? "")?.[1]);
  }
  return undefined;
}

function withKey(uri: string, signedBy: string | undefined): Mirror {
  return signedBy ? { uri, signedBy } : { uri };
}

/** The source stanza for apt that names this archive's trixie. */
export function sourceStanza(mirror: Mirror): string {
  const lines = ["Types: deb", `URIs: ${mirror.uri}`, "Suites: trixie", "Components: main"];
  if (mirror.signedBy) lines.push(`Signed-By: ${mirror.signedBy}`);
  return lines.join("\n") + "\n";
}
