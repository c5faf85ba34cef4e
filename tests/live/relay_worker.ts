/** The thread of `relay.ts`. */
import { connect, createServer, type Socket } from "node:net";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ readonly request: string; readonly value: number }>) => void;
  postMessage(answer: number): void;
};

/** What came while nothing is passed on, in its order; undefined while all is. */
let held: (() => void)[] | undefined;
let waits = Promise.withResolvers<void>();
let target = 0;

/** Does what somebody's bytes or end ask for, now or when it is passed on again. */
function pass(action: () => void): void {
  if (!held) return action();
  held.push(action);
  waits.resolve();
}

function join(from: Socket, to: Socket): void {
  from.on("data", (bytes) => pass(() => void to.write(bytes)));
  from.on("error", () => pass(() => to.destroy()));
  from.on("close", () => pass(() => to.end()));
}

const server = createServer((client) => {
  const upstream = connect(target, "127.0.0.1");
  join(client, upstream);
  join(upstream, client);
});

scope.onmessage = ({ data: { request, value } }) => {
  if (request === "start") {
    target = value;
    server.listen(0, "127.0.0.1", () => scope.postMessage((server.address() as { readonly port: number }).port));
    return;
  }
  if (request === "waits") {
    waits.promise.then(() => scope.postMessage(0));
    return;
  }
  held = [];
  waits = Promise.withResolvers();
  if (request === "die") server.close(); // those that are connected stay
  else {
    setTimeout(() => {
      const late = held ?? [];
      held = undefined;
      for (const action of late) action();
    }, value);
  }
  scope.postMessage(0);
};
