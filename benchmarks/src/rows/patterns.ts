import { valueCodec } from "@snakepit/bridge-proto";
import { systemClock } from "@snakepit/core";
import { MemoryStore, type SessionVariables, Variables, WriteTurns } from "@snakepit/sessions";
import { median } from "../measure/call-times.ts";
import { type Row, row } from "../table.ts";

const NAME = "model-7b_instruct";
/** Close to as many states as the limits allow are followed for each of 5,000 characters. */
const LONGEST = "a".repeat(4_999);
const HARDEST = "^(?:.{0,100}){2}c$";

/** What the constraint `pattern` costs when a variable is set in memory. The floor: the same variable without it. */
export async function patternRows(): Promise<Row[]> {
  const codec = valueCodec(1 << 20);
  await using store = closing(new MemoryStore());
  await store.createSession({ id: "patterns", metadata: {}, ttlMs: 600_000 }, systemClock.now(), 1);
  const host = new Variables({
    store,
    codec,
    turns: new WriteTurns(),
    clock: systemClock,
    maxVariablesPerSession: 10_000,
  });
  try {
    const variables = host.of("patterns");
    return [
      await setRow(variables, "pattern-set", "^[a-z0-9_-]{1,40}$", NAME, 20_000),
      await setRow(variables, "pattern-set-hardest", `${HARDEST}|a$`, LONGEST, 200),
      await registerRow(variables),
    ];
  } finally {
    host.close();
  }
}

function closing(store: MemoryStore): MemoryStore & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

async function setRow(
  variables: SessionVariables,
  id: string,
  pattern: string,
  value: string,
  count: number,
): Promise<Row> {
  await variables.register(`${id}-floor`, { type: "string", value });
  await variables.register(id, { type: "string", value, constraints: { pattern } });
  return await paired(
    id,
    count,
    () => variables.set(`${id}-floor`, value),
    () => variables.set(id, value),
  );
}

/** Each pattern is new and compiled. */
async function registerRow(variables: SessionVariables): Promise<Row> {
  let index = 0;
  const register = (constraints: { readonly pattern?: string }) =>
    variables.register(`v${index}`, { type: "string", value: NAME, constraints });
  return await paired(
    "pattern-register",
    200,
    () => {
      index += 1;
      return register({});
    },
    () => {
      index += 1;
      return register({ pattern: `^[a-z0-9_-]{1,40}$|${index}` });
    },
  );
}

/** The median of five batches of each kind in turn, after one for warm-up. */
async function paired(
  id: string,
  count: number,
  floor: () => Promise<unknown>,
  value: () => Promise<unknown>,
): Promise<Row> {
  const floors: number[] = [];
  const values: number[] = [];
  for (let batch = 0; batch < 6; batch++) {
    const both = [await microseconds(floor, count), await microseconds(value, count)] as const;
    if (batch === 0) continue;
    floors.push(both[0]);
    values.push(both[1]);
  }
  return row(id, median(values), "µs", median(floors));
}

async function microseconds(operation: () => Promise<unknown>, count: number): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await operation();
  return ((performance.now() - start) * 1_000) / count;
}
