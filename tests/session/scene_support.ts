/** A session with two programs, to begin with. */
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import type { ScriptedEngine } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

/** What a test begins with. */
export interface Scene {
  readonly session: SessionManager;
  readonly engine: ScriptedEngine;
  readonly programs: readonly [Program, Program];
}

/** A session with two stopped programs in one engine, processes 7 and 8. */
export async function scene(): Promise<Scene> {
  const world = new World();
  const { session, port } = await world.scene();
  const programs = [await session.attach(7, { port }), await session.attach(8, { port })] as const;
  const engine = world.engine();
  engine.takeLog();
  return { session, engine, programs };
}
