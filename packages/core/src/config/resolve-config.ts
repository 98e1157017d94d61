import { getDotPath, safeParse } from "valibot";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { describeKind, describeValue } from "../validation/describe-value.ts";
import { nearestName } from "../validation/nearest-name.ts";
import { type ConfigProblem, invalidConfig } from "../validation/options.ts";
import type { Fallback } from "./fallback.ts";
import type { ResolvedPoolConfig } from "./gen/config-types.ts";
import { HOST_OPTIONS } from "./host-options.ts";
import { asWorker, isWorkerSpec, optionCalled, optionsProblem } from "./misplaced.ts";
import type { GroupOption, GroupTable, NamedGroupsOption, OptionTable, ValueOption } from "./option.ts";
import { GROUP_DEFAULT } from "./option-kinds.ts";
import { POOL_OPTIONS } from "./pool-options.ts";
import type { ResolvedConfig } from "./snakepit-config.ts";

/** The name of the pool in a configuration without `pools`, and of the pool that calls use by default. */
export const DEFAULT_POOL = "default";

const POOL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const HOST_NAMES = [...Object.keys(HOST_OPTIONS), "pools"];
const POOL_NAMES = Object.keys(POOL_OPTIONS);
/** The options of `Snakepit.start()` that are not part of the configuration. */
const START_OPTIONS: readonly string[] = ["signal", "waitForWorkers"];

/**
 * Validates a configuration and fills in the defaults. The result is frozen.
 *
 * @param subject what the message calls the configuration.
 * @throws SnakepitError `INVALID_CONFIG` that lists every problem with its path and remedy, in the message and in
 *   `details.problems`, as {@link ConfigProblem}s.
 */
export function resolveConfig(config: unknown, subject?: string): ResolvedConfig {
  const problems: ConfigProblem[] = [];
  const resolved = resolveHost(config, problems);
  if (resolved === undefined || problems.length > 0) throw invalidConfig(problems, subject);
  return resolved;
}

function resolveHost(config: unknown, problems: ConfigProblem[]): ResolvedConfig | undefined {
  const problem = optionsProblem(config, "");
  if (problem !== undefined || !isObject(config)) {
    if (problem !== undefined) problems.push(problem);
    return undefined;
  }
  const named = config["pools"] !== undefined;
  reportUnknown(config, named ? HOST_NAMES : [...POOL_NAMES, ...HOST_NAMES], "", problems);
  const pools = named ? resolvePools(config["pools"], problems) : { [DEFAULT_POOL]: resolvePool(config, "", problems) };
  reportFallbacks(pools, named, problems);
  reportUnusedFormat(config, problems);
  return Object.freeze({ ...resolveTable(HOST_OPTIONS, config, "", problems), pools: Object.freeze(pools) });
}

function resolvePools(pools: unknown, problems: ConfigProblem[]): Record<string, ResolvedPoolConfig> {
  const example = 'write for example `pools: { default: { worker: python("./tools.py") } }`';
  if (!isObject(pools) || Object.keys(pools).length === 0) {
    const got = isObject(pools) ? "an empty object" : describeValue(pools);
    const problem = `must be an object with at least one pool by name; got ${got}`;
    problems.push({ path: "pools", problem, remedy: example });
    return {};
  }
  const resolved: Record<string, ResolvedPoolConfig> = {};
  for (const [name, pool] of Object.entries(pools)) {
    const path = `pools.${name}`;
    if (!POOL_NAME.test(name)) {
      const problem = "is not a valid name of a pool";
      const remedy = "use 1 to 64 letters, digits, `_`, `-` and `.`, and begin with a letter or digit";
      problems.push({ path, problem, remedy });
    }
    const problem = optionsProblem(pool, path);
    if (problem !== undefined || !isObject(pool)) {
      if (problem !== undefined) problems.push(problem);
      continue;
    }
    reportUnknown(pool, POOL_NAMES, path, problems);
    resolved[name] = resolvePool(pool, path, problems);
  }
  return resolved;
}

function resolvePool(
  pool: Readonly<Record<string, unknown>>,
  path: string,
  problems: ConfigProblem[],
): ResolvedPoolConfig {
  const found = problems.length;
  const resolved = resolveTable(POOL_OPTIONS, pool, path, problems);
  for (const problem of resolved.worker?.problems ?? []) {
    problems.push({ ...problem, path: at(at(path, "worker"), problem.path) });
  }
  if (problems.length === found) reportContradictions(resolved, path, problems);
  if (isObject(pool["healthCheck"]) && pool["healthCheck"]["intervalMs"] === undefined) {
    problems.push({
      path: at(path, "healthCheck.intervalMs"),
      problem: "is missing, and without it no worker is checked",
      remedy: 'write for example `intervalMs: "30s"`, or omit healthCheck',
    });
  }
  return resolved;
}

function reportContradictions(pool: ResolvedPoolConfig, path: string, problems: ConfigProblem[]): void {
  if (pool.heartbeatTimeoutMs <= pool.heartbeatIntervalMs) {
    problems.push({
      path: at(path, "heartbeatTimeoutMs"),
      problem: `must be greater than heartbeatIntervalMs, ${pool.heartbeatIntervalMs} ms; got ${pool.heartbeatTimeoutMs} ms`,
      remedy: "set it to several times the interval, so that a late heartbeat does not end the worker",
    });
  }
  if (pool.profile === "process" && (pool.capacity ?? 1) > 1) {
    problems.push({
      path: at(path, "capacity"),
      problem: `must be 1 with the profile "process", whose workers execute one call at a time; got ${pool.capacity}`,
      remedy: 'set `profile: "thread"` or `profile: "async"`, or raise `size` for more workers',
    });
  }
  for (const name of ["backoff", "retry"] as const) {
    const { initialMs, maxMs } = pool[name];
    if (maxMs >= initialMs) continue;
    problems.push({
      path: at(path, `${name}.maxMs`),
      problem: `must be at least initialMs, ${initialMs} ms; got ${maxMs} ms`,
      remedy: "increase maxMs or decrease initialMs",
    });
  }
}

/** Reports a format that no records have, because a logger of the program formats them. */
function reportUnusedFormat({ logger, logs }: Readonly<Record<string, unknown>>, problems: ConfigProblem[]): void {
  if (logger === undefined || !isObject(logs) || logs["format"] === undefined) return;
  problems.push({
    path: "logs.format",
    problem: "has no effect, because `logger` replaces the built-in logger",
    remedy: "omit one of them",
  });
}

/** Reports fallback pools that do not exist, and pools that are, over others, their own fallback. */
function reportFallbacks(
  pools: Readonly<Record<string, ResolvedPoolConfig>>,
  named: boolean,
  problems: ConfigProblem[],
): void {
  const next = new Map(Object.entries(pools).map(([name, { fallback }]) => [name, fallbackPool(fallback)]));
  for (const [name, target] of next) {
    if (target === undefined) continue;
    const path = named ? `pools.${name}.fallback` : "fallback";
    if (!next.has(target)) {
      const nearest = nearestName(target, [...next.keys()]);
      const remedy =
        nearest === undefined ? `the pools are ${[...next.keys()].join(", ")}` : `did you mean \`${nearest}\`?`;
      problems.push({ path, problem: `must name an existing pool; got ${describeValue(target)}`, remedy });
      continue;
    }
    const passed = new Set([name]);
    let pool: string | undefined = target;
    while (pool !== undefined && !passed.has(pool)) {
      passed.add(pool);
      pool = next.get(pool);
    }
    if (pool !== name) continue;
    const chain = [...passed, name].join(" → ");
    problems.push({
      path,
      problem: `must not lead back to its pool; got ${chain}`,
      remedy: "omit one of these fallbacks",
    });
  }
}

function fallbackPool(fallback: Fallback | undefined): string | undefined {
  return typeof fallback === "object" ? fallback.pool : undefined;
}

/**
 * Resolves the options of a method that are those of a group of the configuration.
 *
 * @param group the options.
 * @param input the options as they were passed.
 * @param method name of the method, for messages.
 * @throws SnakepitError `INVALID_ARGUMENT` with every mistake.
 */
export function resolveOptions<Resolved extends object>(
  group: GroupTable<Resolved>,
  input: unknown,
  method: string,
): Resolved {
  const problems: ConfigProblem[] = [];
  if (!isObject(input)) {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `the options of ${method}() must be an object; got ${describeValue(input)}`,
    );
  }
  const resolved = resolveGroup({ group: group as GroupTable<object> }, input, "", problems);
  if (problems.length === 0) return resolved as Resolved;
  const listed = problems.map(({ path, problem, remedy }) => `${path} ${problem}; ${remedy}`);
  throw new SnakepitError("INVALID_ARGUMENT", `${method}(): ${listed.join("\n")}`);
}

/** Resolves the options of a table; an invalid option is reported and missing in the result. */
function resolveTable<Resolved extends object>(
  table: OptionTable<Resolved>,
  input: Readonly<Record<string, unknown>>,
  path: string,
  problems: ConfigProblem[],
): Resolved {
  const resolved: Partial<Resolved> = {};
  for (const name in table) {
    const option = table[name];
    const value = input[name];
    const here = at(path, name);
    if ("schema" in option) {
      resolved[name] = resolveValue(option, value, here, problems) as Resolved[typeof name];
      continue;
    }
    if (value !== undefined && !isObject(value)) {
      const problem = `must be an object; got ${describeValue(value)}`;
      problems.push({ path: here, problem, remedy: remedyOf(option) });
      continue;
    }
    const nested =
      option.each === undefined
        ? resolveGroup(option as GroupOption<unknown>, value, here, problems)
        : resolveNamed(option as NamedGroupsOption<unknown>, value ?? {}, here, problems);
    resolved[name] = nested as Resolved[typeof name];
  }
  return Object.freeze(resolved as Resolved);
}

function resolveGroup(
  { group, isOff = false }: Pick<GroupOption<unknown>, "group" | "isOff">,
  value: Readonly<Record<string, unknown>> | undefined,
  path: string,
  problems: ConfigProblem[],
): object | undefined {
  if (value === undefined && isOff) return undefined;
  reportUnknown(value ?? {}, Object.keys(group), path, problems);
  return resolveTable(group as OptionTable<object>, value ?? {}, path, problems);
}

/** Resolves an object of options for each name. */
function resolveNamed(
  option: NamedGroupsOption<unknown>,
  named: Readonly<Record<string, unknown>>,
  path: string,
  problems: ConfigProblem[],
): object {
  const resolved = Object.entries(named).map(([name, value]) => {
    const here = at(path, name);
    if (isObject(value)) return [name, resolveGroup({ group: option.each }, value, here, problems)] as const;
    problems.push({
      path: here,
      problem: `must be an object of options; got ${describeValue(value)}`,
      remedy: `write for example \`${option.example}\``,
    });
    return [name, undefined] as const;
  });
  return Object.freeze(Object.fromEntries(resolved));
}

function resolveValue<Resolved>(
  option: ValueOption<Resolved>,
  value: unknown,
  path: string,
  problems: ConfigProblem[],
): Resolved | undefined {
  if (value === undefined) {
    if (option.fallback !== undefined) return option.fallback.value();
    problems.push({ path, problem: "is missing", remedy: remedyOf(option) });
    return undefined;
  }
  const result = safeParse(option.schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const inside = getDotPath(issue);
  if (inside !== null && issue.path?.at(-1)?.origin === "key") {
    const remedy = option.remedy?.(value) ?? remedyOf(option);
    problems.push({ path: at(path, inside), problem: "is not a valid name", remedy });
    return undefined;
  }
  const got = option.secret === true ? describeKind(issue.input) : describeValue(issue.input);
  problems.push({
    path: inside === null ? path : at(path, inside),
    problem: `must be ${inside === null ? option.expects : (option.expectsInside ?? option.expects)}; got ${got}`,
    remedy: option.remedy?.(value) ?? remedyOf(option),
  });
  return undefined;
}

function reportUnknown(
  input: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  problems: ConfigProblem[],
): void {
  let listed = false;
  for (const name of Object.keys(input)) {
    if (known.includes(name)) continue;
    const problem = unknownName(name, input[name], known, path);
    // All options are listed only once.
    problems.push({ path: at(path, name), problem: "is not an option", ...(problem ?? optionList(known, listed)) });
    listed ||= problem === undefined;
  }
}

function optionList(known: readonly string[], listed: boolean): Omit<ConfigProblem, "path" | "problem"> {
  return { remedy: listed ? "remove it" : `the options are ${known.join(", ")}` };
}

function unknownName(
  name: string,
  value: unknown,
  known: readonly string[],
  path: string,
): Omit<ConfigProblem, "path"> | undefined {
  if (path === "" && POOL_NAMES.includes(name)) {
    return { problem: "is an option of pools", remedy: `move it into a pool: \`pools.<name>.${name}\`` };
  }
  if (path === "" && START_OPTIONS.includes(name)) {
    const remedy = `pass it in the object after the configuration: Snakepit.start({ … }, { ${name}: … })`;
    return { problem: "is not an option of the configuration", remedy };
  }
  const option = optionCalled(name, known);
  const nearest = option ?? nearestName(name, known);
  // `workers: 4` means `size`, but a worker is never another option.
  const isWorker = option === "worker" || (nearest !== undefined && known.includes("worker") && isWorkerSpec(value));
  if (isWorker) return { problem: "is not an option", remedy: `write \`worker: ${asWorker(value)}\`` };
  return nearest === undefined ? undefined : { problem: "is not an option", remedy: `did you mean \`${nearest}\`?` };
}

function remedyOf(option: { readonly example: string; readonly fallback?: { readonly text: string } }): string {
  const text = option.fallback?.text;
  // "See below" is for the documentation.
  const standard = text === GROUP_DEFAULT ? "" : ` (default: ${text})`;
  const omission = text === undefined ? "" : `, or omit it${standard}`;
  return `write for example \`${option.example}\`${omission}`;
}

function at(path: string, name: string): string {
  return path === "" || name === "" ? path + name : `${path}.${name}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
