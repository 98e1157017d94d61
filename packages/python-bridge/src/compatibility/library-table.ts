/** Whether something is safe: `"conditional"` only under the condition in the notes. */
export type Verdict = "yes" | "conditional" | "no" | "unknown";

/**
 * Whether a library supports Python without the global interpreter lock. `"experimental"`: its maintainers call the
 * support unstable, beta, preliminary or experimental, or publish wheels without a statement about them.
 * `"pure-python"`: it needs no other build. `"no"`: no release supports it, and its import may enable the lock.
 */
export type FreeThreadingSupport = "yes" | "experimental" | "pure-python" | "no" | "unknown";

/** Whether several threads of one process may use a library at the same time. */
export interface ThreadCompatibility {
  /** `"yes"`: threads may share the usual objects. `"no"`: two threads must never use it at the same time. */
  readonly safe: Verdict;
  readonly notes: string;
  readonly workaround: string;
  /** Where the library documents it; empty for an unknown library. */
  readonly source: string;
  /** What is different in the releases before a version. */
  readonly before?: { readonly version: string; readonly safe: Verdict; readonly notes: string };
}

/** Whether a worker that was forked may use a library that was imported before. */
export interface ForkCompatibility {
  /** `"no"`: start the workers with `startMethod: "spawn"`. */
  readonly safe: Verdict;
  readonly notes: string;
  readonly source?: string;
  /** The version for which an import, a fork, and a use in the child were tested on Linux. */
  readonly tested?: string;
}

/** Whether a library supports Python without the global interpreter lock. */
export interface FreeThreadingCompatibility {
  readonly support: FreeThreadingSupport;
  /** The first release that does, if known. */
  readonly since?: string;
  readonly notes?: string;
  readonly source: string;
}

/** A row of the table of libraries. */
export interface Library {
  /** Its usual name. */
  readonly name: string;
  /** The names of its packages, normalized as in PEP 503, the usual one first; empty for the standard library. */
  readonly distributions: readonly string[];
  /** The modules that a process has loaded when it uses the library. */
  readonly modules: readonly string[];
  readonly threads: ThreadCompatibility;
  readonly fork: ForkCompatibility;
  readonly freeThreading: FreeThreadingCompatibility;
}

/** All rows, in alphabetical order. */
export interface LibraryTable {
  /** The day of the last revision, as an ISO date. */
  readonly revised: string;
  readonly libraries: readonly Library[];
}
