/** What a session promises, whichever engine its programs take: every engine's tests run this, with programs of its own. */
import { controlTests } from "./conformance/control.ts";
import { endTests } from "./conformance/ends.ts";
import { handlerTests } from "./conformance/handlers.ts";
import { lifeTests } from "./conformance/life.ts";
import type { EngineFixture } from "./conformance/scene.ts";

/** The suite for an engine; its file registers the tests itself, so that they are reported as its own. */
export function conformanceTests(fixture: EngineFixture): { readonly name: string; fn(): Promise<void> }[] {
  const all = [...lifeTests, ...handlerTests, ...controlTests, ...endTests];
  return all.map(({ name, run }) => ({ name: `${fixture.name}: ${name}`, fn: () => run(fixture) }));
}
