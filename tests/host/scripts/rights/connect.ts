/** Connects to a process server. */
import { connect } from "../../../../mod.ts";

const [address = ""] = Deno.args;
await using server = await connect(address);
console.log("works", server.port.name === address);
