import type { CommandOptions } from "../command.ts";

/** Options of commands that start a host: from a configuration file, or for one Python target. */
export const HOST_SOURCE_OPTIONS = {
  config: {
    type: "string",
    value: "FILE",
    completes: "file",
    description:
      "The configuration file. By default snakepit.config.ts, .mts, .js or .mjs in the working directory or in a parent within the project",
  },
  worker: {
    type: "string",
    value: "TARGET",
    completes: "file",
    description:
      "Instead of a configuration file: the Python file, module or class that the workers run, for example ./tools.py or package.module:Adapter",
  },
  python: {
    type: "string",
    value: "PYTHON",
    completes: "file",
    description: "The interpreter for --worker: a path, a command on PATH, or the directory of an environment",
  },
} as const satisfies CommandOptions;
