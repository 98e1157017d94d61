import { SnakepitError, type ValueCodec } from "@snakepit/core";
import { creditedStreamConformance, FakeClock, type StreamBench, type StreamScript } from "@snakepit/core/conformance";
import { describe, test } from "vitest";
import { MemoryStore } from "../../store/memory-store.ts";
import { plainCodec } from "../../testing/memory-host.ts";
import { WriteTurns } from "../../updates/write-turns.ts";
import { Variables } from "../variables.ts";
import type { VariableChange } from "./variable-watch.ts";

const SESSION = "chat-1";

/** A store that can fail to read. */
class FailingStore extends MemoryStore {
  fails = false;

  override readEntries(...args: Parameters<MemoryStore["readEntries"]>) {
    if (this.fails) return Promise.reject(new SnakepitError("INTERNAL", "the store fails"));
    return super.readEntries(...args);
  }
}

/** A watch of one variable for each value of a script. */
class WatchBench implements StreamBench, AsyncDisposable {
  readonly mostAhead = 0;
  readonly failureCode = "INTERNAL";
  readonly #clock = new FakeClock();
  readonly #store = new FailingStore();
  /** Registers the variables; the other host watches them. */
  readonly #writer = this.#openHost(plainCodec);
  #host: Variables | undefined;

  numberOf(value: unknown): number {
    return (value as VariableChange).value as number;
  }

  async open({ values, ending }: StreamScript) {
    let produced = 0;
    const codec: ValueCodec = {
      encode: plainCodec.encode,
      decode: (bytes) => {
        produced += 1;
        if (produced === values.length) setImmediate(() => void this.#finish(ending));
        return plainCodec.decode(bytes);
      },
    };
    const host = this.#openHost(codec);
    this.#host = host;
    await this.#store.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, this.#clock.now(), 10);
    for (const value of values) {
      await this.#writer.of(SESSION).register(`v${String(value).padStart(8, "0")}`, { type: "integer", value });
    }
    return { stream: host.of(SESSION).watch(), produced: () => produced, active: () => host.watches > 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#host?.close();
    await this.#store.close();
  }

  async #finish(ending: StreamScript["ending"]): Promise<void> {
    if (ending === "silence") return;
    if (ending === "failure") this.#store.fails = true;
    if (ending === "end") await this.#store.deleteSession(SESSION, this.#clock.now());
    else await this.#writer.of(SESSION).register("last", { type: "integer", value: 0 });
  }

  #openHost(codec: ValueCodec): Variables {
    return new Variables({
      store: this.#store,
      codec,
      turns: new WriteTurns(),
      clock: this.#clock,
      maxVariablesPerSession: 10_000,
    });
  }
}

describe("a watch of variables", () => {
  test.for(creditedStreamConformance)("$title", async ({ run }) => {
    await using bench = new WatchBench();
    await run(bench);
  });
});
