/** Pauses and interrupts of a program whose inspector is made for the test: moments that a real one seldom has. */
import assert from "node:assert/strict";
import type { InspectorClient } from "../../lib/v8/client.ts";
import { Interrupt } from "../../lib/v8/interrupt.ts";
import { type Beginning, ProgramLife, type Step } from "../../lib/v8/life.ts";
import type { InspectorTarget } from "../../lib/v8/protocol.ts";
import { Target } from "../../lib/v8/target.ts";

/** An inspector that answers nothing, and tells what the test says. */
class FakeInspector {
  onEvent: (method: string, params: unknown) => void = () => {};
  readonly closed = new Promise<void>(() => {});
  readonly sent: string[] = [];

  send(method: string): void {
    this.sent.push(method);
  }

  call(): Promise<unknown> {
    return Promise.reject(new Error("it is busy"));
  }

  /** The program is paused at a breakpoint. */
  pause(id: string): void {
    const location = { scriptId: id, lineNumber: 0 };
    const callFrames = [{ callFrameId: id, functionName: "", location, url: "" }];
    this.onEvent("Debugger.paused", { reason: "other", callFrames, hitBreakpoints: [id] });
  }

  /** How often the program was told to go on. */
  get resumes(): number {
    return this.sent.filter((method) => method === "Debugger.resume").length;
  }
}

const LISTED: InspectorTarget = {
  ...{ id: "1", type: "node", title: "app", url: "", description: "", webSocketDebuggerUrl: "" },
};

function scene(): { inspector: FakeInspector; target: Target } {
  const inspector = new FakeInspector();
  return { inspector, target: new Target(inspector as unknown as InspectorClient, LISTED) };
}

Deno.test("a program does not go on over a pause that was not looked at", async () => {
  const { inspector, target } = scene();
  inspector.pause("1");
  target.resume("go");
  assert.equal(inspector.resumes, 0);
  assert.equal((await target.next()).kind, "paused");
  target.resume("go");
  assert.equal(inspector.resumes, 1);
  target.resume("go");
  assert.equal(inspector.resumes, 1, "it runs");
  inspector.onEvent("Debugger.resumed", {});
  inspector.pause("2"); // before the next is asked for
  target.resume("go");
  assert.equal(inspector.resumes, 1);
});

Deno.test({
  name: "an interrupt that is over pauses the program no more, and leaves no timer",
  sanitizeOps: true,
  sanitizeResources: true,
}, async () => {
  const { inspector, target } = scene();
  const asked = (): number => inspector.sent.filter((method) => method === "Debugger.pause").length;
  const interrupt = new Interrupt(target);
  interrupt.ask();
  interrupt.ask();
  assert.deepEqual([asked(), interrupt.isWanted], [1, true]);
  while (asked() < 2) await new Promise((resolve) => setTimeout(resolve, 10)); // it asks again until the program stops
  inspector.pause("1");
  interrupt.clear();
  assert.equal(interrupt.isWanted, false);
});

/** A program that was attached to while it ran. */
const BEGINNING: Beginning = {
  ...{ programId: "p", processId: 7, name: "app", reason: "user", initialBreak: false, child: undefined },
};

/** What is told, or why it stops. */
const kindOf = (step: IteratorResult<Step, void>): string => {
  if (!step.value) return "done";
  return "stop" in step.value ? step.value.stop.kind : step.value.report.type;
};

Deno.test("an interrupt that comes while an event is handled stops the program there", async () => {
  const { inspector, target } = scene();
  const life = new ProgramLife(target, BEGINNING);
  const steps = life.steps();
  for (const type of ["createProcess", "programCreate", "loadComplete"]) {
    assert.equal(kindOf(await steps.next("go")), type);
  }
  inspector.pause("1");
  assert.equal(kindOf(await steps.next("go")), "breakpoint");
  life.interrupt.ask();
  try {
    assert.equal(kindOf(await steps.next("go")), "interrupt");
    assert.equal(inspector.resumes, 0, "it has not run on");
  } finally {
    life.interrupt.clear();
  }
});
