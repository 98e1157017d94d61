// A host that has no file descriptor left when its zygote dies, and has some again later. Says how that went.
// usage, under a limit that is soon reached: node crowded-host.ts
import { closeSync, openSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { callTool, launchOne, rejection } from "./launching.ts";
import { LaunchingHost } from "./launching-host.ts";

// Run by Node.js itself, and Node.js 22 has no `await using`; what fails here ends the process.
const host = new LaunchingHost();
const launcher = await host.launcher();
const first = await launchOne(launcher, "w1");
const hoarded: number[] = [];

let hoarding = true;
const hoarder = (async () => {
  // Again and again, since the end of a process gives some back.
  for (; hoarding; await turn()) takeAll();
})();
const zygote = host.registry.activations.find((each) => each.workerId.includes("zygote"));
process.kill(zygote?.pid ?? 0, "SIGKILL");
const { cause } = await first.exited;
takeAll();
const { code, message, startFailure } = await rejection(launchOne(launcher, "w2"));
hoarding = false;
await hoarder;
for (const descriptor of hoarded) closeSync(descriptor);
const sum = await callTool(await launchOne(launcher, "w3"), "add", { a: 1, b: 2 });
await launcher.close();
const rows = [...host.registry.rows.keys()];
await host[Symbol.asyncDispose]();
console.log(JSON.stringify({ exit: cause?.code, code, message, startFailure, sum, rows }));

function takeAll(): void {
  try {
    for (;;) hoarded.push(openSync("/dev/null", "r"));
  } catch {
    // Now there is none left.
  }
}
