import * as v from "valibot";
import type { StateStore } from "../ports/state-store.ts";
import type { ResolvedSessions } from "./gen/config-types.ts";
import { isRegistryLocation, type StoreLocation } from "./locations.ts";
import type { GroupOption } from "./option.ts";
import { duration, integer } from "./option-kinds.ts";

/** The options of sessions, variables and programs. */
export const SESSION_OPTIONS: GroupOption<ResolvedSessions>["group"] = {
  store: {
    doc: 'Where sessions are stored with their variables and programs. `"memory"`: they end with the host. `"registry"`: in the database of the registry, or in a separate file for the default registry. Otherwise in a SQLite file, a PostgreSQL database that hosts share, or a custom store.',
    example: 'store: { url: "postgres://app@db/app" }',
    expects:
      '"memory", "registry", { path } of a file, { url } of a PostgreSQL database (postgres://…), or a StateStore',
    inputType: "StoreLocation | StateStore",
    resolvedType: "StoreLocation | StateStore",
    schema: v.custom<StoreLocation | StateStore>(
      (value) => value === "memory" || value === "registry" || isRegistryLocation(value) || isStateStore(value),
    ),
    fallback: { value: () => "memory", text: '`"memory"`' },
    secret: true,
  },
  ttlMs: duration({
    doc: "Default time to live of a session that is not used.",
    example: 'ttlMs: "1d"',
    minMs: 1_000,
    orNever: true,
    fallback: 3_600_000,
  }),
  maxSessions: integer({
    doc: "Maximum number of active sessions in the store. Further sessions fail with `QUOTA_EXCEEDED`.",
    example: "maxSessions: 100_000",
    min: 1,
    max: 1_000_000_000,
    fallback: 10_000,
  }),
  maxVariablesPerSession: integer({
    doc: "Maximum number of variables per session.",
    example: "maxVariablesPerSession: 100",
    min: 0,
    max: 1_000_000,
    fallback: 1_000,
  }),
  maxProgramsPerSession: integer({
    doc: "Maximum number of programs per session.",
    example: "maxProgramsPerSession: 10",
    min: 0,
    max: 1_000_000,
    fallback: 100,
  }),
  maxGlobalPrograms: integer({
    doc: "Maximum number of global programs.",
    example: "maxGlobalPrograms: 50",
    min: 0,
    max: 1_000_000,
    fallback: 1_000,
  }),
  maxToolsPerSession: integer({
    doc: "Maximum number of host tools per session.",
    example: "maxToolsPerSession: 16",
    min: 0,
    max: 100_000,
    fallback: 256,
  }),
  maxStaleMs: duration({
    doc: "Maximum time for which cached values of a shared store are used after another host has changed them. It applies if a notification was lost; otherwise, it is a few milliseconds.",
    example: 'maxStaleMs: "500ms"',
    minMs: 50,
    fallback: 2_000,
  }),
  sweepIntervalMs: duration({
    doc: "Interval between sweeps, which delete expired sessions. Until then, they only occupy space.",
    example: 'sweepIntervalMs: "5m"',
    minMs: 100,
    orNever: true,
    fallback: 30_000,
  }),
};

const METHODS: readonly (keyof StateStore)[] = ["createSession", "readSession", "writeEntries", "onChange", "close"];

function isStateStore(value: unknown): value is StateStore {
  if (typeof value !== "object" || value === null) return false;
  return METHODS.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
}
