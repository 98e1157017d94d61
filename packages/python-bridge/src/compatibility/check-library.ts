import { SnakepitError } from "@snakepit/core";
import { TABLE } from "../gen/libraries.ts";
import type { ForkCompatibility, FreeThreadingCompatibility, Library, ThreadCompatibility } from "./library-table.ts";
import { isOlder } from "./library-version.ts";

/** What is known about a library, or about one version of it. */
export interface Compatibility {
  /** Its usual name; the name that was passed if it is unknown. */
  readonly name: string;
  /** The name of its package, normalized as in PEP 503; `null` for a module of the standard library. */
  readonly distribution: string | null;
  /** The version that was passed. */
  readonly version: string | null;
  /** Whether the table has the library. Otherwise, everything is `"unknown"`. */
  readonly known: boolean;
  readonly threads: ThreadCompatibility;
  readonly fork: ForkCompatibility;
  readonly freeThreading: FreeThreadingCompatibility;
  /** The day of the last revision of the table, as an ISO date. */
  readonly revised: string;
}

const UNKNOWN = "not in the table of libraries";

/** See {@link compatibility}. */
export function checkLibrary(name: string, version?: string): Compatibility {
  if (typeof name !== "string" || name.trim() === "") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `name must be the name of a package or module; got ${JSON.stringify(name)}`,
    );
  }
  const trimmed = name.trim();
  // Throws for what is not a version, also if the library is unknown.
  if (version !== undefined) isOlder(version, "0");
  const library = findLibrary(trimmed);
  const asked = normalized(trimmed);
  if (library === undefined) {
    return {
      name: trimmed,
      distribution: asked,
      version: version ?? null,
      known: false,
      threads: {
        safe: "unknown",
        notes: UNKNOWN,
        workaround: "see its documentation, or use the process profile",
        source: "",
      },
      fork: { safe: "unknown", notes: UNKNOWN },
      freeThreading: { support: "unknown", notes: UNKNOWN, source: "" },
      revised: TABLE.revised,
    };
  }
  return {
    name: library.name,
    distribution: library.distributions.includes(asked) ? asked : (library.distributions[0] ?? null),
    version: version ?? null,
    known: true,
    threads: threadsOf(library.threads, version),
    fork: library.fork,
    freeThreading: freeThreadingOf(library.freeThreading, version),
    revised: TABLE.revised,
  };
}

/** Returns the row of a package in any form, of a module, or of a module inside of one. */
function findLibrary(name: string): Library | undefined {
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const module = parts.slice(0, length).join(".");
    const found = TABLE.libraries.find(({ modules }) => modules.includes(module));
    if (found !== undefined) return found;
  }
  const distribution = normalized(name);
  return TABLE.libraries.find(({ distributions }) => distributions.includes(distribution));
}

/** Returns the name of a package in the form of PEP 503. */
function normalized(name: string): string {
  return name.replaceAll(/[-_.]+/g, "-").toLowerCase();
}

function threadsOf(threads: ThreadCompatibility, version: string | undefined): ThreadCompatibility {
  const { before } = threads;
  if (before === undefined || version === undefined || !isOlder(version, before.version)) return threads;
  return { ...threads, safe: before.safe, notes: before.notes };
}

function freeThreadingOf(found: FreeThreadingCompatibility, version: string | undefined): FreeThreadingCompatibility {
  if (version === undefined || found.since === undefined || !isOlder(version, found.since)) return found;
  return { ...found, support: "no", notes: `supported since ${found.since}` };
}
