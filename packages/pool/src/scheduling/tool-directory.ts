import type { SnakepitError, ToolDescriptor } from "@snakepit/core";
import type { Call } from "../calls/call.ts";
import { unknownTool, wrongMethod } from "../calls/call-errors.ts";

interface Entry {
  tool: ToolDescriptor;
  /** The number of ready workers that offer the tool. */
  workers: number;
}

/** The tools of the ready workers of a pool; while no worker is ready, those of the last ready workers. */
export class ToolDirectory {
  readonly #entries = new Map<string, Entry>();
  #lastKnown: readonly ToolDescriptor[] = [];
  /** The number of ready workers. */
  workers = 0;

  /** Whether the tools are known, because a worker is ready. */
  get known(): boolean {
    return this.workers > 0;
  }

  add(tools: readonly ToolDescriptor[]): void {
    this.workers += 1;
    for (const tool of tools) {
      const entry = this.#entries.get(tool.name);
      if (entry === undefined) {
        this.#entries.set(tool.name, { tool, workers: 1 });
      } else {
        entry.tool = tool;
        entry.workers += 1;
      }
    }
  }

  remove(tools: readonly ToolDescriptor[]): void {
    if (this.workers === 1) this.#lastKnown = this.list();
    this.workers -= 1;
    for (const { name } of tools) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.workers -= 1;
      if (entry.workers === 0) this.#entries.delete(name);
    }
  }

  list(): readonly ToolDescriptor[] {
    return this.workers === 0 ? this.#lastKnown : Array.from(this.#entries.values(), (entry) => entry.tool);
  }

  /** Returns the error of a call for an unknown tool or with the wrong method; `undefined` while the tools are unknown. */
  whyRejected(call: Call): SnakepitError | undefined {
    const entry = this.#entries.get(call.tool);
    if (entry === undefined) return this.known ? unknownTool(call, [...this.#entries.keys()]) : undefined;
    return entry.tool.streaming === call.streaming ? undefined : wrongMethod(call, entry.tool);
  }
}
