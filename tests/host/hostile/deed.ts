/** What hostile scripts share: each deed is tried, and what came of it printed on one line. */

/** Tries a deed: `DONE name: value` where it worked, `HELD name: Error: message` where it did not. */
export async function deed(name: string, act: () => unknown): Promise<void> {
  try {
    console.log(`DONE ${name}: ${shown(await act())}`);
  } catch (error) {
    console.log(
      `HELD ${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : `${error}`}`.split("\n")[0],
    );
  }
}

function shown(value: unknown): string {
  return String(value).slice(0, 80).replaceAll(/\s+/g, " ");
}
