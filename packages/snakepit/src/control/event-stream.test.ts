import { EVENT_NAMES, type EventName, type HostEventItem, SnakepitError } from "@snakepit/core";
import { expect, test, vi } from "vitest";
import { EventStream, eventNames } from "./event-stream.ts";

/** A source of events, and its subscriptions. */
class Source {
  readonly names: EventName[][] = [];
  #listener: ((name: EventName, fields: object) => void) | undefined;
  readonly onEnded = vi.fn();

  stream(options: ConstructorParameters<typeof EventStream>[0] = {}): EventStream {
    return new EventStream(
      options,
      (names, listener) => {
        this.names.push([...names]);
        this.#listener = listener;
        return () => {
          this.#listener = undefined;
        };
      },
      this.onEnded,
    );
  }

  get isSubscribed(): boolean {
    return this.#listener !== undefined;
  }

  emit(name: EventName, fields: object = {}): void {
    this.#listener?.(name, fields);
  }
}

/** Reads the items that are buffered, and ends the stream. */
async function rest(stream: EventStream): Promise<HostEventItem[]> {
  stream.end();
  const items: HostEventItem[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const poolOf = (item: HostEventItem) => (item.is === "event" ? item.fields["pool"] : item);

test("events are delivered in order, before and while the consumer waits", async () => {
  const source = new Source();
  const stream = source.stream();
  source.emit("pool.ready", { pool: "a" });
  source.emit("pool.ready", { pool: "b" });
  expect(await stream.next()).toMatchObject({ value: { is: "event", name: "pool.ready", fields: { pool: "a" } } });
  expect(await stream.next()).toMatchObject({ value: { fields: { pool: "b" }, at: expect.any(Number) } });
  const waiting = stream.next();
  source.emit("pool.ready", { pool: "c" });
  expect(await waiting).toMatchObject({ done: false, value: { fields: { pool: "c" } } });
  expect(source.names).toEqual([[...EVENT_NAMES]]);
});

test("a slow consumer loses the oldest events, and receives their number", async () => {
  const source = new Source();
  const stream = source.stream({ buffer: 3 });
  for (const pool of ["1", "2", "3", "4", "5", "6", "7"]) source.emit("pool.ready", { pool });
  expect(await stream.next()).toMatchObject({ value: { is: "dropped", count: 4 } });
  expect(poolOf((await stream.next()).value as HostEventItem)).toBe("5");
  source.emit("pool.ready", { pool: "8" });
  source.emit("pool.ready", { pool: "9" });
  const items = await rest(stream);
  expect(items.map(poolOf)).toEqual([expect.objectContaining({ is: "dropped", count: 1 }), "7", "8", "9"]);
});

test("only the events that match the options are delivered", async () => {
  const source = new Source();
  const stream = source.stream({ names: ["worker.*"], pool: "ml", workerId: "ml-1" });
  source.emit("worker.ready", { pool: "ml", workerId: "ml-1" });
  source.emit("worker.ready", { pool: "ml", workerId: "ml-2" });
  source.emit("worker.ready", { pool: "other", workerId: "ml-1" });
  source.emit("worker.ready", { pool: "ml" });
  expect(await rest(stream)).toMatchObject([{ fields: { pool: "ml", workerId: "ml-1" } }]);
  expect(source.names[0]?.every((name) => name.startsWith("worker."))).toBe(true);
});

test("errors become plain data, also in the exit of a worker", async () => {
  const source = new Source();
  const stream = source.stream();
  const python = { type: "ValueError", module: "builtins", message: "no", traceback: "Traceback", notes: [] };
  const error = new SnakepitError("PYTHON_EXCEPTION", "failed", { pool: "ml", python });
  source.emit("pool.degraded", { pool: "ml", cause: error });
  source.emit("worker.exited", { exit: { requested: false, cause: error } });
  const plain = {
    code: "PYTHON_EXCEPTION",
    message: "failed",
    retryable: false,
    pool: "ml",
    python: { type: "ValueError", message: "no", traceback: "Traceback" },
  };
  const [degraded, exited] = await rest(stream);
  expect(degraded).toMatchObject({ fields: { pool: "ml", cause: plain } });
  expect(exited).toMatchObject({ fields: { exit: { requested: false, cause: plain } } });
  expect(JSON.parse(JSON.stringify([degraded, exited]))).toEqual([degraded, exited]);
});

test.each([
  ["the loop is left", async (stream: EventStream) => void (await stream.return())],
  ["the host ends it", async (stream: EventStream) => stream.end()],
])("the subscription ends when %s", async (_, end) => {
  const source = new Source();
  const stream = source.stream();
  const waiting = stream.next();
  await end(stream);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(source.isSubscribed).toBe(false);
  expect(source.onEnded).toHaveBeenCalledExactlyOnceWith(stream);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("the subscription ends when the signal aborts, before or later", async () => {
  const source = new Source();
  const controller = new AbortController();
  const stream = source.stream({ signal: controller.signal });
  controller.abort();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(source.isSubscribed).toBe(false);
  source.stream({ signal: controller.signal });
  expect(source.isSubscribed).toBe(false);
});

test("patterns match names", () => {
  expect(eventNames(["pool.ready", "pool.re*"])).toEqual([
    "pool.ready",
    ...EVENT_NAMES.filter((name) => name.startsWith("pool.re") && name !== "pool.ready"),
  ]);
  expect(eventNames(undefined)).toEqual(EVENT_NAMES);
  expect(() => eventNames(["pool?ready"])).toThrow('no event has the name "pool?ready"');
});

test.each([
  [{ names: [] }, "names must be a non-empty array of names of events; got an array"],
  [{ names: "worker.*" }, "names must be a non-empty array"],
  [{ buffer: 0 }, "buffer must be an integer from 1 to 100000; got 0"],
  [{ name: ["worker.exited"] }, "name is not an option of events(); did you mean names?"],
])("rejects the options %j", (options, message) => {
  expect(() => new Source().stream(options as never)).toThrow(message);
});
