// Workers crash, and callers hardly notice: retries, poison calls, a circuit breaker and fallbacks.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python, Snakepit, type SnakepitError } from "snakepit";

const worker = python(new URL("../tools/fragile.py", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "snakepit-resilience-"));
await using pit = await Snakepit.start({
  pools: {
    default: { worker, size: 2, circuit: { minCalls: 6, windowMs: "10m", openMs: "1h" }, retry: { initialMs: 10 } },
    reserve: { worker, size: 1 },
  },
  logger: false,
});
pit.on("call.retried", ({ tool, attempt }) => console.log(`  ${tool} is executed again: attempt ${attempt}`));
pit.on("call.poisoned", ({ tool, crashes }) => console.log(`  ${tool} has ended ${crashes} workers in a row`));
pit.on("circuit.opened", ({ failures, calls }) => console.log(`  the circuit is open: ${failures} of ${calls} failed`));

const codeOf = (call: Promise<unknown>) => call.then(String, (error: SnakepitError) => error.code);

// The tool is declared idempotent, so its call survives the death of its worker.
console.log("idempotent:", await codeOf(pit.execute("measure", { state: join(directory, "measured") })));

// The same call three times in a row: then it is rejected before it ends another worker.
for (let crash = 0; crash < 3; crash++) await codeOf(pit.execute("corrupt", { address: 0 }));
console.log("the fourth time:", await codeOf(pit.execute("corrupt", { address: 0 })));
console.log("with a fallback:", await pit.execute("corrupt", { address: 0 }, { fallback: { value: "unknown" } }));

// With other arguments it is another call. Most calls have failed now, so the circuit rejects further ones at once.
await codeOf(pit.execute("corrupt", { address: 1 }));
console.log("while the circuit is open:", await codeOf(pit.execute("estimate")));
console.log("from the reserve:", await pit.execute("estimate", {}, { fallback: { pool: "reserve" } }));
rmSync(directory, { recursive: true });
