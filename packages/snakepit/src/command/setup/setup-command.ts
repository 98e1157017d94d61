import { defineCommand } from "../command.ts";

/** The command `snakepit setup`. */
export const setupCommand = defineCommand({
  name: "setup",
  summary: "Prepare a Python environment for this project",
  description:
    "Prepares a Python environment for this project: finds the existing one, or creates .venv, and installs the version of snakepit-bridge that belongs to this package.",
  options: {
    python: {
      type: "string",
      value: "PYTHON",
      completes: "file",
      description:
        "The interpreter to use or to create the environment with: an executable, a command on PATH, or the directory of an environment",
    },
    venv: {
      type: "string",
      value: "DIR",
      completes: "directory",
      description: "The environment to use or create; by default the existing one or .venv",
    },
    with: {
      type: "string",
      value: "PACKAGE",
      multiple: true,
      description: "An additional package to install",
    },
    record: {
      type: "boolean",
      description:
        "In a project of uv or poetry: list snakepit-bridge in pyproject.toml, so that uv sync and poetry sync keep it. By default setup asks, if it runs in a terminal",
      negation: "Do not list snakepit-bridge, and do not ask",
    },
  },
  examples: [
    { description: "Use or create the environment of this project", line: "snakepit setup" },
    { description: "Also install numpy and pandas", line: "snakepit setup --with numpy --with pandas" },
    { description: "List the bridge in the pyproject.toml of a uv or poetry project", line: "snakepit setup --record" },
    {
      description: "Create an environment with another version of Python",
      line: "snakepit setup --python python3.13 --venv .venv-3.13",
    },
  ],
  run: async (invocation) => (await import("./run-setup.ts")).runSetup(invocation),
});
