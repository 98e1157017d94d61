// Typed arrays become numpy arrays; results return with their shape.
import { type NdArray, ndarray, python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/arrays.py", import.meta.url)), size: 1 });

const rows = 1_000;
const table = Float64Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? i : 3 * i + (i % 7)));
const values = ndarray(table, [rows, 2]);

const standardized = await pit.execute<NdArray<Float64Array>>("standardize", { values });
const correlation = await pit.execute<NdArray<Float64Array>>("correlation", { values });

console.log(`standardized: ${standardized.constructor.name} of shape [${standardized.shape.join(", ")}]`);
console.log(`correlation of the two columns: ${correlation[1]?.toFixed(4)}`);
