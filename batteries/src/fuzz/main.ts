// Entry point of `npm run fuzz`.
import { randomBytes } from "node:crypto";
import { parseCommand } from "./command-line.ts";
import { runTargets } from "./run-targets.ts";
import { TARGETS } from "./targets.ts";

try {
  const names = TARGETS.map(({ name }) => name);
  const command = parseCommand(process.argv.slice(2), names, randomBytes(4).readUInt32BE());
  if (command.is === "help") console.log(command.usage);
  else if (!(await runTargets(command))) process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 2;
}
