import { GLOBAL_SCOPE } from "@snakepit/core";
import type { HostTool, HostToolDescriptor } from "@snakepit/sessions";
import type { HostState } from "../state/host-state.ts";

/** The host tools of one scope: a session or the global scope. */
export class HostToolScope {
  readonly #state: HostState;
  readonly #sessionId: string | undefined;

  /** Created by the host. */
  constructor(state: HostState, sessionId: string | undefined) {
    this.#state = state;
    this.#sessionId = sessionId;
  }

  /**
   * Registers functions of this process that Python can call; registers none when one is invalid.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake, `QUOTA_EXCEEDED`, `UNKNOWN_SESSION` when
   *   the session has ended, `SHUTTING_DOWN` when the host is closing.
   * @example
   * pit.hostTools.register([hostTool({ name: "now", description: "The time.", run: () => new Date() })]);
   */
  register(tools: readonly HostTool[]): void {
    const { sessions, hostTools } = this.#state;
    this.#state.throwIfClosed();
    // Tools of an ended session would never be removed, and the next session with this ID would have them.
    if (this.#sessionId !== undefined) sessions.requireTracked(this.#sessionId);
    hostTools.register(tools, this.#scope);
  }

  /** Removes tools and returns the names of those that existed. Active calls continue. */
  unregister(names: Iterable<string>): string[] {
    return this.#state.hostTools.unregister(names, this.#scope);
  }

  /** Returns the tools that calls in this scope can use, by name; in a session, the global ones as well. */
  list(): HostToolDescriptor[] {
    return this.#state.hostTools.list(this.#sessionId);
  }

  get #scope(): string {
    return this.#sessionId ?? GLOBAL_SCOPE;
  }
}
