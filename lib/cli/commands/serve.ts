import { Command } from "npm:commander@15.1.0";
import { act } from "../action.ts";
import { withExamples } from "../help.ts";
import { engineOption, jsonOption } from "../options.ts";

/** `latch serve`: a process server. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .description("serve this machine's processes to debuggers elsewhere, until Ctrl-C (no password, no encryption)")
    .argument("[options]", "what dbgsrv -t takes", "tcp:port=5005")
    .addOption(engineOption()).addOption(jsonOption())
    .action((address: string, options: { readonly engine?: string; readonly json?: boolean }) =>
      serve(address, options)
    );
  return withExamples(
    command,
    ["latch serve tcp:port=5005", "others use --port tcp:server=THIS,port=5005"],
    ["latch serve npipe:pipe=latch", "over a named pipe"],
  );
}

function serve(address: string, options: { readonly engine?: string; readonly json?: boolean }): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const { startProcessServer } = await import("../../api/process_server.ts");
    const { engine } = options;
    await using server = await startProcessServer(address, { signal, ...(engine === undefined ? {} : { engine }) });
    if (output.json) output.record({ type: "serving", options: address });
    else output.line(`serving ${address}; Ctrl-C ends it`);
    await server.ended;
    signal.throwIfAborted();
  });
}
