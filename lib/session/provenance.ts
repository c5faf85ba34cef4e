import type { AttachReason } from "./contract.ts";

/** Disposal follows how a program came: what was launched ends, with its children; what was attached to runs on, with them. */
export function asItCame({ root }: { readonly root: { readonly reason: AttachReason } }): "detach" | "terminate" {
  return root.reason === "launch" ? "terminate" : "detach";
}
