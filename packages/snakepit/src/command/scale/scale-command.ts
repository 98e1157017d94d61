import { defineCommand } from "../command.ts";

/** The command `snakepit scale`. */
export const scaleCommand = defineCommand({
  name: "scale",
  summary: "Measure how many workers this machine can run, and what limits them",
  description:
    "Starts a pool with a few workers, measures the memory, threads and open files that each needs and how fast they start, and computes from the limits of this process, its user and its container how many workers can run. The lowest number is the ceiling, and its resource the bottleneck.\n\nWithout TARGET, the workers have no libraries, so the ceiling is an upper bound. Nothing is written to the registry of this user. It takes a few seconds.",
  options: {
    to: {
      type: "integer",
      value: "N",
      min: 1,
      max: 10_000,
      description: "The number of workers to reach; the exit code is 1 if that is above the ceiling",
    },
    python: {
      type: "string",
      value: "PYTHON",
      completes: "file",
      description: "The interpreter, as in python(…, { python }); by default the one that a pool finds",
    },
  },
  positionals: [
    {
      name: "TARGET",
      description: "A Python file, module or class, as in python(…)",
      optional: true,
      completes: "file",
    },
  ],
  examples: [
    { description: "What limits the workers of these tools", line: "snakepit scale ./tools.py" },
    { description: "Whether 100 workers can run, in CI", line: "snakepit scale --to 100 --json ./tools.py" },
  ],
  onSignal: "abort",
  run: async (invocation) => (await import("./run-scale.ts")).runScale(invocation),
});
