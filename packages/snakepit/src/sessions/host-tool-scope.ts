import type { HostTool, HostToolDescriptor, HostToolRegistry } from "@snakepit/sessions";

/** The host tools of one scope: of a session, or those that are there for all. */
export class HostToolScope {
  readonly #registry: HostToolRegistry;
  readonly #scope: string;
  readonly #sessionId: string | undefined;

  /** Made by the host. */
  constructor(registry: HostToolRegistry, scope: string, sessionId: string | undefined) {
    this.#registry = registry;
    this.#scope = scope;
    this.#sessionId = sessionId;
  }

  /**
   * Lets Python call functions of this process: all of them, or none when one has a mistake.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` with every mistake of the batch, `QUOTA_EXCEEDED`.
   * @example
   * pit.hostTools.register([hostTool({ name: "now", description: "The time.", run: () => new Date() })]);
   */
  register(tools: readonly HostTool[]): void {
    this.#registry.register(tools, this.#scope);
  }

  /** Takes tools away, and gives the names of those that were there. What runs, runs on. */
  unregister(names: Iterable<string>): string[] {
    return this.#registry.unregister(names, this.#scope);
  }

  /** The tools that calls in this scope can reach, by name; in a session those that are there for all, too. */
  list(): HostToolDescriptor[] {
    return this.#registry.list(this.#sessionId);
  }
}
