import { defineCommand } from "../command.ts";

/** The command `snakepit doctor`. */
export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Find what is wrong with this machine or project, and fix it",
  description:
    "Checks Node.js, Python and its build, the Python package and what it requires, accelerators, the state directory, the process registry and the state store, the sockets, what dead hosts have left, and whether the limits of open files, processes and memory allow the workers. With TARGET, starts one worker with it, and looks up the libraries that it imports in the table of compatibility. The configuration file of the project is checked, too; its registry, store, socket directory and number of workers are used unless an option specifies them.\n\nEach finding has its remedy. Without --fix, nothing is changed. The exit code is 1 if there are errors; warnings do not change it.",
  options: {
    fix: {
      type: "boolean",
      description:
        "Apply the remedies that are safe: install the Python package as setup does, correct the permissions of Snakepit's own files, remove what dead hosts have left",
    },
    config: {
      type: "string",
      value: "FILE",
      completes: "file",
      description:
        "The configuration file. By default snakepit.config.ts, .mts, .js or .mjs in the working directory or in a parent within the project, if there is one",
    },
    python: {
      type: "string",
      value: "PYTHON",
      completes: "file",
      description: "The interpreter, as in python(…, { python }); by default the one that a pool finds",
    },
    registry: {
      type: "string",
      value: "LOCATION",
      completes: "file",
      description:
        "The process registry: a PostgreSQL URL or a file; by default that of the configuration, or the file of this user",
    },
    store: {
      type: "string",
      value: "LOCATION",
      completes: "file",
      description:
        "The state store: a PostgreSQL URL or a file; by default that of the configuration; the memory of the host needs no check",
    },
    "socket-directory": {
      type: "string",
      value: "DIR",
      completes: "directory",
      description: "The directory of the sockets, as socketDirectory of the configuration",
    },
    "pool-size": {
      type: "integer",
      value: "N",
      min: 1,
      max: 10_000,
      description:
        "The number of workers; it is an error if the limits do not allow them. By default those of the configuration, or 250 as a warning",
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
    { description: "Check this machine and project", line: "snakepit doctor" },
    { description: "Also start a worker with the tools", line: "snakepit doctor ./tools.py" },
    { description: "Fix what can be fixed", line: "snakepit doctor --fix" },
    { description: "In CI: fail if 64 workers cannot run", line: "snakepit doctor --json --pool-size 64 ./tools.py" },
  ],
  onSignal: "abort",
  run: async (invocation) => (await import("./run-doctor.ts")).runDoctor(invocation),
});
