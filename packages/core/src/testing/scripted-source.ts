import type { StreamScript, StreamUnderTest } from "../conformance/index.ts";
import { SnakepitError } from "../errors/snakepit-error.ts";
import type { StreamWindow } from "../streams/credit-window.ts";
import { CreditedSender } from "../streams/credited-sender.ts";
import { CreditedStream, type StreamSource } from "../streams/credited-stream.ts";

/** Size of each value; small, so that an adaptive window is large. */
const VALUE_BYTES = 100;

/** The source of a stream under test: produces the values of a script, one per microtask, as far as it has credit. */
export class ScriptedSource implements StreamSource, StreamUnderTest {
  readonly stream: CreditedStream<number>;
  readonly #script: StreamScript;
  #credit: number;
  #produced = 0;
  #active = false;
  #busy = false;

  constructor(script: StreamScript, window: StreamWindow) {
    this.#script = script;
    this.#credit = window.initial;
    this.stream = new CreditedStream(this, window);
  }

  readonly produced = () => this.#produced;
  readonly active = () => this.#active;

  start(): void {
    this.#active = true;
    void this.#produce();
  }

  grant(values: number): void {
    this.#credit += values;
    void this.#produce();
  }

  cancel(): void {
    this.#active = false;
  }

  async #produce(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const { values } = this.#script;
    while (this.#active && this.#credit > 0 && this.#produced < values.length) {
      await undefined;
      if (!this.#active) break;
      this.#credit -= 1;
      this.#produced += 1;
      this.stream.push(values[this.#produced - 1] as number, VALUE_BYTES);
    }
    this.#busy = false;
    if (this.#active && this.#produced === values.length) this.#finish();
  }

  #finish(): void {
    if (this.#script.ending === "silence") return;
    this.#active = false;
    if (this.#script.ending === "end") this.stream.end();
    else this.stream.fail(new SnakepitError("PYTHON_EXCEPTION", "the source failed"));
  }
}

/** Both ends of a stream without a transport: sends the values of an iterator as far as it has credit. */
export class LoopedStream implements StreamSource, StreamUnderTest {
  readonly stream: CreditedStream<number>;
  readonly #sender: CreditedSender<number>;
  readonly #script: StreamScript;
  #produced = 0;
  #active = false;

  constructor(script: StreamScript, window: StreamWindow) {
    this.#script = script;
    this.#sender = new CreditedSender(window.initial);
    this.stream = new CreditedStream(this, window);
  }

  readonly produced = () => this.#produced;
  readonly active = () => this.#active;

  start(): void {
    void this.#run();
  }

  grant(values: number): void {
    this.#sender.grant(values);
  }

  cancel(): void {
    this.#sender.stop();
  }

  async #run(): Promise<void> {
    try {
      if (await this.#sender.run(this.#values(), (value) => this.stream.push(value, VALUE_BYTES))) this.stream.end();
    } catch (thrown) {
      this.stream.fail(thrown as SnakepitError);
    }
  }

  #values(): AsyncIterable<number> {
    const { values, ending } = this.#script;
    this.#active = true;
    let index = 0;
    const ended: IteratorResult<number> = { done: true, value: undefined };
    const silence = Promise.withResolvers<IteratorResult<number>>();
    const iterator: AsyncIterator<number> = {
      next: async () => {
        const value = values[index];
        index += 1;
        if (value !== undefined) {
          this.#produced += 1;
          return { done: false, value };
        }
        if (ending === "silence") return await silence.promise;
        this.#active = false;
        if (ending === "failure") throw new SnakepitError("PYTHON_EXCEPTION", "the iterator failed");
        return ended;
      },
      return: async () => {
        this.#active = false;
        silence.resolve(ended);
        return ended;
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }
}
