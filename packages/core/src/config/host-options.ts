import * as v from "valibot";
import type { Instrumentation, Logger } from "../ports/instrumentation.ts";
import type { ProcessRegistry } from "../ports/process-registry.ts";
import type { ResolvedHostConfig, ResolvedRedaction, ResolvedSessions } from "./gen/config-types.ts";
import { isRegistryLocation, type RegistryLocation } from "./locations.ts";
import type { OptionTable } from "./option.ts";
import { count, group, listOf, text } from "./option-kinds.ts";
import { SESSION_OPTIONS } from "./session-options.ts";

/** What holds for all pools of a host. Types, defaults and documentation of that part of the configuration come from here. */
export const HOST_OPTIONS = {
  registry: {
    doc: "Where the processes that run are written down, so that none outlives its host: a SQLite file, a PostgreSQL database that several hosts may share, or a registry of your own.",
    example: 'registry: { path: "./snakepit.db" }',
    expects: "{ path } of a file, { url } of a PostgreSQL database (postgres://…), or a ProcessRegistry",
    inputType: "RegistryLocation | ProcessRegistry",
    resolvedType: "RegistryLocation | ProcessRegistry | undefined",
    schema: v.optional(
      v.custom<RegistryLocation | ProcessRegistry>(
        (value) => isRegistryLocation(value) || hasMethods(value, ["reserve", "activate", "release", "sweep", "close"]),
      ),
    ),
    fallback: { value: () => undefined, text: "a file in the user's state directory" },
    secret: true,
  },
  sessions: group<ResolvedSessions>({
    doc: "Sessions, and the variables, programs and tools that belong to them.",
    example: 'sessions: { store: { path: "./sessions.db" }, ttlMs: "1d" }',
    inputType: "SessionsConfig",
    resolvedType: "ResolvedSessions",
    group: SESSION_OPTIONS,
  }),
  maxPayloadBytes: count({
    doc: "The largest value that may travel, either way, in bytes. A larger one fails with `PAYLOAD_TOO_LARGE`.",
    example: "maxPayloadBytes: 64 * 1024 * 1024",
    min: 1_024,
    max: 2_147_483_647,
    fallback: { value: () => 256 * 1024 * 1024, text: "256 MiB" },
  }),
  socketDirectory: text({
    doc: "The directory in which the host makes the private directory of its socket. The path must be short: a socket's path has room for about 100 bytes.",
    example: 'socketDirectory: "/run/my-app"',
    expects: "the path of a directory",
    fallback: "the temporary directory (`TMPDIR`), else `/tmp`, else `$XDG_RUNTIME_DIR`",
  }),
  logger: {
    doc: "Receives what workers print and log, and what goes wrong, as structured records. Any logger with pino's methods will do; `false` silences them.",
    example: "logger: pino()",
    expects: "an object with the methods debug, info, warn and error, or false",
    inputType: "Logger | false",
    resolvedType: "Logger | false | undefined",
    schema: v.optional(
      v.custom<Logger | false>((value) => value === false || hasMethods(value, ["debug", "info", "warn", "error"])),
    ),
    fallback: { value: () => undefined, text: "lines on stderr" },
  },
  redact: group<ResolvedRedaction>({
    doc: "What is taken out of log records, in addition to the names and patterns that always are (passwords, tokens, keys, credentials in URLs).",
    example: 'redact: { keys: ["patient"], patterns: [/\\d{3}-\\d{2}-\\d{4}/] }',
    inputType: "RedactionConfig",
    resolvedType: "ResolvedRedaction",
    group: {
      keys: listOf<string>({
        doc: "Names whose values are replaced, wherever `name=value` or `name: value` stands; case does not matter.",
        example: 'keys: ["patient"]',
        expects: "a list of names",
        expectsInside: "a name",
        itemType: "string",
        item: v.pipe(v.string(), v.nonEmpty()),
      }),
      patterns: listOf<RegExp>({
        doc: "Text that is replaced wherever it matches.",
        example: "patterns: [/\\d{3}-\\d{2}-\\d{4}/]",
        expects: "a list of regular expressions",
        expectsInside: "a regular expression",
        itemType: "RegExp",
        item: v.instance(RegExp),
      }),
    },
  }),
  instrumentation: {
    doc: "Hears every event and follows every call, in place of the built-in OpenTelemetry spans and metrics, which cost nothing until an OpenTelemetry SDK is set up.",
    example: "instrumentation: noInstrumentation",
    expects: "an object with the methods emit and startCall",
    inputType: "Instrumentation",
    resolvedType: "Instrumentation | undefined",
    schema: v.optional(v.custom<Instrumentation>((value) => hasMethods(value, ["emit", "startCall"]))),
    fallback: { value: () => undefined, text: "OpenTelemetry" },
  },
} satisfies OptionTable<ResolvedHostConfig>;

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
}
