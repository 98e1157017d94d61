import type { Telemetry, Unsubscribe } from "@snakepit/telemetry";

/** The worker processes of a closing host that did not end by themselves within their grace period. */
export class Leftovers {
  readonly #telemetry: Telemetry;
  readonly #unsubscribe: Unsubscribe;
  readonly #pids: number[] = [];

  /** Observes the workers from now on. To be created when the host begins to close. */
  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    this.#unsubscribe = telemetry.on("worker.exited", ({ pid, exit }) => {
      if (exit.requested && exit.signal === "SIGKILL") this.#pids.push(pid);
    });
  }

  /** Reports the killed processes, if any. To be called when all workers have ended. */
  report(): void {
    this.#unsubscribe();
    if (this.#pids.length > 0) this.#telemetry.emit("host.leftovers", { phase: "close", pids: this.#pids });
  }
}
