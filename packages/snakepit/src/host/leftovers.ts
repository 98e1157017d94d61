import type { ResolvedPoolConfig } from "@snakepit/core";
import type { Telemetry, Unsubscribe } from "@snakepit/telemetry";

/** The worker processes of a closing host that did not end by themselves within their grace period. */
export class Leftovers {
  readonly #telemetry: Telemetry;
  readonly #unsubscribe: Unsubscribe;
  readonly #pids: number[] = [];

  /**
   * Observes the workers from now on. To be created when the host begins to close.
   *
   * @param graceMs the grace period, if the caller has specified one.
   */
  constructor(telemetry: Telemetry, pools: Readonly<Record<string, ResolvedPoolConfig>>, graceMs: number | undefined) {
    this.#telemetry = telemetry;
    this.#unsubscribe = telemetry.on("worker.exited", ({ pool, pid, exit }) => {
      // A worker whose interpreter does not shut down in time is ended by its own timer.
      const wasKilled = exit.signal === "SIGKILL" || exit.signal === "SIGALRM";
      const isKilledAtOnce = (graceMs ?? pools[pool]?.shutdownGraceMs) === 0;
      if (exit.requested && wasKilled && !isKilledAtOnce) this.#pids.push(pid);
    });
  }

  /** Reports the killed processes, if any. To be called when all workers have ended. */
  report(): void {
    this.#unsubscribe();
    if (this.#pids.length > 0) this.#telemetry.emit("host.leftovers", { phase: "close", pids: this.#pids });
  }
}
