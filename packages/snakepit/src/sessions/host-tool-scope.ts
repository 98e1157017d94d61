import { GLOBAL_SCOPE } from "@snakepit/core";
import type { HostTool, HostToolDescriptor } from "@snakepit/sessions";
import type { HostState } from "../state/host-state.ts";

/** The host tools of one scope: of a session, or those that are there for all. */
export class HostToolScope {
  readonly #state: HostState;
  readonly #sessionId: string | undefined;

  /** Made by the host. */
  constructor(state: HostState, sessionId: string | undefined) {
    this.#state = state;
    this.#sessionId = sessionId;
  }

  /**
   * Lets Python call functions of this process: all of them, or none when one has a mistake.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake of the batch, `QUOTA_EXCEEDED`, `UNKNOWN_SESSION` when the
   *   session is over, `SHUTTING_DOWN` when the host is.
   * @example
   * pit.hostTools.register([hostTool({ name: "now", description: "The time.", run: () => new Date() })]);
   */
  register(tools: readonly HostTool[]): void {
    const { sessions, hostTools } = this.#state;
    this.#state.refuseIfClosed();
    // Nobody would take them away again, and the next session with this id would have them.
    if (this.#sessionId !== undefined) sessions.requireTracked(this.#sessionId);
    hostTools.register(tools, this.#scope);
  }

  /** Takes tools away, and gives the names of those that were there. What runs, runs on. */
  unregister(names: Iterable<string>): string[] {
    return this.#state.hostTools.unregister(names, this.#scope);
  }

  /** The tools that calls in this scope can reach, by name; in a session those that are there for all, too. */
  list(): HostToolDescriptor[] {
    return this.#state.hostTools.list(this.#sessionId);
  }

  get #scope(): string {
    return this.#sessionId ?? GLOBAL_SCOPE;
  }
}
