/** A script that does not stay for its host: it ends by itself when nothing else is to be done. */
import { openHost } from "../../../lib/api/connection.ts";

const connection = openHost();
await connection.call("open", {});
connection.ref?.(false);
console.log(
  (await Promise.all([connection.call("processes", 0n), new Promise((go) => setTimeout(go, 2_000))]))[0].length > 0,
);
connection.ref?.(true);
console.log((await connection.call("processes", 0n)).length > 0);
connection.ref?.(false);
