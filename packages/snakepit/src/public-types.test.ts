import { describe, expectTypeOf, test } from "vitest";
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

// What a caller's compiler says. Checked by `tsc`; nothing in here is run, hence the functions that nobody calls.

const pit = {} as Snakepit;
const worker = python("./tools.py");

describe("what a user sees of a type", () => {
  test("calls give what they are said to give, and nothing is known of them otherwise", () => {
    expectTypeOf(pit.execute<number>).returns.toEqualTypeOf<Promise<number>>();
    expectTypeOf(pit.execute).returns.toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(pit.stream<string>).returns.toEqualTypeOf<ChunkStream<string>>();
    expectTypeOf(pit.stream).returns.toEqualTypeOf<ChunkStream<unknown>>();
    expectTypeOf<ChunkStream<string>>().toExtend<AsyncIterable<string> & AsyncDisposable>();
    const pool = () => pit.pool("ml");
    expectTypeOf(pool).returns.toHaveProperty("execute");
    expectTypeOf<ReturnType<typeof pool>["execute"]>().returns.toEqualTypeOf<Promise<unknown>>();
  });

  test("a script gives what its function gives", () => {
    const sync = () => Snakepit.run(() => 42, { worker });
    const later = () => Snakepit.run(async (_, { signal }) => signal.aborted, { worker });
    expectTypeOf(sync).returns.toEqualTypeOf<Promise<number>>();
    expectTypeOf(later).returns.toEqualTypeOf<Promise<boolean>>();
  });

  test("figures are of a pool or of all", () => {
    const all = () => pit.stats();
    const one = () => pit.stats("ml");
    expectTypeOf(all).returns.toEqualTypeOf<HostStats>();
    expectTypeOf(one).returns.toEqualTypeOf<PoolStats>();
    expectTypeOf(pit.workers).returns.toEqualTypeOf<HostWorkerInfo[]>();
    expectTypeOf(pit.tools).returns.toEqualTypeOf<readonly ToolDescriptor[]>();
  });

  test("a listener knows its event", () => {
    const listen = () =>
      pit.on("worker.exited", ({ exit }) => expectTypeOf(exit.signal).toEqualTypeOf<string | undefined>());
    expectTypeOf(listen).returns.toEqualTypeOf<() => void>();
  });

  test("an error has a code of the closed list, and what Python said where it did", () => {
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

  test("a configuration in a file of its own keeps the names of its pools", () => {
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
  test("may have any type of object by name (E11)", () => {
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

  test("of many calls come from the items, or from toArgs", () => {
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

describe("what a user's compiler refuses", () => {
  test("configurations", () => [
    // @ts-expect-error a worker is needed
    () => Snakepit.start({}),
    // @ts-expect-error a file alone is no worker
    () => Snakepit.start({ worker: "./tools.py" }),
    // @ts-expect-error one pool or several
    () => Snakepit.start({ worker, pools: { a: { worker } } }),
    // @ts-expect-error there is no such option
    () => Snakepit.start({ worker, sise: 4 }),
    // @ts-expect-error a duration has a unit
    () => Snakepit.start({ worker, queueTimeoutMs: "10 seconds" }),
    // @ts-expect-error a file or a database
    () => Snakepit.start({ worker, registry: { path: "x", url: "postgres://h/d" } }),
    // @ts-expect-error what is a host's is not a pool's
    () => Snakepit.start({ pools: { a: { worker, logger: false } } }),
    // @ts-expect-error fork or spawn
    () => python("./tools.py", { startMethod: "forkserver" }),
    // @ts-expect-error there is no such option
    () => python("./tools.py", { interpreter: "python3" }),
  ]);

  test("calls", () => [
    // @ts-expect-error arguments have names
    () => pit.execute("add", [1, 2]),
    // @ts-expect-error a map holds no arguments by name
    () => pit.execute("add", new Map([["a", 1]])),
    // @ts-expect-error nor does a function
    () => pit.execute("add", () => 1),
    // @ts-expect-error nor does a promise
    () => pit.execute("add", Promise.resolve({ a: 1 })),
    // @ts-expect-error nor does a date
    () => pit.execute("add", new Date()),
    // @ts-expect-error a single value has no name
    () => pit.execute("add", 2),
    // @ts-expect-error a misspelt option
    () => pit.execute("add", {}, { timeout: 5 }),
    // @ts-expect-error only a stream has pauses
    () => pit.execute("add", {}, { idleTimeoutMs: 5 }),
    // @ts-expect-error of one pool, another cannot be chosen
    () => pit.pool("ml").execute("add", {}, { pool: "other" }),
    // @ts-expect-error metadata is text
    () => pit.execute("add", {}, { metadata: { tenant: 7 } }),
    // @ts-expect-error a stream is no promise of its chunks
    async (): Promise<string> => await pit.stream<string>("tokens"),
    // @ts-expect-error a value of unknown type is not used without a look
    async () => (await pit.execute("add")) + 1,
    // @ts-expect-error there is no such event
    () => pit.on("worker.exitd", () => {}),
    // @ts-expect-error a host is started, not made
    () => new Snakepit(),
    // @ts-expect-error the configuration in force is not changed
    () => (pit.config.maxPayloadBytes = 5),
    // @ts-expect-error there is no such code
    () => new SnakepitError("NO_SUCH_CODE", "no"),
  ]);
});
