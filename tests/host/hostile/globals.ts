/** Changes what Latch and Deno are made of, then uses Latch. `globals.ts NAME` */
const { stringify, parse } = JSON;
JSON.stringify = ((value: unknown) => stringify(value)?.replace("modules", "terminate")) as never;
JSON.parse = ((text: string) => parse(text.replace("NotCapable", "Error"))) as never;
Object.defineProperty(Object.prototype, "existing", { value: true, configurable: true });
Object.assign(Object.prototype, { engine: "Z:\\tmp", symbolPath: "\\\\evil.lab\\x" });
Reflect.set(Array.prototype, "then", undefined);
try {
  Object.defineProperty(globalThis, Symbol.for("latch.channel"), { value: undefined });
} catch {
  // It is not to be changed; nothing is lost by that.
}
const { attach } = await import("@latch/latch");
try {
  const program = await attach(Deno.args[0] ?? "");
  console.log("attached");
  console.log((await program.modules()).length);
} catch (error) {
  console.log(`failed ${error}`);
}
Deno.exit(0);
