import { requireAddress, requireText } from "./arguments.ts";
import { type Architecture, pointerSizeOf } from "./architecture.ts";
import { dumpRequest } from "./dump_request.ts";
import type { DumpType, ModuleInfo, Value } from "./engine.ts";
import { Memory, type OwnRequest } from "./memory.ts";
import { requirePlace, type SourceLine, type SourcePlace } from "./source_lines.ts";
import { type TypedValue, valueAt } from "./typed_value.ts";
import type { ValueSource } from "./value_steps.ts";
import type { Type } from "./types.ts";
import { findType, findVariable, type ListOptions, walkList } from "./values.ts";

/** What a stopped program consists of: its memory, modules, symbols, source lines, types and values. */
export class ProgramView {
  /** What it was compiled for: `x86` for a 32-bit program, also on 64-bit Windows. Undefined where nothing tells. */
  readonly architecture: Architecture | undefined;
  /** Size of its pointers, in bytes: 4 for a 32-bit program, else 8. */
  readonly pointerSize: 4 | 8;
  /** Its memory. */
  readonly memory: Memory;
  readonly #request: OwnRequest;
  readonly #source: ValueSource;

  /** Not for users: sessions make programs. `requestOf`: how one is asked about, with no thread in focus. */
  constructor(requestOf: (program: ProgramView) => OwnRequest, architecture: Architecture | undefined) {
    this.architecture = architecture;
    this.pointerSize = pointerSizeOf(architecture);
    const request = this.#request = requestOf(this);
    this.memory = new Memory(request, this.pointerSize);
    this.#source = { request, types: request, memory: this.memory, pointerSize: this.pointerSize };
  }

  /** The modules that are loaded now. */
  modules(): Promise<ModuleInfo[]> {
    return this.#request("modules");
  }

  /**
   * The function or variable that an address is in, as `module!name`, and how many bytes behind its start; where none is known to
   * be there the module's name, and bytes behind its start; null outside of all modules.
   */
  async nameAt(address: bigint): Promise<{ readonly symbol: string; readonly displacement: bigint } | null> {
    requireAddress("Cannot look up a name", address);
    return await this.#request("nameAt", address);
  }

  /**
   * The address of a symbol as `module!name`, its whole name; null when there is none.
   * @throws {TypeError} for a pattern. @throws {EngineError} of kind `failed` where several modules have files of the name.
   */
  async addressOf(symbol: string): Promise<bigint | null> {
    requireText("Cannot look up a symbol", "its name", symbol, false);
    return await this.#request("addressOf", symbol);
  }

  /**
   * A variable as `module!name`, for example `app!g_order` or `app!shop::Order::s_count`, with its type. Needs private symbols (a PDB with types).
   * @throws {EngineError} kind `failed` where there is none of the name, or its type is not known.
   */
  async variable(name: string): Promise<TypedValue> {
    return await findVariable(this.#source, name);
  }

  /** A type as `module!name`, for example `app!shop::Order`. @throws {EngineError} kind `failed` where there is none of the name. */
  async type(name: string): Promise<Type> {
    return await findType(this.#source, name);
  }

  /** The value of a type at an address: `module!name`, or one of C's own (`int`, `uint64_t`, `wchar_t`), also with `*` and `[n]` behind it. */
  value(type: string, address: bigint): TypedValue {
    return valueAt(this.#source, type, address);
  }

  /** The nodes of a linked list of a type: from `head`, the first one's address or a pointer to it, by the field `next` (also `links.next`) to null or back to the first. @throws {EngineError} kind `failed` where another comes a second time. */
  list(
    type: string,
    head: bigint | TypedValue,
    next: string,
    options: ListOptions = {},
  ): AsyncGenerator<TypedValue, void, void> {
    return walkList(this.#source, type, head, next, options);
  }

  /**
   * The value of an expression: a number of the debugger's, for example of `@rsp + 8` or `poi(app!g_counter)`; in a script
   * runtime a plain copy of what the expression gives there.
   */
  async evaluate<T extends Value = bigint | number>(expression: string): Promise<T> {
    requireText("Cannot evaluate", "the expression", expression);
    return await this.#request("evaluate", expression) as T;
  }

  /** The source line that an address is in, with the code that it has become there; null where symbols tell of none. */
  async lineAt(address: bigint): Promise<SourceLine | null> {
    requireAddress("Cannot look up a source line", address);
    return (await this.#request("sourceLines", address))[0] ?? null;
  }

  /**
   * The pieces of code that a source line has become, in all modules, by address: several, where it has several statements, was inlined, or is part of
   * a template; none, where symbols tell of none.
   *
   * @example
   * ```ts no-eval
   * for (const { address } of await program.linesOf({ file: "orders.cpp", line: 42 })) console.log(address.toString(16));
   * ```
   */
  async linesOf(place: SourcePlace): Promise<SourceLine[]> {
    return await this.#request("sourceLines", requirePlace("Cannot look up a source line", place));
  }

  /** Writes a dump; the file appears when it is complete. `mini` holds stacks and modules, `full` all memory. */
  async writeDump(path: string, options: { readonly type?: DumpType; readonly comment?: string } = {}): Promise<void> {
    await this.#request("writeDump", ...dumpRequest(path, options));
  }
}
