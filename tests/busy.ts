/**
 * Starts so many programs that keep processors busy while something is tried beside them; disposing of the result ends them. Not
 * workers: an endless loop in one outlives its termination under Wine.
 */
export function busyLoops(loops: number): AsyncDisposable {
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const programs = Array.from(
    { length: loops },
    () => new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;);"], ...streams }).spawn(),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      for (const program of programs) program.kill("SIGKILL");
      await Promise.all(programs.map(({ status }) => status));
    },
  };
}
