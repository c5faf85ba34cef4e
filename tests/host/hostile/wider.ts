/** A worker with more permissions than its script has. */
new Worker("data:text/javascript,1", { type: "module", deno: { permissions: { run: true, ffi: true } } } as never);
await new Promise((resolve) => setTimeout(resolve, 60_000));
