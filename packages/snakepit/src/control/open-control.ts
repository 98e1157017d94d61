import type { HostControl, Logger } from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import { ControlSocket } from "./socket/control-socket.ts";
import { UsageHistory } from "./usage-history.ts";

/** What a host opens, so that it can be observed and operated. */
export interface OpenControlOptions {
  readonly runId: string;
  /** Whether other processes of this user may do so. */
  readonly socket: boolean;
  readonly socketDirectory: string | undefined;
  readonly log: Logger;
  /** The pools; more may be added later. */
  readonly pools: Iterable<WorkerPool>;
}

/** The parts of a host that observe it from its start. The rest is loaded on first use. */
export class ControlParts {
  readonly history: UsageHistory;
  /** Milliseconds since 1970. */
  readonly startedAt = Date.now();
  readonly #socket: Promise<ControlSocket> | undefined;
  readonly #control = Promise.withResolvers<() => Promise<HostControl>>();
  #close: (() => void) | undefined;

  constructor({ runId, socket, socketDirectory, log, pools }: OpenControlOptions) {
    this.history = new UsageHistory(pools);
    const control = async () => (await this.#control.promise)();
    this.#socket = socket ? ControlSocket.open({ runId, base: socketDirectory, log, control }) : undefined;
  }

  /** Lets connections to the socket control the host; until then, they wait. */
  provide(control: () => Promise<HostControl>): void {
    this.#control.resolve(control);
  }

  /** Sets what is closed with the parts. */
  onClose(close: () => void): void {
    this.#close = close;
  }

  async close(): Promise<void> {
    this.history.close();
    this.#close?.();
    this.#control.reject(new Error("the host has closed"));
    this.#control.promise.catch(() => {});
    await (await this.#socket)?.close();
  }
}
