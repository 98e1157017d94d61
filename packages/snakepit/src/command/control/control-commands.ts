import { type Command, defineCommand } from "../command.ts";

const HOST = {
  type: "string",
  value: "HOST",
  description: "The run ID or the process ID of the host; required if several hosts of this user are running",
} as const;
const POOL = { type: "string", value: "POOL", description: "Only this pool" } as const;
const GRACE = {
  type: "string",
  value: "TIME",
  description: 'Time that the calls of the worker have to finish, for example "30s"; by default until their deadlines',
} as const;
const WORKER = { name: "WORKER", description: "The ID or the process ID of a worker; see snakepit ps" } as const;

/** The commands that observe and operate running hosts of this user. */
export const CONTROL_COMMANDS: readonly Command[] = [
  defineCommand({
    name: "inspect",
    summary: "Show the pools of a running host: capacity, queue, memory, recommendations",
    description:
      "Shows the state of a running host: the profile, capacity, utilization, queue and memory of each pool, the traffic of the last minute, and what would help.",
    options: {
      host: HOST,
      pool: POOL,
      detailed: { type: "boolean", description: "Also show each worker with its calls" },
      recommendations: { type: "boolean", description: "Show only the recommendations, with their reasons" },
      threshold: {
        type: "string",
        value: "N",
        description: "The utilization from which a pool counts as saturated, from 0 to 1; 0.8 by default",
      },
      format: {
        type: "string",
        value: "FORMAT",
        default: "table",
        choices: ["table", "json"],
        description: "The format of the output",
      },
    },
    examples: [
      { description: "Show the only running host", line: "snakepit inspect" },
      { description: "Show each worker of one pool", line: "snakepit inspect --pool ml --detailed" },
      { description: "Show what would help, and why", line: "snakepit inspect --recommendations" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-inspect.ts")).runInspect(invocation),
  }),
  defineCommand({
    name: "ps",
    summary: "List the running hosts of this user and their workers",
    description: "Lists the running hosts of this user on this machine, and their workers with their current call.",
    options: { host: HOST, pool: POOL },
    examples: [
      { description: "List all hosts and workers", line: "snakepit ps" },
      { description: "List the workers of one host as JSON", line: "snakepit ps --host 4711 --json" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-ps.ts")).runPs(invocation),
  }),
  defineCommand({
    name: "top",
    summary: "Watch the pools, workers and calls of a running host",
    description:
      "Shows pools, workers and their calls live, those with the longest calls first. Press q to quit. Prints the state once if the output is not a terminal.",
    options: {
      host: HOST,
      pool: POOL,
      interval: {
        type: "string",
        value: "TIME",
        default: "1s",
        description: 'Time between two updates, for example "500ms"',
      },
    },
    examples: [
      { description: "Watch the only running host", line: "snakepit top" },
      { description: "Print the state once", line: "snakepit top | cat" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-top.ts")).runTop(invocation),
  }),
  defineCommand({
    name: "stacks",
    summary: "Show the Python stacks of a running worker, which continues",
    description:
      "Shows the Python stacks of all threads of a worker, and of its asyncio tasks. The worker and its calls continue. While native code holds the interpreter lock, it takes a few seconds.",
    options: {
      host: HOST,
      internal: {
        type: "boolean",
        description: "Also show the threads of the worker itself, and what its main thread does without a call",
      },
      timeout: { type: "string", value: "TIME", default: "10s", description: "How long to wait for the worker" },
    },
    positionals: [WORKER],
    examples: [
      { description: "Show where a worker is", line: "snakepit stacks default-2" },
      { description: "The same, by its process ID", line: "snakepit stacks 4712" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-stacks.ts")).runStacks(invocation),
  }),
  defineCommand({
    name: "events",
    summary: "Print the events of a running host as they happen",
    description:
      "Prints the events of a running host until the host ends or the command is interrupted. If they come faster than they can be printed, the number of dropped events is printed.",
    options: {
      host: HOST,
      pool: POOL,
      follow: { type: "boolean", description: "Continue until the host ends; the default, unless --count is set" },
      filter: {
        type: "string",
        value: "PATTERN",
        multiple: true,
        description: 'Only events with this name; "*" matches any characters',
      },
      count: {
        type: "integer",
        value: "N",
        min: 1,
        max: 1_000_000,
        description: "End after this number of events",
      },
    },
    examples: [
      { description: "Print all events", line: "snakepit events --follow" },
      {
        description: "Print the events of workers as JSON, one per line",
        line: 'snakepit events --filter "worker.*" --json',
      },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-events.ts")).runEvents(invocation),
  }),
  defineCommand({
    name: "recycle",
    summary: "Replace a worker of a running host without failing a call",
    description:
      "Replaces a worker: the replacement becomes ready, then the old worker finishes its calls and ends. No call fails because of it.",
    options: { host: HOST, grace: GRACE },
    positionals: [WORKER],
    examples: [{ description: "Replace a worker", line: "snakepit recycle default-2" }],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-actions.ts")).runRecycle(invocation),
  }),
  defineCommand({
    name: "reload",
    summary: "Make the workers of a pool run the present code",
    description:
      "Replaces the workers of a pool by workers that run the present code of its target. No call fails because of it. If the code cannot be loaded, the workers continue with the code that they have.",
    options: { host: HOST },
    positionals: [
      { name: "POOL", description: "The pool; by default the pool of calls that do not name one", optional: true },
    ],
    examples: [
      { description: "Reload the code of the default pool", line: "snakepit reload" },
      { description: "Reload the code of the pool ml", line: "snakepit reload ml" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-actions.ts")).runReload(invocation),
  }),
  defineCommand({
    name: "orphans",
    summary: "List or end processes that dead hosts have left",
    description:
      "Lists the processes that hosts of this user have left on this machine when they were killed. The next host ends them at its start; --kill ends them now. Exits with 1 if processes are left.",
    options: {
      kill: { type: "boolean", description: "End the processes" },
      registry: {
        type: "string",
        value: "LOCATION",
        description:
          "The registry of the hosts: a file, or the URL of a PostgreSQL database; by default that of this user",
      },
    },
    examples: [
      { description: "List the processes", line: "snakepit orphans" },
      { description: "End them", line: "snakepit orphans --kill" },
    ],
    onSignal: "abort",
    run: async (invocation) => (await import("./run-orphans.ts")).runOrphans(invocation),
  }),
];
