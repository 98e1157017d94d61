// A script with a resource to close. Its first argument is the mode of its main function.
import { runScript } from "../script/run-script.ts";

const mode = process.argv[2];

const start = async () => ({
  async close() {
    process.stderr.write("closing\n");
    if (mode === "slow-close") await new Promise((resolve) => setTimeout(resolve, 60_000));
    process.stderr.write("closed\n");
  },
});

await runScript(start, async (_pit, { signal }) => {
  if (mode === "throw") throw new Error("main broke");
  if (mode === "return") return;
  if (mode === "chatter") {
    for (;;) {
      process.stdout.write("chatter\n");
      await new Promise(setImmediate);
    }
  }
  const ended = new Promise((resolve) => signal.addEventListener("abort", resolve));
  // A pending promise alone does not keep a process alive.
  const alive = setInterval(() => {}, 60_000);
  process.stdout.write("running\n");
  await ended;
  clearInterval(alive);
  process.stderr.write(`aborted by ${signal.reason}\n`);
});
process.stderr.write(`listeners left: ${process.listenerCount("SIGINT") + process.listenerCount("SIGTERM")}\n`);
