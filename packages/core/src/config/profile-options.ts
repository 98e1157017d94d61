import * as v from "valibot";
import { nearestName } from "../validation/nearest-name.ts";
import type { ResolvedPoolConfig } from "./gen/config-types.ts";
import type { OptionTable } from "./option.ts";
import { optionalNumber } from "./option-kinds.ts";

const PROFILE_TYPE = `"process" | "thread" | "async" | \`\${string}:\${string}\``;

/** The options of a pool for how its workers execute calls. */
export const PROFILE_OPTIONS = {
  profile: {
    doc: 'How a worker executes calls. `"process"`: one at a time, on its main thread. `"thread"`: several at the same time, in threads; tools must be safe for threads. `"async"`: many at the same time, as tasks of one event loop, for tools that are `async` and wait for other systems. `"module:Class"` is a custom profile, a class derived from `snakepit_bridge.profiles.Profile`.',
    example: 'profile: "thread"',
    expects: '"process", "thread", "async" or "module:Class"',
    inputType: PROFILE_TYPE,
    resolvedType: PROFILE_TYPE,
    schema: v.custom<ResolvedPoolConfig["profile"]>(isProfile),
    remedy: profileRemedy,
    fallback: { value: () => "process", text: '`"process"`' },
  },
  capacity: optionalNumber({
    doc: "Number of calls that a worker executes at the same time. With the profile `process`, it is 1.",
    example: "capacity: 32",
    min: 1,
    max: 10_000,
    fallback: "1 for `process`, 16 for `thread`, 512 for `async`",
  }),
  libraryThreads: optionalNumber({
    doc: "Number of threads that numeric libraries such as numpy use for one operation, set by `OMP_NUM_THREADS` and similar environment variables. Variables that the host or `env` sets take precedence.",
    example: "libraryThreads: 4",
    min: 1,
    max: 10_000,
    fallback: "1, because the workers of a pool use the cores together",
  }),
  threadSafety: {
    doc: 'How Python workers that execute several calls at the same time check the thread safety of the adapter: with `profile: "thread"`, and with other profiles for tools that run in threads. `"warn"` logs what is not declared as thread-safe: the adapter at the start, a known unsafe library, and a tool that two threads execute at the same time. `"strict"` rejects the start or the second call. `"off"` checks nothing, and calls have no additional cost. With `profile: "process"`, the option has no effect.',
    example: 'threadSafety: "strict"',
    expects: '"off", "warn" or "strict"',
    inputType: '"off" | "warn" | "strict"',
    resolvedType: '"off" | "warn" | "strict"',
    schema: v.picklist(["off", "warn", "strict"]),
    fallback: { value: () => "warn", text: '`"warn"`' },
  },
} satisfies OptionTable<Pick<ResolvedPoolConfig, "profile" | "capacity" | "libraryThreads" | "threadSafety">>;

const PROFILES = ["process", "thread", "async"];

function isProfile(value: unknown): boolean {
  return typeof value === "string" && (PROFILES.includes(value) || /^[^:].*:[A-Za-z_]\w*$/.test(value));
}

function profileRemedy(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const nearest = nearestName(value, PROFILES);
  if (nearest !== undefined) return `did you mean \`profile: "${nearest}"\`?`;
  const module = /^[^:]*[./][^:]*/.exec(value)?.[0];
  return module === undefined ? undefined : `name a class of it: \`profile: "${module}:MyProfile"\``;
}
