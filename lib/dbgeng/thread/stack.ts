/** The stack of the engine's current thread. */
import { StructView } from "../../com/struct_view.ts";
import type { StackFrame } from "../../session/engine.ts";
import { DEBUG_STACK_FRAME_EX } from "../generated/structs.ts";
import type { EngineObjects } from "./objects.ts";
import { isAtReturn, isInlined, lineAt, nameInFrame } from "./symbols.ts";

/** The stack, innermost frame first, at most `most` frames; from other registers than the engine's, if they are given. */
export function stack(objects: EngineObjects, most: number, context?: Uint8Array<ArrayBuffer>): StackFrame[] {
  const { size } = DEBUG_STACK_FRAME_EX;
  const bytes = new Uint8Array(most * size);
  const count = context
    ? objects.control.GetContextStackTraceEx(context, context.length, bytes, most, null, 0, 0)
    : objects.control.GetStackTraceEx(0n, 0n, 0n, bytes, most);
  return Array.from({ length: count }, (_, index) => {
    return frameOf(objects, new StructView(DEBUG_STACK_FRAME_EX, bytes, index * size));
  });
}

function frameOf(objects: EngineObjects, frame: StructView<typeof DEBUG_STACK_FRAME_EX>): StackFrame {
  const address = frame.get("InstructionOffset");
  const context = frame.get("InlineFrameContext");
  // A return address may lie behind the last instruction of its function: the call before it is what is meant.
  const within = isAtReturn(context) ? address - 1n : address;
  const name = nameInFrame(objects, within, context);
  return {
    address,
    returnAddress: frame.get("ReturnOffset"),
    frameAddress: frame.get("FrameOffset"),
    stackAddress: frame.get("StackOffset"),
    symbol: name?.symbol ?? null,
    displacement: name ? name.displacement + (address - within) : 0n,
    ...lineAt(objects, within, context),
    ...(isInlined(context) ? { inline: true } as const : {}),
  };
}

/** Where the function of the current thread returns to. */
export function returnAddress({ control }: EngineObjects): bigint {
  const frame = new StructView(DEBUG_STACK_FRAME_EX);
  control.GetStackTraceEx(0n, 0n, 0n, frame.bytes, 1);
  return frame.get("ReturnOffset");
}
