import {
  type BridgeHost,
  type HealthReport,
  SnakepitError,
  type ToolCallOptions,
  type ToolDescriptor,
  type Unsubscribe,
} from "@snakepit/core";

/** A host whose tools are functions of the test instead of a pool. */
export class ScriptedBridgeHost implements BridgeHost {
  readonly runId = "abc1234";
  /** The calls in order. */
  readonly calls: { readonly tool: string; readonly args: unknown; readonly options: ToolCallOptions }[] = [];
  #isReady = false;
  readonly #listeners = new Set<() => void>();
  readonly #tools = new Map<string, (args: Record<string, unknown>, options: ToolCallOptions) => unknown>();

  /** Adds a tool; one that returns an async iterable is a streaming tool. */
  add(name: string, run: (args: Record<string, unknown>, options: ToolCallOptions) => unknown): void {
    this.#tools.set(name, run);
  }

  becomeReady(): void {
    this.#isReady = true;
    for (const listener of this.#listeners) listener();
  }

  async health(): Promise<HealthReport> {
    const ready = this.#isReady;
    const host = { name: "host", status: "pass", reason: "the host accepts calls", values: {} } as const;
    const status = ready ? "pass" : "fail";
    const workers = { name: "pool.ml.workers", status, reason: "scripted", pool: "ml", values: {} } as const;
    return { live: true, ready, checks: [host, workers] };
  }

  onHealthChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tools(pool?: string): readonly ToolDescriptor[] {
    if (pool === "nowhere") throw new SnakepitError("UNKNOWN_POOL", `unknown pool "${pool}"`);
    return Array.from(this.#tools.keys(), (name) => ({
      name,
      description: `The tool ${name}.`,
      streaming: false,
      parameters: [{ name: "x", type: "int", required: false, default: "1" }],
    }));
  }

  async execute(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): Promise<unknown> {
    return this.#run(tool, args, options);
  }

  stream(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): AsyncIterable<unknown> {
    return this.#run(tool, args, options) as AsyncIterable<unknown>;
  }

  #run(tool: string, args: Readonly<Record<string, unknown>>, options: ToolCallOptions): unknown {
    this.calls.push({ tool, args, options });
    const run = this.#tools.get(tool);
    if (run === undefined) throw new SnakepitError("UNKNOWN_TOOL", `unknown tool "${tool}"`);
    return run(args, options);
  }
}
