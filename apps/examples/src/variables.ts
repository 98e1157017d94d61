// Variables are typed values of a session that both languages read, write and watch.
import { type NdArray, ndarray, python, Snakepit, SnakepitError } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/annealing.py", import.meta.url)), size: 2 });
await using session = await pit.session();
const { variables } = session;

await variables.register("temperature", { type: "float", value: 64, constraints: { min: 0, max: 100 } });
await variables.register("phase", {
  type: "choice",
  value: "heating",
  constraints: { choices: ["heating", "cooling", "done"] },
});
const weights = ndarray(Float64Array.of(3, 4), [2]);
await variables.register("weights", { type: "tensor", value: weights, constraints: { shape: [2], dtype: "float64" } });

// The current value first, then each change from either language. The last change is never skipped.
async function watchUntilBelow(limit: number): Promise<string> {
  for await (const change of variables.watch("temperature")) {
    if (!change.deleted && (change.value as number) < limit) return `${change.value}, version ${change.version}`;
  }
  return "the session ended first";
}
const watching = watchUntilBelow(1);
console.log(`cooled in Python to ${await session.execute("cool", { steps: 7 })}`);
console.log(`watched in TypeScript: ${await watching}`);

const waiting = session.execute<string[]>("wait_for_phase", { phase: "done" });
await variables.update<string>("phase", (phase) => (phase === "heating" ? "done" : phase));
console.log(`watched in Python: ${(await waiting).at(-1)}`);

// Both languages check values and report the same error.
console.log(`Python: ${await session.execute("overheat")}`);
try {
  await variables.set("temperature", 1_000);
} catch (error) {
  if (!(error instanceof SnakepitError)) throw error;
  console.log(`TypeScript: ${error.details["reason"]}: ${error.message}`);
}

console.log(`sum of the weights: ${await session.execute("weigh")}`);
console.log(`normalized: ${[...(await variables.get<NdArray<Float64Array>>("weights"))].join(" ")}`);

// Several writes as one atomic batch, and one that requires an expected version.
await variables.setMany({ temperature: 20, phase: "heating" }, { atomic: true });
const { value, version, updatedBy } = await variables.describe("phase");
console.log(`${value}, version ${version}, by ${updatedBy}`);
console.log(`with an old version: ${await variables.compareAndSet("phase", "done", version - 1)}`);
