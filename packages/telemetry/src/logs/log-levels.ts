import {
  type ConfigProblem,
  describeValue,
  invalidConfig,
  isLogSource,
  LOG_FORMATS,
  LOG_LEVELS,
  LOG_SOURCE_FORM,
  type Logger,
  type ResolvedLogs,
} from "@snakepit/core";

/** The level of records, or `silent` for none. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the options of the logs, with what the environment variables override. */
export function effectiveLogs(logs: Partial<ResolvedLogs>, env: Environment): Partial<ResolvedLogs> {
  const problems: ConfigProblem[] = [];
  const format = env["SNAKEPIT_LOG_FORMAT"];
  if (format !== undefined && format !== "" && !isOneOf(LOG_FORMATS, format)) {
    const problem = `must be auto, pretty or json; got ${describeValue(format)}`;
    problems.push({ path: "SNAKEPIT_LOG_FORMAT", problem, remedy: "correct or unset the environment variable" });
  }
  const { level, levels } = parseLevels(env["SNAKEPIT_LOG_LEVEL"] ?? "", problems);
  if (problems.length > 0) throw invalidConfig(problems);
  return {
    ...logs,
    ...(isOneOf(LOG_FORMATS, format) && { format }),
    // A level in the environment applies to all sources, also to those with a level in the configuration.
    ...(level !== undefined && { level, levels: {} }),
    ...(levels.size > 0 && { levels: { ...(level === undefined && logs.levels), ...Object.fromEntries(levels) } }),
  };
}

/** Parses `warn,stdout=silent,logging.urllib3=error`. */
function parseLevels(
  text: string,
  problems: ConfigProblem[],
): { readonly level: LogLevel | undefined; readonly levels: ReadonlyMap<string, LogLevel> } {
  let level: LogLevel | undefined;
  const levels = new Map<string, LogLevel>();
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const [first = "", second] = part.split("=", 2).map((each) => each.trim());
    const value = (second ?? first).toLowerCase();
    if (!isOneOf(LOG_LEVELS, value)) {
      const problem = `must have the levels ${LOG_LEVELS.join(", ")}; got ${describeValue(part)}`;
      problems.push({ path: "SNAKEPIT_LOG_LEVEL", problem, remedy: "write for example warn,logging.urllib3=error" });
    } else if (second === undefined) {
      level = value;
    } else if (isLogSource(first)) {
      levels.set(first, value);
    } else {
      const problem = `must have the sources ${LOG_SOURCE_FORM}; got ${describeValue(part)}`;
      problems.push({ path: "SNAKEPIT_LOG_LEVEL", problem, remedy: "write for example warn,logging.urllib3=error" });
    }
  }
  return { level, levels };
}

function isOneOf<const Value extends string>(values: readonly Value[], value: string | undefined): value is Value {
  return (values as readonly (string | undefined)[]).includes(value);
}

/** Maximum number of Python loggers whose level is remembered; their names may be generated. */
const MAX_REMEMBERED = 1_000;

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/**
 * Returns a logger that writes the records of `target` from their level on.
 *
 * @param hostLevel the level of records of the host without a configured one.
 */
export function filteredLogger(target: Logger, logs: Partial<ResolvedLogs>, hostLevel: LogLevel): Logger {
  const levels = new Map(Object.entries(logs.levels ?? {}));
  const standard = logs.level;
  const remembered = new Map<string, number>();

  const rankOf = (source: string | undefined, logger: string | undefined): number => {
    if (source === undefined) return RANKS[levels.get("host") ?? standard ?? hostLevel];
    if (source !== "logging" || logger === undefined) return RANKS[levels.get(source) ?? standard ?? "debug"];
    let rank = remembered.get(logger);
    if (rank === undefined) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      rank = RANKS[levelOfLogger(levels, logger) ?? standard ?? "debug"];
      remembered.set(logger, rank);
    }
    return rank;
  };

  const writer = (level: keyof Logger) => {
    const own = RANKS[level];
    return (facts: object, message: string) => {
      const { source, logger } = facts as { readonly source?: string; readonly logger?: string };
      if (own >= rankOf(source, logger)) target[level](facts, message);
    };
  };
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}

/** Returns the level of a Python logger: its own, or that of the nearest logger above it. */
function levelOfLogger(levels: ReadonlyMap<string, LogLevel>, logger: string): LogLevel | undefined {
  for (let name = `logging.${logger}`; ; name = name.slice(0, name.lastIndexOf("."))) {
    const level = levels.get(name);
    if (level !== undefined || name === "logging") return level;
  }
}
