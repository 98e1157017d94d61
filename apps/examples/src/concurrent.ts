// Many calls at once: each worker runs one call at a time, and the others wait in the queue.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 4 });
await pit.ready();

const numbers = Array.from({ length: 20 }, (_, i) => i);
const squares = await Promise.all(
  numbers.map((value) => pit.execute<{ value: number; pid: number }>("slow_square", { value })),
);

console.log(`squares: ${squares.map((square) => square.value).join(" ")}`);
console.log(`worker processes used: ${new Set(squares.map((square) => square.pid)).size}`);
