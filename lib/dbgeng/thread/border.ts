/**
 * The short way between the script's thread and the engine's.
 *
 * A message wakes the thread that it is for by its event loop, which takes as long as the engine takes for a few requests. So each of the two, when
 * it has reason to expect the other one, sleeps at a {@linkcode Door} for a while, and is handed there what it waits for:
 *
 * - the engine's thread for {@linkcode ATTENTION} after each answer: the next request is likely to come soon
 * - the script's thread for as long as it says, when it has made a request that is likely to be answered soon
 *
 * Who does not sleep gets a message. Each sleep has an end, so that neither thread waits for one that has died. Calls are carried out in the order in which
 * they were made, for none is handed over while there is a message that the engine's thread has not seen; and notices come before the answers
 * behind them, which are messages then as well.
 *
 * @module
 */
import { Door, newDoorMemory } from "./door.ts";
import type { Doors, EngineMessage, EngineRequest } from "./messages.ts";

/** How long the engine's thread stays at its door before it goes back to its event loop, in milliseconds. */
const ATTENTION = 20;

/** Memory for two threads that begin. */
export function newDoors(): Doors {
  return { requests: newDoorMemory(), answers: newDoorMemory() };
}

/** The side of the script's thread. */
export class CallerBorder {
  readonly #requests: Door;
  readonly #answers: Door;
  readonly #post: (request: EngineRequest) => void;

  /** `post` sends a message to the engine's thread. */
  constructor({ requests, answers }: Doors, post: (request: EngineRequest) => void) {
    this.#requests = new Door(requests);
    this.#answers = new Door(answers);
    this.#post = post;
  }

  /**
   * Makes a call.
   * @param milliseconds How long this thread sleeps for the answer at most. None while another call is under way: it would get that one's.
   * @returns The answer, if it came meanwhile; else it comes as a message.
   */
  call(request: EngineRequest, milliseconds: number): EngineMessage | undefined {
    if (milliseconds > 0) this.#answers.arm();
    if (this.#requests.isBehind || !this.#requests.give(request)) {
      this.#requests.count();
      this.#requests.wake(); // before it may have got the message: it would be woken from its next sleep
      this.#post(request);
    }
    return milliseconds > 0 ? this.#answers.sleep(milliseconds) as EngineMessage | undefined : undefined;
  }
}

/** The side of the engine's thread. */
export class EngineBorder {
  readonly #requests: Door;
  readonly #answers: Door;
  readonly #post: (message: EngineMessage) => void;
  /** Whether notices were sent since the last answer. */
  #hasNotified = false;

  /** `post` sends a message to the script's thread. */
  constructor({ requests, answers }: Doors, post: (message: EngineMessage) => void) {
    this.#requests = new Door(requests);
    this.#answers = new Door(answers);
    this.#post = post;
  }

  /** A request came as a message. */
  saw(): void {
    this.#requests.saw();
  }

  /** The next request, if one comes soon and not as a message. */
  next(): EngineRequest | undefined {
    this.#requests.arm();
    if (this.#requests.isBehind) this.#requests.wake();
    return this.#requests.sleep(ATTENTION) as EngineRequest | undefined;
  }

  /** Answers a request. */
  answer(message: EngineMessage): void {
    const isHanded = !this.#hasNotified && this.#answers.give(message);
    this.#hasNotified = false;
    if (isHanded) return;
    this.#answers.wake();
    this.#post(message);
  }

  /** Sends what nobody waits for. */
  notify(message: EngineMessage): void {
    this.#hasNotified = true;
    this.#post(message);
  }
}
