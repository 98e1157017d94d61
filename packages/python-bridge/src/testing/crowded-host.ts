// A host without free file descriptors when its zygote dies; descriptors become free later. Prints the results as JSON.
// usage, with a low limit of open files: node crowded-host.ts
import { closeSync, openSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { callTool, launchOne, rejection } from "./launching.ts";
import { LaunchingHost } from "./launching-host.ts";

// No `await using`: this file also runs on Node.js 22. An error ends the process.
const host = new LaunchingHost();
const launcher = await host.launcher();
const first = await launchOne(launcher, "w1");
const opened: number[] = [];

let isExhausting = true;
const exhausting = (async () => {
  // Repeated, because the end of a process frees descriptors.
  for (; isExhausting; await turn()) openAll();
})();
const zygote = host.registry.activations.find((each) => each.workerId.includes("zygote"));
process.kill(zygote?.pid ?? 0, "SIGKILL");
const { cause } = await first.exited;
openAll();
const { code, message, startFailure } = await rejection(launchOne(launcher, "w2"));
isExhausting = false;
await exhausting;
for (const descriptor of opened) closeSync(descriptor);
const sum = await callTool(await launchOne(launcher, "w3"), "add", { a: 1, b: 2 });
await launcher.close();
const rows = [...host.registry.rows.keys()];
await host[Symbol.asyncDispose]();
console.log(JSON.stringify({ exit: cause?.code, code, message, startFailure, sum, rows }));

function openAll(): void {
  try {
    for (;;) opened.push(openSync("/dev/null", "r"));
  } catch {
    // No descriptor is free.
  }
}
