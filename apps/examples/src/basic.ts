// Call a Python function as if it were a local async function.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 2 });

const sum = await pit.execute<number>("add", { a: 2, b: 40 });
const greeting = await pit.execute<string>("greet", { name: "Ada" });

console.log(`2 + 40 = ${sum}`);
console.log(greeting);
