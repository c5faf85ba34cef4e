/** The engine's side of a border, with nothing behind it: each request says how long it takes, and what notices come before its answer. */
import { EngineBorder } from "../../lib/dbgeng/thread/border.ts";
import type { Doors, EngineMessage, EngineRequest } from "../../lib/dbgeng/thread/messages.ts";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Doors | EngineRequest>) => void) | null;
  postMessage(message: EngineMessage): void;
};

let border: EngineBorder | undefined;

function carryOut(border: EngineBorder, { id, values }: EngineRequest): void {
  const [milliseconds, notices] = values as [number, number];
  const end = performance.now() + milliseconds;
  for (let notice = 0; notice < notices; notice++) {
    border.notify({ notice: { type: "engineOutput", processId: id, threadId: notice, text: "" } });
  }
  while (performance.now() < end);
  border.answer({ id, value: values });
}

scope.onmessage = ({ data }) => {
  if ("requests" in data) {
    border = new EngineBorder(data, (message) => scope.postMessage(message));
    return;
  }
  if (!border) throw new Error("no border yet");
  border.saw();
  for (let request: EngineRequest | undefined = data; request; request = border.next()) carryOut(border, request);
};
