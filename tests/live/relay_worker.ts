/** The thread of `relay.ts`. */
import { connect, createServer, type Socket } from "node:net";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ readonly request: string; readonly value: number }>) => void;
  postMessage(answer: number): void;
};

const sockets = new Set<Socket>();
let target = 0;
let isHeld = false;

const server = createServer((client) => {
  const upstream = connect(target, "127.0.0.1");
  for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
    sockets.add(from);
    if (isHeld) from.pause();
    from.on("data", (bytes) => void to.write(bytes));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.end();
    });
  }
});

function hold(isOn: boolean): void {
  isHeld = isOn;
  for (const socket of sockets) isOn ? socket.pause() : socket.resume();
}

scope.onmessage = ({ data: { request, value } }) => {
  if (request === "start") {
    target = value;
    server.listen(0, "127.0.0.1", () => scope.postMessage((server.address() as { readonly port: number }).port));
    return;
  }
  hold(true);
  if (request === "hold") setTimeout(() => hold(false), value);
  else server.close(); // those that are connected stay
  scope.postMessage(0);
};
