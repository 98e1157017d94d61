import * as v from "valibot";
import type { ResolvedLogs } from "./gen/config-types.ts";
import type { GroupTable } from "./option.ts";
import { override } from "./option-kinds.ts";

/** The levels of log records, lowest first; `silent` omits all records. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** The formats of the built-in logger. */
export const LOG_FORMATS = ["auto", "pretty", "json"] as const;

const LOG_SOURCE = /^(?:host|stdout|stderr|logging(?:\..+)?)$/;

/** The accepted sources, completing "must be". */
export const LOG_SOURCE_FORM = "host, stdout, stderr, logging, or logging.<name> for a Python logger";

/** Whether a string names a source of log records: see {@link LOG_SOURCE_FORM}. */
export function isLogSource(name: string): boolean {
  return LOG_SOURCE.test(name);
}

const LEVEL_TYPE = LOG_LEVELS.map((level) => `"${level}"`).join(" | ");

/** The options of the logs. */
export const LOG_OPTIONS = {
  format: {
    doc: 'The format of the built-in logger, which writes to stderr. `"pretty"`: aligned lines for people. `"json"`: one JSON object per line, as pino writes. `"auto"`: pretty in a terminal, otherwise JSON. The environment variable `SNAKEPIT_LOG_FORMAT` overrides it.',
    example: 'format: "json"',
    expects: '"auto", "pretty" or "json"',
    inputType: LOG_FORMATS.map((format) => `"${format}"`).join(" | "),
    resolvedType: LOG_FORMATS.map((format) => `"${format}"`).join(" | "),
    schema: v.picklist(LOG_FORMATS),
    fallback: { value: () => "auto", text: '`"auto"`' },
  },
  level: override(
    {
      doc: "The lowest level of records that are logged. The environment variable `SNAKEPIT_LOG_LEVEL` overrides it, for example `debug`, or `warn,logging.urllib3=error` with levels of sources.",
      example: 'level: "warn"',
      expects: '"debug", "info", "warn", "error" or "silent"',
      inputType: LEVEL_TYPE,
      resolvedType: LEVEL_TYPE,
      schema: v.picklist(LOG_LEVELS),
    },
    '`"info"` for records of the host, `"debug"` for those of workers; with a `logger`, all records',
  ),
  levels: {
    doc: "Levels of single sources, instead of `level`: `host`, `stdout` and `stderr` for printed lines, `logging` for all Python loggers, `logging.<name>` for one and those below it.",
    example: 'levels: { stdout: "silent", "logging.urllib3": "error" }',
    expects: "an object that maps sources to levels",
    expectsInside: '"debug", "info", "warn", "error" or "silent"',
    inputType: `Readonly<Record<string, ${LEVEL_TYPE}>>`,
    resolvedType: `Readonly<Record<string, ${LEVEL_TYPE}>>`,
    schema: v.record(v.pipe(v.string(), v.check(isLogSource)), v.picklist(LOG_LEVELS)),
    remedy: (value) => {
      const unknown = Object.keys(value ?? {}).find((name) => !isLogSource(name));
      return unknown === undefined ? undefined : `the sources are ${LOG_SOURCE_FORM}`;
    },
    fallback: { value: () => ({}), text: "none" },
  },
} satisfies GroupTable<ResolvedLogs>;
