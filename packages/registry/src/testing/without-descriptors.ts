// Inspects this process when it has no file descriptor left; prints the result, or the code of the error.
// usage, under a limit that is soon reached: node without-descriptors.ts
import { closeSync, openSync } from "node:fs";
import { listDarwinProcesses } from "../process-identity/darwin-process-list.ts";
import { runIdInEnvironment } from "../process-identity/linux-process.ts";
import { isSameProcess, thisProcess } from "../process-identity/process-identity.ts";

const self = thisProcess();
const hoarded: number[] = [];
try {
  for (;;) hoarded.push(openSync("/dev/null", "r"));
} catch {
  // Now none is left.
}
const outcomes = [
  outcomeOf(() => isSameProcess(self)),
  outcomeOf(() => runIdInEnvironment(self.pid)),
  outcomeOf(() => listDarwinProcesses(["-p", String(self.pid)])),
];
for (const descriptor of hoarded) closeSync(descriptor);
console.log(JSON.stringify(outcomes));

function outcomeOf(look: () => unknown): unknown {
  try {
    return look();
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code;
  }
}
