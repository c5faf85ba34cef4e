/** A symbol server on this machine, which does what a test says, and what it is asked for. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cabinetContent } from "../../lib/symbols/cabinet.ts";
import { FileReader } from "../../lib/files/file_reader.ts";
import type { WantedFile } from "../../lib/symbols/mod.ts";

/** Symbols that lld has made of a program, packed by gcab 1.5 (`gcab -c -z hits.pd_ hits.pdb`). */
export const CABINET = fileURLToPath(new URL("hits.pd_", import.meta.url));

/** What that program says of them, in its own debug directory. */
export const WANTED: WantedFile = {
  name: "hits.pdb",
  id: "D489565838E179524C4C44205044422E1",
  kind: "symbols",
  module: "hits.exe",
};

/** The symbols themselves. */
export function unpacked(): Uint8Array<ArrayBuffer> {
  using reader = new FileReader(CABINET);
  return new Uint8Array(Buffer.concat([...cabinetContent(reader)]));
}

/** A server. Each of its answers is for the path behind the symbols' own folder, `hits.pdb/…/`. */
export class SymbolServer implements AsyncDisposable {
  readonly url: string;
  /** The last part of what was asked for, with the range if there was one. */
  readonly asked: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (name: string, request: Request) => Response | Promise<Response>) {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const name = decodeURIComponent(new URL(request.url).pathname.split("/").at(-1) ?? "");
      const range = request.headers.get("range");
      this.asked.push(range === null ? name : `${name} ${range}`);
      return answer(name, request);
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/symbols`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A server that has these files and no others. */
export function serverOf(files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>): SymbolServer {
  return new SymbolServer((name) => {
    const file = files[name];
    return file === undefined ? new Response("none", { status: 404 }) : new Response(file);
  });
}

/** A folder that goes with the test. */
export class Folder implements Disposable {
  readonly path: string = Deno.makeTempDirSync();

  /** All files below it, with slashes. */
  get files(): string[] {
    const walk = (folder: string, prefix: string): string[] =>
      [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
        isDirectory ? walk(join(folder, name), `${prefix}${name}/`) : [prefix + name]
      );
    return walk(this.path, "").sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
