// An idle event loop: nothing happens for a minute.
setTimeout(() => {}, 60_000);
