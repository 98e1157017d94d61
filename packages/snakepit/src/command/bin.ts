#!/usr/bin/env node
import { BROKEN_PIPE_STATUS, isBrokenPipe } from "../script/run-script.ts";
import { runCommand } from "./run-command.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (!isBrokenPipe(error)) throw error;
    process.exit(BROKEN_PIPE_STATUS);
  });
}

process.exitCode = await runCommand(process.argv.slice(2), process);
