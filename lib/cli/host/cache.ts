import { dirname, join, resolve } from "node:path";

/** Writes one line of progress; callers decide where it goes. */
export type Log = (line: string) => void;

/** The folder that holds everything fetched or built for the host; never inside the checkout. */
export function cacheFolder(
  env: (name: string) => string | undefined,
  os: string = Deno.build.os,
): string {
  const own = env("LATCH_CACHE");
  if (own) return resolve(own);
  const shared = os === "windows" ? env("LOCALAPPDATA") : env("XDG_CACHE_HOME");
  if (shared) return join(shared, "latch");
  const home = env(os === "windows" ? "USERPROFILE" : "HOME");
  if (!home) {
    throw new Error("Cannot find a cache folder: set LATCH_CACHE, XDG_CACHE_HOME or HOME");
  }
  return join(home, ".cache", "latch");
}

/** One thing in the cache that is made once. */
export interface Step {
  /** What the user reads. */
  readonly title: string;
  /** A guess for the user, in seconds. */
  readonly seconds: number;
  /** Folder that the step makes. */
  readonly folder: string;
  /** Changes whenever what is made changes, so that an older one is made again. */
  readonly recipe: string;
  /** Makes it inside `folder`; `isDone` is true once it returns. */
  make(folder: string): Promise<void>;
  /** Whether the folder must be made in its final place; otherwise it is moved there when complete. */
  readonly inPlace?: boolean;
  /** Ends what a half-made or outdated folder may still have running. */
  unmake?(): Promise<void>;
}

function markerOf(folder: string): string {
  return join(folder, ".latch-complete");
}

/** Whether the step's folder was completed by this very recipe. */
export function isDone(step: Pick<Step, "folder" | "recipe">): boolean {
  try {
    return Deno.readTextFileSync(markerOf(step.folder)) === step.recipe;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Makes every step that is not done, one after the other, while no other process does. */
export async function makeMissing(cache: string, steps: readonly Step[], log: Log): Promise<void> {
  if (steps.every(isDone)) return;
  await Deno.mkdir(cache, { recursive: true });
  using lock = await takeLock(cache, log);
  void lock;
  await removeLeftovers(cache);
  for (const step of steps) {
    // Asked again under the lock: the process that we waited for may have made it.
    if (!isDone(step)) await make(step, log);
  }
}

/** Removes what killed runs left; what cannot go now goes the next time. */
async function removeLeftovers(cache: string): Promise<void> {
  for await (const entry of Deno.readDir(cache)) {
    if (!entry.name.endsWith(".part")) continue;
    await Deno.remove(join(cache, entry.name), { recursive: true }).catch(() => undefined);
  }
}

async function make(step: Step, log: Log): Promise<void> {
  log(`${step.title} (once, about ${step.seconds} s)`);
  const start = performance.now();
  // A name of its own: programs that a killed run left behind may still write to that run's folder.
  const target = step.inPlace ? step.folder : `${step.folder}.${Deno.pid}.part`;
  if (await exists(target)) await step.unmake?.();
  await removeTree(target);
  await Deno.mkdir(target, { recursive: true });
  await step.make(target);
  await Deno.writeTextFile(markerOf(target), step.recipe);
  if (target !== step.folder) {
    await removeTree(step.folder);
    await Deno.mkdir(dirname(step.folder), { recursive: true });
    await Deno.rename(target, step.folder);
  }
  log(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Removes a folder with all in it; one that is not there is fine. */
export async function removeTree(path: string): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      // A process left over from a killed run may still write there for a moment.
      if (attempt === 20) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function takeLock(cache: string, log: Log): Promise<Disposable> {
  const path = join(cache, "lock");
  const file = await Deno.open(path, { create: true, write: true });
  // The operating system frees the lock when its holder dies, however that happens.
  if (!file.tryLockSync(true)) {
    log("waiting for another process that prepares the same cache");
    await file.lock(true);
  }
  return { [Symbol.dispose]: () => file.close() };
}
