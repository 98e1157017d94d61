import type { SnakepitError } from "@snakepit/core";
import type { CallError, ErrorGroup } from "../contract/calls.ts";

/** Groups that are kept; a new one replaces the one whose last error is oldest. */
const MOST_GROUPS = 200;

/** Characters of a message and of a traceback, so that one exception cannot fill every live message. */
const MESSAGE_CHARACTERS = 2_000;
const TRACEBACK_CHARACTERS = 20_000;

/** Where an error occurred. */
export interface ErrorPlace {
  readonly pool: string;
  readonly tool?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly workerId?: string | undefined;
}

/** The errors of a host, grouped by pool, tool, code and Python type. */
export class ErrorGroups {
  /** In the order of their last errors, oldest first. */
  readonly #groups = new Map<string, ErrorGroup>();
  #created = 0;
  #count = 0;

  /** Groups, and all errors since the start. */
  get totals(): { readonly groups: number; readonly count: number } {
    return { groups: this.#groups.size, count: this.#count };
  }

  /** Counts an error, and returns its summary. */
  add(error: SnakepitError, { pool, tool, correlationId, workerId }: ErrorPlace): CallError {
    const summary = summaryOf(error);
    const key = JSON.stringify([pool, tool, summary.code, summary.pythonType]);
    const before = this.#groups.get(key);
    const at = Date.now();
    const traceback = tracebackOf(error);
    this.#count += 1;
    this.#groups.delete(key);
    this.#groups.set(key, {
      id: before?.id ?? this.#newId(),
      pool,
      ...(tool !== undefined && { tool }),
      ...summary,
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt ?? at,
      lastAt: at,
      ...(traceback !== undefined && { traceback }),
      ...(correlationId !== undefined && { correlationId }),
      ...(workerId !== undefined && { workerId }),
    });
    if (this.#groups.size > MOST_GROUPS) this.#groups.delete(this.#groups.keys().next().value ?? "");
    return summary;
  }

  /** Returns the groups, that of the last error first. */
  list(): readonly ErrorGroup[] {
    return [...this.#groups.values()].reverse();
  }

  #newId(): string {
    this.#created += 1;
    return String(this.#created);
  }
}

function summaryOf({ code, message, python }: SnakepitError): CallError {
  return {
    code,
    message: limited(message, MESSAGE_CHARACTERS),
    ...(python !== undefined && { pythonType: python.type }),
  };
}

/** The end of a traceback names the line that raised, so its beginning is omitted. */
function tracebackOf({ python }: SnakepitError): string | undefined {
  if (python === undefined) return undefined;
  const { traceback } = python;
  return traceback.length <= TRACEBACK_CHARACTERS ? traceback : `…${traceback.slice(-TRACEBACK_CHARACTERS)}`;
}

function limited(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}
