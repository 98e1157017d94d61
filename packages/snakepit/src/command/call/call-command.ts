import { defineCommand } from "../command.ts";
import { HOST_SOURCE_OPTIONS } from "../host-source/host-source-options.ts";

/** The command `snakepit call`. */
export const callCommand = defineCommand({
  name: "call",
  summary: "Call a tool and print its result",
  description: `Starts a host, calls a tool, prints its result and closes the host. The host has the pools of the configuration file, or with --worker one pool for a Python target.

A result is printed as JSON; a string is printed as it is. A tool that yields chunks is streamed: each chunk is printed on a line when it arrives. What Python prints or logs is written to stderr.

Exit codes: 0 if the tool returned, 1 if it failed or the host did not start, 2 for an invalid command line. Ctrl-C cancels the call in Python.`,
  positionals: [{ name: "TOOL", description: "The name of the tool" }],
  options: {
    args: {
      type: "string",
      value: "JSON",
      description: "The arguments by name, as a JSON object; - reads it from stdin, and @FILE from a file",
    },
    pool: {
      type: "string",
      value: "NAME",
      description: "The pool to call; by default the pool of calls that do not name one",
    },
    stream: {
      type: "boolean",
      description: "Fail if the tool returns a value instead of yielding chunks",
    },
    session: {
      type: "string",
      value: "ID",
      description: "The session of the call, which is created if it does not exist",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      description: "The deadline of the call, for example 500ms, 30s or 2m; by default that of the tool or pool",
    },
    ...HOST_SOURCE_OPTIONS,
  },
  examples: [
    {
      description: "Call a tool of the configured pool",
      line: `snakepit call add --args '{"a": 2, "b": 40}'`,
    },
    {
      description: "Call a tool of a file, without a configuration",
      line: `snakepit call add --worker ./tools.py --args '{"a": 2, "b": 40}'`,
    },
    {
      description: "Read the arguments from a file, and process the chunks of a stream with jq",
      line: "snakepit call generate --args @prompt.json --json | jq --unbuffered .text",
    },
  ],
  onSignal: "abort",
  run: async (invocation) => (await import("./run-call.ts")).runCall(invocation),
});
