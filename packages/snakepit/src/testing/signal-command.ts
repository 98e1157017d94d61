// Runs a command that shows progress until a signal ends it: node signal-command.ts resolve | reject | ignore
import { setTimeout as delay } from "node:timers/promises";
import { defineCommand } from "../command/command.ts";
import { runCommand } from "../command/run-command.ts";
import { ProgressLine } from "../command/terminal/progress-line.ts";

const FOREVER_MS = 2_000_000;

const waiting = defineCommand({
  name: "wait",
  summary: "Wait",
  description: "Waits for a signal.",
  options: {},
  positionals: [{ name: "ENDING", description: "What it does then", choices: ["resolve", "reject", "ignore"] }],
  examples: [],
  onSignal: "abort",
  async run({ positionals, signal, terminal }) {
    using progress = new ProgressLine(terminal.stderr);
    progress.show("Waiting for a signal that takes\nmore than a line of a narrow terminal");
    terminal.stdout.write("ready\n");
    await delay(FOREVER_MS, undefined, { signal }).catch(() => undefined);
    progress.clear();
    terminal.stdout.write(`aborted by ${signal.reason}\n`);
    if (positionals[0] === "ignore") await delay(FOREVER_MS);
    if (positionals[0] === "reject") throw signal.reason;
    return 7;
  },
});

process.exitCode = await runCommand(["wait", ...process.argv.slice(2)], process, [waiting]);
