// Never comes back to its event loop; ends by itself after a minute.
globalThis.rounds = 0;
const end = Date.now() + 60_000;
while (Date.now() < end) globalThis.rounds++;
