/** The version of Latch; the same as in `deno.json`, which cannot be read where the library is imported by URL. */
export const VERSION = "0.1.0";
