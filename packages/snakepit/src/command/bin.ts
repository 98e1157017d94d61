#!/usr/bin/env node
import { BROKEN_PIPE_STATUS, HANG_UP_STATUS, isBrokenPipe, isHangUp } from "../script/run-script.ts";
import { EXIT } from "./command.ts";
import { reportUnsettled, runCommand } from "./run-command.ts";

const args = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (isBrokenPipe(error)) process.exit(BROKEN_PIPE_STATUS);
    if (isHangUp(error, stream)) process.exit(HANG_UP_STATUS);
    // A full disk, for example. An error of stderr cannot be reported.
    if (stream === process.stdout) process.stderr.write(`snakepit: the output cannot be written: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
}

let isSettled = false;
// The event loop has nothing left to do, but the command has not ended: Node.js would exit with 13 and its source.
process.once("beforeExit", () => {
  if (!isSettled) process.exitCode = reportUnsettled(args, process);
});
// Not awaited here, because Node.js would report a command that cannot end before this can.
void runCommand(args, process).then((status) => {
  isSettled = true;
  process.exitCode = status;
});
