import { defineCommand } from "../command.ts";
import { HOST_SOURCE_OPTIONS } from "../host-source/host-source-options.ts";

/** The command `snakepit bench`. */
export const benchCommand = defineCommand({
  name: "bench",
  summary: "Measure the throughput and latency of a tool",
  description: `Starts a host and calls a tool repeatedly from a number of callers. Each caller starts its next call when the previous one has ended, so that --concurrency is the number of calls at the same time. Everything runs on this machine, the callers in the process of the host.

Per run: a warm-up, then the measurement. Calls that end within the measurement count. Calls per second are those that succeeded, with the spread of five parts of the measurement. Percentiles are of successful calls, from the call in TypeScript to its result; p95 needs 20 calls, and p99 100. The queue is the part of the latency before a call was sent to a worker. Processor time is in cores.

Do not measure tools with side effects that must not be repeated.`,
  positionals: [
    { name: "TOOL", optional: true, description: "The name of the tool; may be omitted if the pool has only one" },
  ],
  options: {
    args: {
      type: "string",
      value: "JSON",
      description: "The arguments by name, as a JSON object; - reads it from stdin, and @FILE from a file",
    },
    concurrency: {
      type: "string",
      value: "LIST",
      default: "1,16,64",
      description: "Numbers of callers, one run for each, separated by commas",
    },
    duration: { type: "duration", value: "DURATION", default: "5s", description: "The time of each measurement" },
    "warm-up": { type: "duration", value: "DURATION", default: "1s", description: "The time before each measurement" },
    pool: {
      type: "string",
      value: "NAME",
      description: "The pool to measure; by default the pool of calls that do not name one",
    },
    workers: {
      type: "integer",
      value: "N",
      min: 1,
      max: 10_000,
      description: "The number of workers of that pool; by default that of the configuration",
    },
    profiles: {
      type: "string",
      value: "LIST",
      description:
        "Profiles to compare, separated by commas: process, thread, async. Tools must be safe for threads with thread",
    },
    ...HOST_SOURCE_OPTIONS,
  },
  examples: [
    {
      description: "Measure a tool with 1, 16 and 64 callers",
      line: `snakepit bench embed --args '{"text": "hello"}'`,
    },
    {
      description: "Compare processes with threads, on eight workers",
      line: "snakepit bench fetch --args @args.json --profiles process,thread --workers 8",
    },
    {
      description: "Record the results of a short run, for example in CI",
      line: "snakepit bench embed --args @args.json --concurrency 8 --duration 2s --json > bench.json",
    },
  ],
  onSignal: "abort",
  run: async (invocation) => (await import("./run-bench.ts")).runBench(invocation),
});
