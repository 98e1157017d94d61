import type { SnakepitError, ToolDescriptor } from "@snakepit/core";
import type { Call } from "../calls/call.ts";
import { unknownTool, wrongMethod } from "../calls/call-errors.ts";

interface Entry {
  tool: ToolDescriptor;
  /** Ready workers that offer it. */
  workers: number;
}

/** The tools that the ready workers of a pool offer; while no worker is ready, those that the last ones offered. */
export class ToolDirectory {
  readonly #entries = new Map<string, Entry>();
  #lastKnown: readonly ToolDescriptor[] = [];
  /** How many ready workers there are. */
  workers = 0;

  /** Whether there is a ready worker, so that the tools are known. */
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

  /** What speaks against a call: no such tool, or the wrong method for it; nothing while the tools are not known. */
  whyRejected(call: Call): SnakepitError | undefined {
    const entry = this.#entries.get(call.tool);
    if (entry === undefined) return this.known ? unknownTool(call, [...this.#entries.keys()]) : undefined;
    return entry.tool.streaming === call.streaming ? undefined : wrongMethod(call, entry.tool);
  }
}
