import * as v from "valibot";
import type { StateStore } from "../ports/state-store.ts";
import type { ResolvedSessions } from "./gen/config-types.ts";
import { isRegistryLocation, type StoreLocation } from "./locations.ts";
import type { GroupOption } from "./option.ts";
import { count, duration } from "./option-kinds.ts";

/** What holds for sessions, variables and programs. */
export const SESSION_OPTIONS: GroupOption<ResolvedSessions>["group"] = {
  store: {
    doc: 'Where sessions live, with their variables and programs: in this process (`"memory"`), where they end with it; in the database of the registry (beside the default one, in a file of its own); in a SQLite file; in a PostgreSQL database that hosts share; or in a store of your own.',
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
    doc: "How long a session lives without being used, when its maker does not say.",
    example: 'ttlMs: "1d"',
    minMs: 1_000,
    orNever: true,
    fallback: 3_600_000,
  }),
  maxSessions: count({
    doc: "How many sessions may be alive in the store. One more fails with `QUOTA_EXCEEDED`.",
    example: "maxSessions: 100_000",
    min: 1,
    max: 1_000_000_000,
    fallback: 10_000,
  }),
  maxVariablesPerSession: count({
    doc: "How many variables a session may have.",
    example: "maxVariablesPerSession: 100",
    min: 0,
    max: 1_000_000,
    fallback: 1_000,
  }),
  maxProgramsPerSession: count({
    doc: "How many programs a session may have.",
    example: "maxProgramsPerSession: 10",
    min: 0,
    max: 1_000_000,
    fallback: 100,
  }),
  maxGlobalPrograms: count({
    doc: "How many programs there may be that belong to no session.",
    example: "maxGlobalPrograms: 50",
    min: 0,
    max: 1_000_000,
    fallback: 1_000,
  }),
  maxToolsPerSession: count({
    doc: "How many tools of this host a session may have of its own.",
    example: "maxToolsPerSession: 16",
    min: 0,
    max: 100_000,
    fallback: 256,
  }),
  maxStaleMs: duration({
    doc: "How long what was read from a store that other hosts write to may be used although it has changed, at worst: when a notification was lost. Usually it is a few milliseconds.",
    example: 'maxStaleMs: "500ms"',
    minMs: 50,
    fallback: 2_000,
  }),
  sweepIntervalMs: duration({
    doc: "Time between sweeps, which delete sessions that are over. Until then they only take up room.",
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
