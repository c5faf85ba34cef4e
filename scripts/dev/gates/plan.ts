/** How long files take that take more than a few seconds, on two cores. */
const SECONDS: Readonly<Record<string, number>> = {
  "tests/cli/run_words_test.ts": 12,
  "tests/cli/schedule_killed_test.ts": 10,
  "tests/cli/schedule_run_test.ts": 12,
  "tests/cli/schedule_scheduler_test.ts": 28,
  "tests/cli/second_signal_test.ts": 15,
  "tests/dbgeng/border_test.ts": 6,
  "tests/dbgeng/types_test.ts": 12,
  "tests/dev/header_proof_test.ts": 15,
  "tests/dev/runners_test.ts": 12,
  "tests/diagnostics/crash_test.ts": 13,
  "tests/host/attacker_test.ts": 25,
  "tests/host/callers_test.ts": 20,
  "tests/host/cli_test.ts": 28,
  "tests/host/children_output_test.ts": 25,
  "tests/host/command_output_test.ts": 10,
  "tests/host/crash_dumps_test.ts": 38,
  "tests/host/conformance_remote_test.ts": 28,
  "tests/host/diagnostic_confined_test.ts": 28,
  "tests/host/dump_show_test.ts": 22,
  "tests/host/ends_test.ts": 60,
  "tests/host/environment_test.ts": 35,
  "tests/host/exact_host_test.ts": 10,
  "tests/host/hostile_target_test.ts": 65,
  "tests/host/hostile_test.ts": 25,
  "tests/host/input_test.ts": 45,
  "tests/host/killed_test.ts": 10,
  "tests/host/leaving_test.ts": 18,
  "tests/host/native_lost_test.ts": 16,
  "tests/host/native_test.ts": 20,
  "tests/host/printing_test.ts": 34,
  "tests/host/paths_test.ts": 12,
  "tests/host/real_test.ts": 1,
  "tests/host/ref_test.ts": 14,
  "tests/host/schedule_target_test.ts": 18,
  "tests/host/schedule_test.ts": 30,
  "tests/host/script_rights_test.ts": 30,
  "tests/host/stuck_test.ts": 35,
  "tests/host/symbols_test.ts": 12,
  "tests/host/thread_names_test.ts": 20,
  "tests/host/tour_test.ts": 28,
  "tests/host/values_test.ts": 30,
  "tests/host/wrong_inputs_test.ts": 25,
  "tests/live/abandon_test.ts": 15,
  "tests/live/attach_cycles_test.ts": 12,
  "tests/live/attach_detach_test.ts": 40,
  "tests/live/attach_options_test.ts": 15,
  "tests/live/attach_test.ts": 10,
  "tests/live/bad_input_test.ts": 18,
  "tests/live/bad_state_test.ts": 10,
  "tests/live/breakpoints_test.ts": 25,
  "tests/live/children_test.ts": 12,
  "tests/live/command_limits_test.ts": 20,
  "tests/live/commands_test.ts": 12,
  "tests/live/confined_test.ts": 12,
  "tests/live/conformance_inline_test.ts": 15,
  "tests/live/conformance_server_test.ts": 22,
  "tests/live/conformance_test.ts": 22,
  "tests/live/debug_strings_test.ts": 12,
  "tests/live/diagnostic_crash_test.ts": 18,
  "tests/live/diagnostic_ends_test.ts": 25,
  "tests/live/diagnostic_hang_test.ts": 22,
  "tests/live/diagnostic_modules_test.ts": 18,
  "tests/live/diagnostic_tree_test.ts": 12,
  "tests/live/ended_test.ts": 12,
  "tests/live/endurance_test.ts": 22,
  "tests/live/engine_test.ts": 18,
  "tests/live/exact_deferred_test.ts": 10,
  "tests/live/exact_faults_test.ts": 30,
  "tests/live/exact_hidden_test.ts": 20,
  "tests/live/exact_hits_test.ts": 40,
  "tests/live/exact_instructions_test.ts": 45,
  "tests/live/exact_interrupts_test.ts": 10,
  "tests/live/exact_leaving_test.ts": 60,
  "tests/live/exact_obstacles_test.ts": 30,
  "tests/live/exact_shared_test.ts": 12,
  "tests/live/exact_stalls_test.ts": 30,
  "tests/live/exact_steps_test.ts": 40,
  "tests/live/exact_threads_test.ts": 35,
  "tests/live/exact_ways_test.ts": 14,
  "tests/live/examples_test.ts": 25,
  "tests/live/foreign_calls_test.ts": 25,
  "tests/live/handlers_test.ts": 20,
  "tests/live/input_test.ts": 30,
  "tests/live/interrupt_test.ts": 35,
  "tests/live/last_chance_test.ts": 10,
  "tests/live/launch_test.ts": 18,
  "tests/live/line_steps_test.ts": 25,
  "tests/live/lost_server_test.ts": 50,
  "tests/live/module_names_test.ts": 10,
  "tests/live/not_loaded_test.ts": 15,
  "tests/live/oracle_test.ts": 20,
  "tests/live/own_dlls_test.ts": 15,
  "tests/live/process_server_test.ts": 28,
  "tests/live/processes_test.ts": 12,
  "tests/live/races_test.ts": 20,
  "tests/live/ref_test.ts": 22,
  "tests/live/statements_test.ts": 18,
  "tests/live/stuck_test.ts": 30,
  "tests/live/thread_names_test.ts": 18,
  "tests/live/unbroken_test.ts": 40,
  "tests/live/url_import_test.ts": 12,
  "tests/live/values_elsewhere_test.ts": 15,
  "tests/live/values_test.ts": 16,
  "tests/live/x86_beside_test.ts": 20,
  "tests/live/x86_test.ts": 25,
  "tests/remote/hostile_peer_test.ts": 10,
  "tests/script/attacker_test.ts": 15,
  "tests/script/declared_test.ts": 9,
  "tests/script/held_test.ts": 40,
  "tests/script/reload_test.ts": 14,
  "tests/script/run_script_test.ts": 24,
  "tests/session/model_test.ts": 10,
  "tests/symbols/lzx_test.ts": 8,
  "tests/v8/attach_test.ts": 30,
  "tests/v8/conformance_deno_test.ts": 30,
  "tests/v8/conformance_node_test.ts": 26,
  "tests/v8/examples_test.ts": 9,
  "tests/v8/launch_test.ts": 26,
  "tests/v8/port_test.ts": 15,
  "tests/v8/session_test.ts": 8,
};

/** How long they take with the counts of `--long`: those that ask `tests/count.ts` for some, and no others. */
const LONG_SECONDS: Readonly<Record<string, number>> = {
  "tests/dbgeng/border_test.ts": 60,
  "tests/host/attacker_test.ts": 630,
  "tests/host/diagnostic_confined_test.ts": 35,
  "tests/host/schedule_test.ts": 150,
  "tests/host/real_test.ts": 200,
  "tests/host/script_rights_test.ts": 110,
  "tests/host/ends_test.ts": 2_400,
  "tests/host/exact_host_test.ts": 900,
  "tests/host/stuck_test.ts": 900,
  "tests/host/wrong_inputs_test.ts": 1_300,
  "tests/live/attach_cycles_test.ts": 50,
  "tests/live/attach_detach_test.ts": 3_000,
  "tests/live/bad_input_test.ts": 30,
  "tests/live/bad_state_test.ts": 25,
  "tests/live/diagnostic_crash_test.ts": 25,
  "tests/live/diagnostic_ends_test.ts": 50,
  "tests/live/diagnostic_hang_test.ts": 40,
  "tests/live/diagnostic_modules_test.ts": 25,
  "tests/live/diagnostic_tree_test.ts": 20,
  "tests/live/endurance_test.ts": 200,
  "tests/live/engine_test.ts": 50,
  "tests/live/examples_test.ts": 40,
  "tests/live/interrupt_test.ts": 55,
  "tests/live/launch_test.ts": 45,
  "tests/live/lost_server_test.ts": 70,
  "tests/live/oracle_test.ts": 55,
  "tests/live/process_server_test.ts": 40,
  "tests/live/races_test.ts": 55,
  "tests/live/exact_hits_test.ts": 2_400,
  "tests/live/exact_interrupts_test.ts": 60,
  "tests/live/exact_leaving_test.ts": 400,
  "tests/live/exact_obstacles_test.ts": 420,
  "tests/live/exact_shared_test.ts": 1_200,
  "tests/live/exact_stalls_test.ts": 160,
  "tests/live/exact_steps_test.ts": 120,
  "tests/live/exact_threads_test.ts": 2_400,
  "tests/live/line_steps_test.ts": 700,
  "tests/live/stuck_test.ts": 600,
  "tests/live/unbroken_test.ts": 300,
  "tests/script/attacker_test.ts": 900,
  "tests/script/held_test.ts": 95,
  "tests/session/model_test.ts": 2_000,
};

/** Files that measure time or bring the engine to its limits: beside others they would prove nothing, or disturb them. */
const ALONE = [
  ...["tests/live/interrupt_test.ts", "tests/live/inspect_test.ts", "tests/host/schedule_test.ts"],
];

/**
 * What a short run leaves out, so that it takes six minutes: files of which others show the gist. `deno task test --rest` runs these, and so
 * does CI.
 */
export const REST: readonly string[] = [
  "cli/schedule_scheduler",
  "cli/second_signal",
  "host/attacker",
  "host/conformance_remote",
  "host/crash_dumps",
  "host/diagnostic_confined",
  "host/ends",
  "host/environment",
  "host/hostile_target",
  "host/input",
  "host/leaving",
  "host/native_lost",
  "host/printing",
  "host/ref",
  "host/schedule",
  "host/schedule_target",
  "host/script_rights",
  "host/stuck",
  "host/thread_names",
  "host/tour",
  "host/values",
  "host/wrong_inputs",
  "live/attach_cycles",
  "live/attach_detach",
  "live/bad_input",
  "live/command_limits",
  "live/conformance_inline",
  "live/conformance_server",
  "live/diagnostic_crash",
  "live/diagnostic_ends",
  "live/diagnostic_hang",
  "live/diagnostic_modules",
  "live/diagnostic_tree",
  "live/endurance",
  "live/engine",
  "live/exact_faults",
  "live/exact_hidden",
  "live/exact_instructions",
  "live/exact_leaving",
  "live/exact_obstacles",
  "live/exact_steps",
  "live/examples",
  "live/foreign_calls",
  "live/handlers",
  "live/input",
  "live/interrupt",
  "live/launch",
  "live/lost_server",
  "live/oracle",
  "live/own_dlls",
  "live/process_server",
  "live/races",
  "live/ref",
  "live/stuck",
  "live/thread_names",
  "live/unbroken",
  "live/values_elsewhere",
  "script/held",
  "v8/attach",
  "v8/conformance_deno",
  "v8/launch",
  "v8/port",
].map((name) => `tests/${name}_test.ts`);

/** Whether a short run leaves a file out. */
export function isOfTheRest(file: string): boolean {
  return REST.includes(file);
}

/** Files that a short run leaves out altogether: what they need is fetched first. */
const ONLY_LONG = ["tests/host/real_test.ts"];

/** Whether a file runs with the long counts only. */
export function isOnlyLong(file: string): boolean {
  return ONLY_LONG.includes(file);
}

/** The files that the plan knows. */
export const PLANNED: readonly string[] = Object.keys(SECONDS);

/** Whether the long counts are asked for. */
export interface Counts {
  readonly isLong: boolean;
}

/** How long a file takes, in seconds; a few where nothing is known. */
export function secondsOf(file: string, { isLong }: Counts): number {
  return (isLong ? LONG_SECONDS[file] : undefined) ?? SECONDS[file] ?? 3;
}

/** Whether a file has other counts with `--long`. */
export function hasLong(file: string): boolean {
  return LONG_SECONDS[file] !== undefined;
}

/**
 * The files that can run beside others and those that cannot, each the longest first: begun last, a long one would run on while
 * the other lanes have nothing left.
 */
export function planFiles(files: readonly string[], counts: Counts): { beside: string[]; alone: string[] } {
  const sorted = files.toSorted((a, b) => secondsOf(b, counts) - secondsOf(a, counts));
  const { beside = [], alone = [] } = Object.groupBy(sorted, (file) => ALONE.includes(file) ? "alone" : "beside");
  return { beside, alone };
}

/** What can be run in some seconds of the files that have long counts, as many as possible, and what cannot. */
export function filesThatFit(
  files: readonly string[],
  lanes: number,
  seconds: number,
): { fitting: string[]; others: string[] } {
  const costOf = (file: string): number => secondsOf(file, { isLong: true }) / (ALONE.includes(file) ? 1 : lanes);
  let left = seconds;
  const long = files.filter(hasLong).toSorted((a, b) => costOf(a) - costOf(b));
  const { fitting = [], others = [] } = Object.groupBy(long, (file) => {
    left -= costOf(file);
    return left >= 0 ? "fitting" : "others";
  });
  return { fitting, others };
}
