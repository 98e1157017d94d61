import type { ToolDescriptor } from "@snakepit/core";
import { type Call, ToolGate } from "../calls/call.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

/** What the limits require of the assignment. */
export interface LimitsOwner {
  /** Whether a call of a batch may enter a queue. */
  hasRoomFor(call: Call): boolean;
  /** A call has entered a queue, or waits outside of it, and workers may be free. */
  passed(): void;
}

/** Limits the calls of single tools that run at the same time in the pool (`maxConcurrent`). */
export class ToolLimits {
  /** The number of tools that have a gate. While it is 0, calls need no check. */
  size = 0;
  readonly #waiting: WaitingCalls;
  readonly #owner: LimitsOwner;
  readonly #gates = new Map<string, ToolGate>();

  /** @param tools the settings of the pool, which apply before the tools of the workers are known. */
  constructor(waiting: WaitingCalls, tools: PoolOptions["tools"] = {}, owner: LimitsOwner) {
    this.#waiting = waiting;
    this.#owner = owner;
    for (const [name, { maxConcurrent }] of Object.entries(tools)) {
      if (maxConcurrent !== undefined) this.#create(name).limit = maxConcurrent;
    }
  }

  /** Returns the gate that calls of a tool must pass; `undefined` if it has no limit. */
  gateOf(tool: string): ToolGate | undefined {
    return this.#gates.get(tool);
  }

  /** Handles the end of a call, whether it has passed its gate or waited there. */
  leave(call: Call, gate: ToolGate): void {
    if (gate.passed.delete(call)) this.#letPass(gate);
  }

  /** Returns the tools whose calls wait at their gate, with the correlation IDs of the calls that have passed it. */
  occupied(): { readonly tool: string; readonly running: readonly string[] }[] {
    return Array.from(this.#gates.values())
      .filter(({ waiting }) => waiting.length > 0)
      .map(({ tool, passed }) => ({ tool, running: Array.from(passed, ({ correlationId }) => correlationId) }));
  }

  /**
   * Applies the settings of the tools. Calls of a tool that has a limit from now on are stopped at its gate if they
   * wait; those that workers hold do not count.
   *
   * @param settings the tools with settings, by name.
   */
  apply(settings: ReadonlyMap<string, ToolDescriptor> | undefined): void {
    if (settings === undefined && this.size === 0) return;
    for (const { name, maxConcurrent } of settings?.values() ?? []) {
      if (maxConcurrent !== undefined && !this.#gates.has(name)) this.#stopWaiting(this.#create(name), maxConcurrent);
    }
    for (const gate of this.#gates.values()) {
      gate.limit = settings?.get(gate.tool)?.maxConcurrent ?? Number.POSITIVE_INFINITY;
      this.#letPass(gate);
    }
  }

  /** Lets calls pass a gate as far as its limit allows. They enter the queue in order of arrival. */
  #letPass(gate: ToolGate): void {
    for (let call = gate.waiting.first; call !== undefined && !gate.isFull; call = gate.waiting.first) {
      gate.pass(call);
      if (call.batch === undefined) {
        this.#waiting.passed(call);
      } else {
        const hasRoom = this.#owner.hasRoomFor(call);
        this.#waiting.remove(call);
        if (hasRoom) this.#waiting.add(call, undefined);
        else this.#waiting.addOutside(call);
      }
      this.#owner.passed();
    }
  }

  #create(tool: string): ToolGate {
    const gate = new ToolGate(tool);
    this.#gates.set(tool, gate);
    this.size = this.#gates.size;
    return gate;
  }

  #stopWaiting(gate: ToolGate, limit: number): void {
    gate.limit = limit;
    const calls = [...this.#waiting].filter((call) => call.tool === gate.tool);
    for (const call of calls.sort(byArrival)) {
      if (!gate.isFull) {
        gate.pass(call);
      } else {
        this.#waiting.remove(call);
        this.#waiting.throttle(call, gate);
      }
    }
  }
}

/** Calls of batches that wait outside of the queues have no number, and come last. */
function byArrival(one: Call, other: Call): number {
  return (one.arrival || Number.POSITIVE_INFINITY) - (other.arrival || Number.POSITIVE_INFINITY) || 0;
}
