// Inspects this process when it has no file descriptor left, and prints the results or the error codes.
// Usage, under a low limit of file descriptors: node without-descriptors.ts
import { closeSync, openSync } from "node:fs";
import { listDarwinProcesses } from "../process-identity/darwin-process-list.ts";
import { runIdInEnvironment } from "../process-identity/linux-process.ts";
import { isSameProcess, thisProcess } from "../process-identity/process-identity.ts";

const self = thisProcess();
const opened: number[] = [];
try {
  for (;;) opened.push(openSync("/dev/null", "r"));
} catch {
  // No file descriptor is left.
}
const outcomes = [
  outcomeOf(() => isSameProcess(self)),
  outcomeOf(() => runIdInEnvironment(self.pid)),
  outcomeOf(() => listDarwinProcesses(["-p", String(self.pid)])),
];
for (const descriptor of opened) closeSync(descriptor);
console.log(JSON.stringify(outcomes));

function outcomeOf(look: () => unknown): unknown {
  try {
    return look();
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code;
  }
}
