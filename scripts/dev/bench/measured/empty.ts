// Nothing: what Windows' Deno takes for itself.
export {};
