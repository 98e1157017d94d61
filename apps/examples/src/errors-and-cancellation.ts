// Every promise settles: with a value, or with one SnakepitError whose code names the cause.
import { python, Snakepit, SnakepitError } from "snakepit";

await using pit = await Snakepit.start({ worker: python(new URL("../tools/basics.py", import.meta.url)), size: 1 });

async function show(what: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(`${what}: ${await call}`);
  } catch (error) {
    if (!(error instanceof SnakepitError)) throw error;
    console.log(`${what}: ${error.code}: ${error.message}`);
    if (error.python !== undefined)
      console.log(`  in Python: ${error.python.traceback.trim().split("\n").at(-2)?.trim()}`);
  }
}

await show("an exception", pit.execute("divide", { a: 1, b: 0 }));
await show("a wrong argument", pit.execute("divide", { a: 1, b: "zero" }));
await show("an unknown tool", pit.execute("devide", { a: 1, b: 2 }));
await show("a deadline", pit.execute("sleep", { seconds: 60 }, { timeoutMs: 100 }));
await show("an abort", pit.execute("sleep", { seconds: 60 }, { signal: AbortSignal.timeout(100) }));
await show("the worker afterwards", pit.execute("divide", { a: 1, b: 2 }));
