// Is in a system call for eight seconds.
console.log("blocking");
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8_000);
console.log("free");
