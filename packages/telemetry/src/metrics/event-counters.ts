import type { EventName, OnDemandEventName, SnakepitEvents, WorkerExit } from "@snakepit/core";
import { isOnDemand } from "../events/event-listeners.ts";
import type { SeriesTable } from "./series.ts";
import type { ToolNames } from "./tool-names.ts";

const MS = 1_000;

type Recorders = {
  readonly [Name in EventName]?: (event: SnakepitEvents[Name]) => void;
};

/** The events on demand that are counted while calls are measured; `python.gc` only occurs with the setting `gc`. */
export const COUNTED_ON_DEMAND = [
  "variable.registered",
  "variable.set",
  "variable.deleted",
  "program.stored",
  "program.deleted",
  "tool.called",
  "python.gc",
] as const satisfies readonly OnDemandEventName[];

/** The states of circuits that have opened, and of the registry and the store. */
export class EventCounters {
  readonly #series: SeriesTable;
  readonly #tools: ToolNames;
  readonly #recorders: Recorders;
  readonly #circuits = new Map<string, Circuit>();
  readonly #zygotes = new Map<string, Set<number>>();
  /** Whether the registry answers. */
  isRegistryUp = true;

  constructor(series: SeriesTable, tools: ToolNames) {
    this.#series = series;
    this.#tools = tools;
    this.#recorders = { ...this.#pools(), ...this.#workers(), ...this.#sessions(), ...this.#host() };
  }

  record<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    if (!isOnDemand(name)) {
      const pool = "pool" in event && event.pool !== undefined ? { "snakepit.pool": event.pool } : {};
      this.#series.add("snakepit.events", { "snakepit.event": name, ...pool });
    }
    this.#recorders[name]?.(event);
  }

  /** The circuits that have opened once. */
  circuits(): Iterable<Circuit> {
    return this.#circuits.values();
  }

  /** Yields the pools that have had zygotes, with the number of the running ones. */
  *zygotes(): Iterable<{ readonly pool: string; readonly count: number }> {
    for (const [pool, pids] of this.#zygotes) yield { pool, count: pids.size };
  }

  #pools(): Recorders {
    const series = this.#series;
    return {
      "pool.resized": ({ pool, reason }) =>
        series.add("snakepit.pool.resizes", { "snakepit.pool": pool, "snakepit.reason": reason }),
      "pool.reloaded": ({ pool }) => series.add("snakepit.pool.reloads", { "snakepit.pool": pool }),
      "pool.reload-failed": ({ pool, error }) =>
        series.add("snakepit.pool.reloads", { "snakepit.pool": pool, "error.type": error.code }),
      "call.retried": ({ pool, tool, error }) =>
        series.add("snakepit.call.retries", {
          "snakepit.pool": pool,
          "snakepit.tool": this.#tools.of(tool),
          "error.type": error.code,
        }),
      "call.poisoned": ({ pool, tool }) =>
        series.add("snakepit.call.poisoned", { "snakepit.pool": pool, "snakepit.tool": this.#tools.of(tool) }),
      "circuit.opened": (event) => {
        const circuit = this.#circuit(event, "open");
        series.add("snakepit.circuit.opens", circuit.attributes);
      },
      "circuit.half-open": (event) => this.#circuit(event, "half-open"),
      "circuit.closed": (event) => this.#circuit(event, "closed"),
    };
  }

  #workers(): Recorders {
    const series = this.#series;
    return {
      "worker.ready": ({ pool, durationMs }) => {
        series.add("snakepit.worker.starts", { "snakepit.pool": pool });
        series.record("snakepit.worker.start.duration", { "snakepit.pool": pool }, durationMs / MS);
      },
      "worker.start-failed": ({ pool, error }) =>
        series.add("snakepit.worker.starts", { "snakepit.pool": pool, "error.type": error.code }),
      "worker.exited": ({ pool, exit }) => {
        series.add("snakepit.worker.exits", { "snakepit.pool": pool, "snakepit.exit": describeExit(exit) });
        if (exit.cause?.code === "WORKER_HUNG")
          series.add("snakepit.worker.heartbeat.missed", { "snakepit.pool": pool });
      },
      "worker.recycled": ({ pool, reason }) =>
        series.add("snakepit.worker.recycles", { "snakepit.pool": pool, "snakepit.reason": reason }),
      "worker.unhealthy": ({ pool }) => series.add("snakepit.worker.health_check.failures", { "snakepit.pool": pool }),
      "worker.log": ({ pool, level }) =>
        series.add("snakepit.worker.log.records", { "snakepit.pool": pool, "snakepit.level": level }),
      "python.dropped": ({ pool, spans, events }) =>
        series.add("snakepit.worker.telemetry.dropped", { "snakepit.pool": pool }, spans + events),
      "python.gc": ({ pool, generation, durationMs, collected, uncollectable }) => {
        const attributes = { "snakepit.pool": pool, "snakepit.gc.generation": String(generation) };
        series.record("snakepit.worker.gc.duration", attributes, durationMs / MS);
        series.add("snakepit.worker.gc.collected", attributes, collected);
        series.add("snakepit.worker.gc.uncollectable", attributes, uncollectable);
      },
      "zygote.ready": ({ pool, pid }) => this.#zygotesOf(pool).add(pid),
      "zygote.exited": ({ pool, pid, requested }) => {
        this.#zygotesOf(pool).delete(pid);
        if (!requested) series.add("snakepit.zygote.crashes", { "snakepit.pool": pool });
      },
    };
  }

  #sessions(): Recorders {
    const series = this.#series;
    const variable = (operation: string) => () =>
      series.add("snakepit.variable.changes", { "snakepit.operation": operation });
    const program = (operation: string) => () =>
      series.add("snakepit.program.changes", { "snakepit.operation": operation });
    return {
      "session.created": () => series.add("snakepit.session.created", {}),
      "session.ended": () => series.add("snakepit.session.ended", {}),
      "variable.registered": variable("registered"),
      "variable.set": variable("set"),
      "variable.deleted": variable("deleted"),
      "program.stored": program("stored"),
      "program.deleted": program("deleted"),
      "tool.called": ({ tool, durationMs, error }) => {
        const attributes = {
          "snakepit.tool": this.#tools.of(tool, error),
          ...(error !== undefined && { "error.type": error.code }),
        };
        series.add("snakepit.host_tool.calls", attributes);
        series.record("snakepit.host_tool.duration", attributes, durationMs / MS);
      },
    };
  }

  #host(): Recorders {
    return {
      "registry.unavailable": () => {
        this.isRegistryUp = false;
      },
      "registry.recovered": () => {
        this.isRegistryUp = true;
      },
      "host.leftovers": ({ phase, pids }) =>
        this.#series.add("snakepit.host.leftovers", { "snakepit.phase": phase }, pids.length),
    };
  }

  #circuit(
    { pool, tool }: { readonly pool: string; readonly tool?: string | undefined },
    state: CircuitState,
  ): Circuit {
    const attributes = {
      "snakepit.pool": pool,
      ...(tool !== undefined && { "snakepit.tool": this.#tools.of(tool) }),
    };
    const circuit = { attributes, state };
    this.#circuits.set(Object.values(attributes).join("\n"), circuit);
    return circuit;
  }

  #zygotesOf(pool: string): Set<number> {
    let pids = this.#zygotes.get(pool);
    if (pids === undefined) {
      pids = new Set();
      this.#zygotes.set(pool, pids);
    }
    return pids;
  }
}

export const CIRCUIT_STATES = ["closed", "open", "half-open"] as const;

export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** A circuit that has opened once. */
export interface Circuit {
  readonly attributes: { readonly "snakepit.pool": string; readonly "snakepit.tool"?: string };
  readonly state: CircuitState;
}

function describeExit({ requested, exitCode, signal }: WorkerExit): string {
  if (requested) return "requested";
  return signal ?? `status ${exitCode ?? "unknown"}`;
}
