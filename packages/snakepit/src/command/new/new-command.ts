import { defineCommand } from "../command.ts";

/** The command `snakepit new`. */
export const newCommand = defineCommand({
  name: "new",
  summary: "Create an adapter, or an application that runs",
  description: `new app creates a project in a new or empty directory: a configuration, tools in Python, a program in TypeScript that calls them, tests for both, and the scripts to run them. The template basic is a program that calls tools and ends; web is an HTTP server with JSON routes, server-sent events and the probes /livez and /readyz.

new adapter creates an adapter class and its test in the working directory: methods that share what setup() loads, such as a model.

Existing files are never changed.`,
  positionals: [
    { name: "KIND", description: "What to create", choices: ["app", "adapter"] },
    {
      name: "NAME",
      completes: "directory",
      description:
        "The directory of the application, whose last part is its name, or the name of the adapter as a Python module, for example image_model",
    },
  ],
  options: {
    template: {
      type: "string",
      value: "NAME",
      choices: ["basic", "web"],
      description: "The template of an application, by default basic",
    },
  },
  examples: [
    { description: "Create an application, and run it", line: "snakepit new app ./my-app && cd my-app && npm install" },
    { description: "Create an HTTP server", line: "snakepit new app ./my-server --template web" },
    {
      description: "Create image_model.py with the class ImageModel, and its test",
      line: "snakepit new adapter image_model",
    },
  ],
  run: async (invocation) => (await import("./run-new.ts")).runNew(invocation),
});
