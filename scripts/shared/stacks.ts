/**
 * What the stacks of threads at several times say of them.
 * @module
 */
import type { Frame } from "./diagnostic.ts";

/**
 * What a thread did in all samples. Stuck are `lock` (it waits for a critical section or a lock that it does not get),
 * `busy` (it was on a processor, in the same function) and `wait` (it waits for an object in the same place of the
 * program's own code, which threads do lawfully as well). `idle`: it sleeps, waits for messages, or waits inside of the
 * system only. `active`: something else in each sample.
 */
export type ThreadState = "lock" | "busy" | "wait" | "idle" | "active";

/** One thread over all samples. */
export interface ThreadReport {
  /** Its id. */
  readonly threadId: number;
  /** Its name; null without one. */
  readonly threadName: string | null;
  /** What it did. */
  readonly state: ThreadState;
  /** Module of the program's own function that it was in all the time. */
  readonly module: string | null;
  /** That function. */
  readonly function: string | null;
  /** Source file of the place where it was in the last sample. */
  readonly file: string | null;
  /** Source line of that place. */
  readonly line: number | null;
  /** Page where it computed last, if it did so in code of no module in all samples: code that the program has made while it ran. */
  readonly page: bigint | null;
  /** Its stack in the last sample. */
  readonly stack: readonly Frame[];
}

/** A frame, and whether it is in the program's own code. */
export interface OwnFrame extends Frame {
  /** Whether it is. */
  readonly isOwn: boolean;
  /** Whether it is in no module at all. */
  readonly isOutside: boolean;
  /** Its stack pointer. */
  readonly stackAddress: bigint;
}

/** All threads' stacks at one time, innermost frame first, by thread. */
export type Sample = ReadonlyMap<number, readonly OwnFrame[]>;

/** What threads are called, by id. */
export type ThreadNames = ReadonlyMap<number, string>;

/** Calls into the kernel: a thread that is in one of them uses no processor. */
const KERNEL = /^(ntdll|win32u)!(Nt|Zw)/;
const LOCKS = new RegExp(
  "^ntdll!(RtlEnterCriticalSection|RtlpEnterCriticalSection\\w*|RtlpWait(For|On)CriticalSection|" +
    "Rtlp?AcquireSRWLock\\w+|LdrpAcquireLoaderLock|LdrLockLoaderLock)$",
);
const SLEEPS = /!(Nt|Zw)(DelayExecution|YieldExecution)$/;
const MESSAGES = /!((Nt|Zw)User)?(GetMessage[AW]?|WaitMessage|MsgWaitForMultipleObjects\w*)$/;

/** Each thread that was there in all samples. */
export function compare(samples: readonly Sample[], names: ThreadNames = new Map()): ThreadReport[] {
  const last = samples.at(-1) ?? new Map();
  return [...last.keys()].flatMap((threadId) => {
    const stacks = samples.map((sample) => sample.get(threadId) ?? []);
    return stacks.every((stack) => stack.length > 0)
      ? [{ threadId, threadName: names.get(threadId) ?? null, ...judge(stacks) }]
      : [];
  });
}

/** The innermost of the program's own functions that is on all stacks says where the thread is. */
function judge(stacks: readonly (readonly OwnFrame[])[]): Omit<ThreadReport, "threadId" | "threadName"> {
  const last = stacks.at(-1) ?? [];
  let common = 0; // frames from the outermost on
  const at = (stack: readonly OwnFrame[], depth: number): OwnFrame | undefined => stack[stack.length - 1 - depth];
  while (stacks.every((stack) => common < stack.length && sameFunction(at(stack, common), at(last, common)))) common++;
  const shared = last.slice(last.length - common);
  const place = shared.find((frame) => frame.isOwn && frame.function !== null) ?? shared.find(({ isOwn }) => isOwn);
  const page = stacks.every(([inner]) => inner?.isOutside) ? (last[0]?.address ?? 0n) & ~0xfffn : null;
  return {
    state: stateOf(stacks, place !== undefined || page !== null),
    page,
    ...{ module: place?.module ?? null, function: place?.function ?? null },
    ...{ file: place?.file ?? null, line: place?.line ?? null },
    stack: last.map(({ isOwn: _own, isOutside: _outside, stackAddress: _address, ...frame }) => frame),
  };
}

function sameFunction(one: OwnFrame | undefined, other: OwnFrame | undefined): boolean {
  if (!one || !other || one.stackAddress === 0n) return false;
  return one.module === other.module && one.function === other.function &&
    (one.function !== null || one.address === other.address);
}

function stateOf(stacks: readonly (readonly OwnFrame[])[], hasPlace: boolean): ThreadState {
  const symbols = stacks.map((stack) => stack.map((frame) => `${frame.module}!${frame.function}`));
  const all = (test: (names: readonly string[]) => boolean): boolean => symbols.every(test);
  const [first = [], ...rest] = stacks.map(fromOwn);
  const hasStayed = rest.every((stack) => isSameStack(stack, first));
  const waits = (names: readonly string[]): boolean => KERNEL.test(names[0] ?? "");
  if (hasStayed && all((names) => waits(names) && names.some((name) => LOCKS.test(name)))) return "lock";
  if (all((names) => !waits(names))) return hasPlace ? "busy" : "active";
  if (!hasStayed) return "active";
  const isIdle = all((names) => names.some((name) => SLEEPS.test(name) || MESSAGES.test(name)));
  return isIdle || !hasPlace ? "idle" : "wait";
}

/** Without what the system does inside of its own calls: it may wait in several steps. */
function fromOwn(stack: readonly OwnFrame[]): readonly OwnFrame[] {
  return stack.slice(Math.max(stack.findIndex(({ isOwn }) => isOwn), 0));
}

function isSameStack(one: readonly OwnFrame[], other: readonly OwnFrame[]): boolean {
  return one.length === other.length &&
    one.every(({ address, stackAddress }, index) =>
      address === other[index]?.address && stackAddress === other[index]?.stackAddress
    );
}
