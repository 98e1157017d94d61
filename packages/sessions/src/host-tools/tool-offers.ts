import { GLOBAL_SCOPE } from "@snakepit/core";
import type { HostTool } from "./host-tool.ts";
import type { HostToolRegistry } from "./host-tool-registry.ts";

/** Host tools that clients execute. They are registered only while a client offers them. */
export class ToolOffers {
  readonly #registry: HostToolRegistry;
  /** Listeners for the end of a session. A session without offers has no entry. */
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(registry: HostToolRegistry) {
    this.#registry = registry;
  }

  /**
   * Registers tools; see `HostToolRegistry.register`.
   *
   * @param scope the id of a session, or `GLOBAL_SCOPE` for all.
   * @param sessionEnded called when the tools are removed because their session has ended.
   * @returns a function that removes the offered tools that are still registered and not replaced. It can be called
   *   twice.
   * @throws SnakepitError `INVALID_ARGUMENT` with every problem of the batch, `QUOTA_EXCEEDED`.
   */
  offer(tools: readonly HostTool[], scope: string, sessionEnded: () => void): () => void {
    const registry = this.#registry;
    registry.register(tools, scope);
    const registered = new Map(tools.map(({ name }) => [name, registry.find(name, scope)]));
    // Wrapped so that a listener that is passed twice is called twice.
    const ended = () => sessionEnded();
    if (scope !== GLOBAL_SCOPE) this.#listen(scope, ended);
    return () => {
      this.#forget(scope, ended);
      const remaining = [...registered].filter(([name, tool]) => registry.find(name, scope) === tool);
      registry.unregister(
        remaining.map(([name]) => name),
        scope,
      );
    };
  }

  /** Notifies the listeners of a session that has ended. */
  endSession(sessionId: string): void {
    const listeners = this.#listeners.get(sessionId) ?? [];
    this.#listeners.delete(sessionId);
    for (const each of listeners) each();
  }

  #listen(scope: string, ended: () => void): void {
    const listeners = this.#listeners.get(scope);
    if (listeners === undefined) this.#listeners.set(scope, new Set([ended]));
    else listeners.add(ended);
  }

  #forget(scope: string, ended: () => void): void {
    const listeners = this.#listeners.get(scope);
    listeners?.delete(ended);
    if (listeners?.size === 0) this.#listeners.delete(scope);
  }
}
