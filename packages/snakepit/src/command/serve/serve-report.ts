import { count } from "../../control/recommending/figures.ts";
import type { Snakepit } from "../../snakepit.ts";
import type { Terminal } from "../command.ts";

/** Where a host is served. */
export interface ServedAddresses {
  /** The addresses of the gRPC servers. */
  readonly gateway: readonly string[];
  /** The URL of the dashboard, if there is one. */
  readonly dashboard: string | undefined;
}

/** Reports the states of `snakepit serve`: as sentences on stderr, or as lines of JSON on stdout. */
export class ServeReport {
  readonly #terminal: Terminal;
  readonly #asJson: boolean;

  constructor(terminal: Terminal, asJson: boolean) {
    this.#terminal = terminal;
    this.#asJson = asJson;
  }

  /** All pools have a worker, and all servers listen. */
  ready(pit: Snakepit, { gateway, dashboard }: ServedAddresses): void {
    const pools = poolsOf(pit);
    const list = Object.entries(pools).map(
      ([name, { size, tools }]) => `${name} (${count(tools, "tool")}, ${count(size, "worker")})`,
    );
    this.#write(
      { state: "ready", pid: process.pid, runId: pit.runId, gateway, dashboard, pools },
      // The URL may end with a token, which is copied with what follows it.
      `serving ${list.join(", ")} as process ${process.pid} on ${[...gateway, dashboard].filter(Boolean).join(" and ")}`,
    );
  }

  /** A signal was received. */
  draining(pit: Snakepit, signal: string, graceMs: number): void {
    const { active, queued } = pit.stats();
    const calls = active + queued;
    this.#write(
      { state: "draining", signal, active, queued, graceMs },
      `${signal}: ${calls === 0 ? "no active calls" : `${calls} active ${calls === 1 ? "call has" : "calls have"} up to ${graceMs / 1000} s to end`}`,
    );
  }

  /** Workers and servers have ended. */
  stopped(): void {
    this.#write({ state: "stopped" }, "stopped");
  }

  #write(record: Readonly<Record<string, unknown>>, sentence: string): void {
    if (this.#asJson) this.#terminal.stdout.write(`${JSON.stringify(record)}\n`);
    else this.#terminal.stderr.write(`snakepit serve: ${sentence}\n`);
  }
}

function poolsOf(pit: Snakepit): Readonly<Record<string, { readonly size: number; readonly tools: number }>> {
  const pools = Object.entries(pit.stats().pools);
  return Object.fromEntries(pools.map(([name, { size }]) => [name, { size, tools: pit.tools(name).length }]));
}
