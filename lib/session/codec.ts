/**
 * Plain data as JSON: what JSON does not have is an object with one key that begins with `$`.
 * @module
 */

/** Nothing that the engine tells or is asked is nested deeper. */
const MAX_DEPTH = 64;

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Plain data as JSON text; bigints, bytes, undefined and the numbers that JSON lacks survive. */
export function encode(value: unknown): string {
  return JSON.stringify(toPlain(value, 0));
}

/** What {@linkcode encode} made the text of. @throws {TypeError} for anything else. */
export function decode(text: string): unknown {
  let plain: Plain;
  try {
    plain = JSON.parse(text);
  } catch {
    throw new TypeError("it is no JSON");
  }
  return fromPlain(plain, 0);
}

/** Values that a text of JSON may have before it is decoded: what stands in a list of many costs far more than its text. */
export function hasMoreValues(json: Uint8Array, most: number): boolean {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json[at];
    if (sign === QUOTE) at = endOfString(json, at);
    else if (sign === COMMA || sign === COLON || sign === BRACKET || sign === BRACE) {
      if (++count > most) return true;
    }
  }
  return false;
}

const [QUOTE, BACKSLASH, COMMA, COLON, BRACKET, BRACE] = Array.from('"\\,:[{', (sign) => sign.charCodeAt(0));

function endOfString(json: Uint8Array, start: number): number {
  for (let at = start;;) {
    at = json.indexOf(QUOTE as number, at + 1);
    if (at < 0) return json.length;
    let before = at;
    while (json[before - 1] === BACKSLASH) before--;
    if ((at - before) % 2 === 0) return at;
  }
}

function toPlain(value: unknown, depth: number): Plain {
  if (depth > MAX_DEPTH) throw new TypeError("it is nested too deep");
  switch (typeof value) {
    case "bigint":
      return { $bigint: `${value}` };
    case "undefined":
      return { $undefined: true };
    case "number":
      return Number.isFinite(value) ? value : { $number: `${value}` };
    case "string":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : objectToPlain(value, depth);
    default:
      throw new TypeError(`a ${typeof value} cannot be sent`);
  }
}

function objectToPlain(value: object, depth: number): Plain {
  if (Array.isArray(value)) return value.map((item) => toPlain(item, depth + 1));
  if (value instanceof Uint8Array) return { $bytes: value.toBase64() };
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const plain = Object.fromEntries(entries.map(([key, item]) => [key, toPlain(item, depth + 1)]));
  return tagOf(plain) === undefined ? plain : { $object: plain };
}

function fromPlain(plain: Plain, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError("it is nested too deep");
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((item) => fromPlain(item, depth + 1));
  const tag = tagOf(plain);
  if (tag === undefined) return untagged(plain, depth);
  const content = plain[tag];
  if (tag === "$object" && typeof content === "object" && content !== null && !Array.isArray(content)) {
    return untagged(content, depth);
  }
  if (tag === "$undefined") return undefined;
  if (typeof content !== "string") throw new TypeError(`${tag} is damaged`);
  return fromTagged(tag, content);
}

function untagged(plain: { [key: string]: Plain }, depth: number): unknown {
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, fromPlain(item, depth + 1)]));
}

function fromTagged(tag: string, content: string): unknown {
  try {
    if (tag === "$bigint" && /^-?\d{1,40}$/.test(content)) return BigInt(content);
    if (tag === "$bytes") return Uint8Array.fromBase64(content);
    if (tag === "$number" && /^(NaN|-?Infinity)$/.test(content)) return Number(content);
  } catch { /* told below */ }
  throw new TypeError(`${tag} is damaged`);
}

/** The one key, if it begins with `$`. */
function tagOf(plain: object): string | undefined {
  const [first, ...more] = Object.keys(plain);
  return first?.startsWith("$") && more.length === 0 ? first : undefined;
}
