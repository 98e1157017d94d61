// Workers are replaced while calls run: because of their memory, by hand, and to load edited code.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python, Snakepit } from "snakepit";

const leaking = python(new URL("../tools/leaking.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "snakepit-lifecycle-"));
const greetings = join(folder, "greetings.py");
const write = (greeting: string) =>
  writeFileSync(
    greetings,
    `from snakepit_bridge import tool\n\n@tool\ndef greet(name: str) -> str:\n    return f"${greeting}, {name}"\n`,
  );

{
  await using pit = await Snakepit.start({
    worker: leaking,
    size: 1,
    heartbeatIntervalMs: "100ms",
    recycle: { maxRssMb: 200 },
  });
  const replaced = new EventTarget();
  pit.on("worker.recycled", (event) => replaced.dispatchEvent(new CustomEvent(event.reason)));
  const memory = once(replaced, "memory");
  await pit.execute("remember", { mebibytes: 250 });
  await memory;
  console.log("replaced because of its memory");
  const [worker] = pit.workers();
  console.log(`recycled: ${await pit.recycle(worker?.id ?? "")} has replaced ${worker?.id}`);
}

try {
  write("Hello");
  await using pit = await Snakepit.start({ worker: python(greetings), size: 4 });
  console.log(`before the edit: ${await pit.execute("greet", { name: "Ada" })}`);
  let failed = 0;
  let reloading = true;
  const caller = async () => {
    while (reloading) await pit.execute("greet", { name: "Grace" }).catch(() => (failed += 1));
  };
  const callers = Array.from({ length: 8 }, caller);
  write("Good morning");
  await pit.reload();
  reloading = false;
  await Promise.all(callers);
  console.log(`after the edit: ${await pit.execute("greet", { name: "Ada" })}`);
  console.log(`failed calls: ${failed}`);
} finally {
  rmSync(folder, { recursive: true });
}
