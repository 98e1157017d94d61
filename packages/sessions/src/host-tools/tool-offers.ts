import { GLOBAL_SCOPE } from "@snakepit/core";
import type { HostTool } from "./host-tool.ts";
import type { HostToolRegistry } from "./host-tool-registry.ts";

/** Tools of somebody who may leave: they are among the others for as long as they are offered. */
export class ToolOffers {
  readonly #registry: HostToolRegistry;
  /** Whom to tell of the end of a session. A session without offers has no entry. */
  readonly #ofSessions = new Map<string, Set<() => void>>();

  constructor(registry: HostToolRegistry) {
    this.#registry = registry;
  }

  /**
   * Registers tools, as `HostToolRegistry.register`.
   *
   * @param scope the id of a session, or `GLOBAL_SCOPE` for all.
   * @param sessionEnded is called when they are gone with their session.
   * @returns takes those back that are there still; one that another has taken the place of stays. May be called again.
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake of the batch, `QUOTA_EXCEEDED`.
   */
  offer(tools: readonly HostTool[], scope: string, sessionEnded: () => void): () => void {
    const registry = this.#registry;
    registry.register(tools, scope);
    const registered = new Map(tools.map(({ name }) => [name, registry.find(name, scope)]));
    // A listener of its own, so that one given twice is called twice.
    const ended = () => sessionEnded();
    if (scope !== GLOBAL_SCOPE) this.#listen(scope, ended);
    return () => {
      this.#forget(scope, ended);
      const present = [...registered].filter(([name, tool]) => registry.find(name, scope) === tool);
      registry.unregister(
        present.map(([name]) => name),
        scope,
      );
    };
  }

  /** A session is over, and its tools are gone. */
  endSession(sessionId: string): void {
    const listeners = this.#ofSessions.get(sessionId) ?? [];
    this.#ofSessions.delete(sessionId);
    for (const each of listeners) each();
  }

  #listen(scope: string, ended: () => void): void {
    const listeners = this.#ofSessions.get(scope);
    if (listeners === undefined) this.#ofSessions.set(scope, new Set([ended]));
    else listeners.add(ended);
  }

  #forget(scope: string, ended: () => void): void {
    const listeners = this.#ofSessions.get(scope);
    listeners?.delete(ended);
    if (listeners?.size === 0) this.#ofSessions.delete(scope);
  }
}
