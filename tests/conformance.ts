/** What a session promises, whichever engine its programs take: every engine's tests run this, with programs of its own. */
import { controlTests } from "./conformance/control.ts";
import { endTests } from "./conformance/ends.ts";
import { handlerTests } from "./conformance/handlers.ts";
import { lifeTests } from "./conformance/life.ts";
import type { EngineFixture } from "./conformance/scene.ts";

/** Registers the suite for an engine. */
export function testConformance(fixture: EngineFixture): void {
  for (const { name, run } of [...lifeTests, ...handlerTests, ...controlTests, ...endTests]) {
    Deno.test(`${fixture.name}: ${name}`, () => run(fixture));
  }
}
