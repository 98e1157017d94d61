import { defineCommand } from "../command.ts";

/** The command `snakepit doctor`. */
export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Find what is wrong with this machine or project, and fix it",
  description:
    "Checks Node.js, Python and its build, the Python package, the state directory, the process registry and the state store, the sockets, what dead hosts have left, and whether the limits of open files, processes and memory allow the workers. With TARGET, starts one worker with it.\n\nEach finding has its remedy. Without --fix, nothing is changed. The exit code is 1 if there are errors; warnings do not change it.",
  options: {
    fix: {
      type: "boolean",
      description:
        "Apply the remedies that are safe: install the Python package as setup does, correct the permissions of Snakepit's own files, remove what dead hosts have left",
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
      description: "The process registry: a PostgreSQL URL or a file; by default the file of this user",
    },
    store: {
      type: "string",
      value: "LOCATION",
      completes: "file",
      description: "The state store: a PostgreSQL URL or a file; by default it is not checked",
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
      description: "The number of workers; it is an error if the limits do not allow them. Without it, 250 are checked",
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
