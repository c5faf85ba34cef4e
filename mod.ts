/**
 * Latch: Windows' own debugger engine, scripted in TypeScript.
 *
 * @example Stop at the first access violation of a program and show where
 * ```ts
 * import { launch } from "@latch/latch";
 *
 * await using program = await launch(["app.exe"], {
 *   on: {
 *     exception: async (event) => {
 *       const [frame] = await event.program.thread(event.threadId).stack(1);
 *       console.log(event.name, frame?.symbol, frame?.file, frame?.line);
 *     },
 *   },
 * });
 * await program.wait();
 * ```
 *
 * @module
 */
// All of lib/api/mod.ts and what it imports, in one file: it is there many times sooner, and by URL it is one request.
// @ts-types="./lib/api/mod.ts"
export * from "./lib/generated/mod.js";
