/** A small change that makes the code wrong, and which tests must notice it. */
export interface Mutation {
  /** Short, and its own. */
  readonly name: string;
  /** Path from the root. */
  readonly file: string;
  /** What stands there, once in its file. */
  readonly text: string;
  /** What is put there instead. */
  readonly replacement: string;
  /** Words of the names of test files that must fail, as `deno task test` takes them. */
  readonly tests: readonly string[];
  /** What it would mean to users. */
  readonly meaning: string;
  /** Why no test can notice it, where none can. */
  readonly equivalent?: string;
}

/** The text of a file with a mutation in it. @throws {RangeError} unless what is replaced stands there once. */
export function mutated(text: string, mutation: Mutation): string {
  const parts = text.split(mutation.text);
  if (parts.length === 2 && mutation.text !== mutation.replacement) return parts.join(mutation.replacement);
  const { name, file, text: wanted } = mutation;
  throw new RangeError(`${name}: ${file} has ${parts.length - 1} times what is to be replaced once: ${wanted}`);
}

/** What the bundles are made of. */
export function isBundled({ file }: Mutation): boolean {
  return /^lib\/(?!cli\/(?!inside\.ts))/.test(file);
}
