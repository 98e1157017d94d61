import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type ChunkStream,
  defineConfig,
  type ErrorCode,
  type HostStats,
  type HostWorkerInfo,
  isNdArray,
  type MapOutcome,
  type MapResults,
  type NdArray,
  ndarray,
  type PoolStats,
  type PythonFailure,
  python,
  Snakepit,
  SnakepitError,
  type ToolDescriptor,
  type WorkerSpec,
} from "./index.ts";

const run = promisify(execFile);

// A program waits for every module before its first line runs; what a host needs later can load while its workers
// start.
test("importing the package loads no database driver, no gRPC library and no store of sessions", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const urls = new Set();
    registerHooks({ resolve: (name, context, next) => { const found = next(name, context); urls.add(found.url); return found; } });
    await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    console.log(JSON.stringify([...urls]));
  `;
  const args = ["--conditions=source", "--input-type=module", "--eval", script];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 24 });
  const urls = JSON.parse(stdout) as string[];
  const loaded = (part: string) => urls.filter((url) => url.includes(part));

  expect(loaded("/packages/snakepit/src/")).not.toEqual([]);
  for (const part of ["/node_modules/kysely", "/node_modules/pg/", "/node_modules/@grpc/", "/node_modules/ajv"]) {
    expect(loaded(part)).toEqual([]);
  }
  for (const part of ["/packages/registry/", "/packages/sessions/src/store/", "/packages/sessions/src/variables/"]) {
    expect(loaded(part)).toEqual([]);
  }
});

// Type tests, checked by `tsc`. Nothing below is executed, hence the functions without a caller.

const pit = {} as Snakepit;
const worker = python("./tools.py");

describe("the public types", () => {
  test("calls have the declared result type, and unknown by default", () => {
    expectTypeOf(pit.execute<number>).returns.toEqualTypeOf<Promise<number>>();
    expectTypeOf(pit.execute).returns.toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(pit.stream<string>).returns.toEqualTypeOf<ChunkStream<string>>();
    expectTypeOf(pit.stream).returns.toEqualTypeOf<ChunkStream<unknown>>();
    expectTypeOf<ChunkStream<string>>().toExtend<AsyncIterable<string> & AsyncDisposable>();
    const pool = () => pit.pool("ml");
    expectTypeOf(pool).returns.toHaveProperty("execute");
    expectTypeOf<ReturnType<typeof pool>["execute"]>().returns.toEqualTypeOf<Promise<unknown>>();
  });

  test("a script has the result type of its function", () => {
    const sync = () => Snakepit.run(() => 42, { worker });
    const later = () => Snakepit.run(async (_, { signal }) => signal.aborted, { worker });
    expectTypeOf(sync).returns.toEqualTypeOf<Promise<number>>();
    expectTypeOf(later).returns.toEqualTypeOf<Promise<boolean>>();
  });

  test("statistics have a type for one pool and a type for all pools", () => {
    const all = () => pit.stats();
    const one = () => pit.stats("ml");
    expectTypeOf(all).returns.toEqualTypeOf<HostStats>();
    expectTypeOf(one).returns.toEqualTypeOf<PoolStats>();
    expectTypeOf(pit.workers).returns.toEqualTypeOf<HostWorkerInfo[]>();
    expectTypeOf(pit.tools).returns.toEqualTypeOf<readonly ToolDescriptor[]>();
  });

  test("a listener has the type of its event", () => {
    const listen = () =>
      pit.on("worker.exited", ({ exit }) => expectTypeOf(exit.signal).toEqualTypeOf<string | undefined>());
    expectTypeOf(listen).returns.toEqualTypeOf<() => void>();
    const listenToTwo = (pit: Snakepit) =>
      pit.on(["call.ended", "worker.ready"], (event, name) => {
        expectTypeOf(name).toEqualTypeOf<"call.ended" | "worker.ready">();
        expectTypeOf(event.pool).toEqualTypeOf<string>();
      });
    expectTypeOf(listenToTwo).returns.toEqualTypeOf<() => void>();
    const listenToAll = (pit: Snakepit) =>
      pit.onAny((event) => {
        expectTypeOf(event.time).toEqualTypeOf<number>();
        if (event.name === "call.ended") expectTypeOf(event.durationMs).toEqualTypeOf<number>();
      });
    expectTypeOf(listenToAll).returns.toEqualTypeOf<() => void>();
  });

  test("an error has a code of the closed list, and the Python failure if there is one", () => {
    expectTypeOf<SnakepitError["code"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<SnakepitError["python"]>().toEqualTypeOf<PythonFailure | undefined>();
    expectTypeOf<"WORKER_CRASHED">().toExtend<ErrorCode>();
    const narrow = (thrown: unknown) => (thrown instanceof SnakepitError ? thrown : undefined);
    expectTypeOf(narrow).returns.toEqualTypeOf<SnakepitError | undefined>();
  });

  test("arrays keep the type of their elements", () => {
    const matrix = () => ndarray(new Float32Array(4), [2, 2]);
    expectTypeOf(matrix).returns.toExtend<Float32Array>();
    expectTypeOf(matrix).returns.toHaveProperty("shape").toEqualTypeOf<readonly number[]>();
    const narrow = (value: unknown) => (isNdArray(value) ? value : undefined);
    expectTypeOf(narrow).returns.toEqualTypeOf<NdArray | undefined>();
  });

  test("a configuration in a separate file keeps the names of its pools", () => {
    const config = () => defineConfig({ pools: { ml: { worker, executeTimeoutMs: "2m" } } });
    expectTypeOf(config).returns.toHaveProperty("pools").toHaveProperty("ml");
    expectTypeOf<typeof worker>().toEqualTypeOf<WorkerSpec>();
  });
});

interface AddArguments {
  a: number;
  b?: number;
}
type ScaleArguments = { readonly factor: number };
class Point {
  x = 1;
}

describe("arguments of a tool", () => {
  test("may have any object type (E11)", () => {
    const calls = <T extends object, I extends AddArguments>(generic: T, sub: I) => {
      const args: AddArguments = { a: 1 };
      const scale: ScaleArguments = { factor: 2 };
      const frozen: Readonly<AddArguments> = args;
      const record: Record<string, number> = {};
      const partial: Partial<AddArguments> = {};
      const literal = { a: 1, nested: { list: [1] } } as const;
      for (const each of [args, scale, frozen, record, partial, literal]) void pit.execute("add", each);
      void pit.execute("add", generic);
      void pit.execute<number>("add", sub);
      void pit.execute("add", { ...new Point() });
      void pit.stream("add", args);
      void pit.pool("ml").execute("add", args);
      void pit.map<number>("add", [args]);
      return pit.session("s").then((session) => session.execute("add", args));
    };
    expectTypeOf(calls).toBeFunction();
  });

  test("of map() are the items, or the results of toArgs", () => {
    const strings = () => pit.map("add", ["a"], { toArgs: (item) => ({ value: item.length }) });
    const typed = () => pit.map<number>("add", ["a"], { toArgs: (item: string) => ({ item }) });
    const streamed = () => pit.map<number>("add", pit.stream<AddArguments>("rows")).settled();
    expectTypeOf(strings).returns.toEqualTypeOf<MapResults<unknown>>();
    expectTypeOf(typed).returns.toEqualTypeOf<MapResults<number>>();
    expectTypeOf(streamed).returns.toEqualTypeOf<MapResults<MapOutcome<number>>>();
    expectTypeOf<Awaited<MapResults<number>>>().toEqualTypeOf<number[]>();
    expectTypeOf<MapResults<number>>().toExtend<AsyncIterable<number> & AsyncDisposable>();
  });
});

describe("the compiler rejects invalid", () => {
  test("configurations", () => [
    // @ts-expect-error a worker is required
    () => Snakepit.start({}),
    // @ts-expect-error a path is not a worker
    () => Snakepit.start({ worker: "./tools.py" }),
    // @ts-expect-error one pool or several
    () => Snakepit.start({ worker, pools: { a: { worker } } }),
    // @ts-expect-error unknown option
    () => Snakepit.start({ worker, sise: 4 }),
    // @ts-expect-error a duration has a unit
    () => Snakepit.start({ worker, queueTimeoutMs: "10 seconds" }),
    // @ts-expect-error a file or a database
    () => Snakepit.start({ worker, registry: { path: "x", url: "postgres://h/d" } }),
    // @ts-expect-error an option of the host is not an option of a pool
    () => Snakepit.start({ pools: { a: { worker, logger: false } } }),
    // @ts-expect-error fork or spawn
    () => python("./tools.py", { startMethod: "forkserver" }),
    // @ts-expect-error unknown option
    () => python("./tools.py", { interpreter: "python3" }),
  ]);

  test("calls", () => [
    // @ts-expect-error arguments have names
    () => pit.execute("add", [1, 2]),
    // @ts-expect-error a map has no named arguments
    () => pit.execute("add", new Map([["a", 1]])),
    // @ts-expect-error a function has no named arguments
    () => pit.execute("add", () => 1),
    // @ts-expect-error a promise has no named arguments
    () => pit.execute("add", Promise.resolve({ a: 1 })),
    // @ts-expect-error a date has no named arguments
    () => pit.execute("add", new Date()),
    // @ts-expect-error a single value has no name
    () => pit.execute("add", 2),
    // @ts-expect-error a misspelled option
    () => pit.execute("add", {}, { timeout: 5 }),
    // @ts-expect-error only a stream has an idle time-out
    () => pit.execute("add", {}, { idleTimeoutMs: 5 }),
    // @ts-expect-error a call of one pool cannot choose another one
    () => pit.pool("ml").execute("add", {}, { pool: "other" }),
    // @ts-expect-error metadata values are strings
    () => pit.execute("add", {}, { metadata: { tenant: 7 } }),
    // @ts-expect-error a stream is not a promise of its chunks
    async (): Promise<string> => await pit.stream<string>("tokens"),
    // @ts-expect-error a value of unknown type must be narrowed
    async () => (await pit.execute("add")) + 1,
    // @ts-expect-error unknown event
    () => pit.on("worker.exitd", () => {}),
    // @ts-expect-error the constructor is private
    () => new Snakepit(),
    // @ts-expect-error the effective configuration is read-only
    () => (pit.config.maxPayloadBytes = 5),
    // @ts-expect-error unknown code
    () => new SnakepitError("NO_SUCH_CODE", "no"),
  ]);
});
