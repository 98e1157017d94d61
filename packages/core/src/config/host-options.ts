import * as v from "valibot";
import type { Instrumentation, Logger } from "../ports/instrumentation.ts";
import type { ProcessRegistry } from "../ports/process-registry.ts";
import type { ResolvedHostConfig, ResolvedRedaction, ResolvedSessions } from "./gen/config-types.ts";
import { isRegistryLocation, type RegistryLocation } from "./locations.ts";
import type { OptionTable } from "./option.ts";
import { arrayOf, flag, group, integer, nonEmptyString } from "./option-kinds.ts";
import { SESSION_OPTIONS } from "./session-options.ts";

/** The options of a host. Their types, defaults and documentation are generated from this table. */
export const HOST_OPTIONS = {
  registry: {
    doc: "The registry that records running processes, so that none outlives its host. It is a SQLite file, a PostgreSQL database that several hosts may share, or a custom registry.",
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
    doc: "Sessions and their variables, programs and host tools.",
    example: 'sessions: { store: { path: "./sessions.db" }, ttlMs: "1d" }',
    inputType: "SessionsConfig",
    resolvedType: "ResolvedSessions",
    group: SESSION_OPTIONS,
  }),
  maxPayloadBytes: integer({
    doc: "Maximum size of a value in bytes, in either direction. A larger value fails with `PAYLOAD_TOO_LARGE`.",
    example: "maxPayloadBytes: 64 * 1024 * 1024",
    min: 1_024,
    max: 2_147_483_647,
    fallback: { value: () => 256 * 1024 * 1024, text: "256 MiB" },
  }),
  socketDirectory: nonEmptyString({
    doc: "The directory in which the host creates the private directory of its socket. The path must be short, because a socket path has at most about 100 bytes.",
    example: 'socketDirectory: "/run/my-app"',
    expects: "the path of a directory",
    fallback: "the temporary directory (`TMPDIR`), otherwise `/tmp`, otherwise `$XDG_RUNTIME_DIR`",
  }),
  controlSocket: flag({
    doc: "Whether `snakepit inspect`, `top`, `stacks` and similar commands of the same user can observe and operate the host while it runs. They connect to a private socket next to that of the workers.",
    example: "controlSocket: false",
    fallback: true,
  }),
  logger: {
    doc: "Receives output, logs and problems of workers as structured records. Any logger with pino's methods works; `false` disables logging.",
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
    doc: "What is removed from log records, in addition to passwords, tokens, keys and credentials in URLs.",
    example: 'redact: { keys: ["patient"], patterns: [/\\d{3}-\\d{2}-\\d{4}/] }',
    inputType: "RedactionConfig",
    resolvedType: "ResolvedRedaction",
    group: {
      keys: arrayOf<string>({
        doc: "Names whose values are replaced in `name=value` and `name: value`. Case does not matter.",
        example: 'keys: ["patient"]',
        expects: "an array of names",
        expectsInside: "a name",
        itemType: "string",
        item: v.pipe(v.string(), v.nonEmpty()),
      }),
      patterns: arrayOf<RegExp>({
        doc: "Patterns whose matches are replaced.",
        example: "patterns: [/\\d{3}-\\d{2}-\\d{4}/]",
        expects: "an array of regular expressions",
        expectsInside: "a regular expression",
        itemType: "RegExp",
        item: v.instance(RegExp),
      }),
    },
  }),
  instrumentation: {
    doc: "Receives every event, those on demand only if its property `listens` names them, and tracks every call. It replaces the built-in OpenTelemetry spans and metrics, which cost nothing until an OpenTelemetry SDK is set up.",
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
