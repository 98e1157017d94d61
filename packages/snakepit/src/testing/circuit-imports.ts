// Prints whether a host has loaded the library of circuit breakers: before and after a pool has a circuit.
// usage: node --conditions=source circuit-imports.ts REGISTRY
import { registerHooks } from "node:module";
import { python, Snakepit } from "../index.ts";

let loaded = false;
registerHooks({
  resolve(specifier, context, next) {
    loaded ||= specifier === "cockatiel";
    return next(specifier, context);
  },
});

const worker = python(new URL("resilience_tools.py", import.meta.url));
const common = { worker, size: 1, registry: { path: process.argv[2] ?? "" }, logger: false } as const;
{
  await using pit = await Snakepit.start(common);
  await pit.execute("plain", {}, { idempotent: true, fallback: { value: 1 } });
}
const before = loaded;
{
  await using pit = await Snakepit.start({ ...common, circuit: {} });
  await pit.execute("plain");
}
console.log(JSON.stringify({ before, after: loaded }));
