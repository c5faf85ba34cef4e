/**
 * Environment variables of a launched program that decide which code it runs: where Windows, a run time or a debugger's engine
 * finds libraries, agents and commands. As Deno does with `LD_*`, a list of programs does not grant them.
 * @module
 */
import type { EngineLaunch } from "../dbgeng/engine_api.ts";
import type { Need } from "./need.ts";

const NAMES =
  /^(?:path|pathext|comspec|systemroot|windir|systemdrive|psmodulepath|classpath|jdk_java_options|_java_options)$/;

const BEGINNINGS =
  /^(?:cor_|coreclr_|complus_|dotnet_|mono_|_nt_|__compat|wine|ld_|deno_|node_|npm_|electron_|java_|python|perl5|ruby|lua_|qt_|git_|openssl_)/;

/** The first variable of a launch that decides which code runs. */
export function steeringVariable({ environment }: EngineLaunch): string | undefined {
  return environment.map((line) => line.slice(0, line.indexOf("=", 1)).trim()).find((name) =>
    NAMES.test(name.toLowerCase()) || BEGINNINGS.test(name.toLowerCase())
  );
}

/** The right to launch a program with such a variable: that to launch anything. */
export function steeringNeed(program: string, variable: string): Need {
  return { right: "launch", value: `${program} with the variable ${variable}`, allows: () => false };
}
