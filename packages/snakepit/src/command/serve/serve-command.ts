import { defineCommand } from "../command.ts";
import { HOST_SOURCE_OPTIONS } from "../host-source/host-source-options.ts";

const { worker, python } = HOST_SOURCE_OPTIONS;

/** The command `snakepit serve`. */
export const serveCommand = defineCommand({
  name: "serve",
  summary: "Run a host with a gRPC server, a dashboard, or both",
  description: `Starts the host of a configuration file, and the servers of its option serve: serve.gateway is the address of the gRPC server, which --socket and --port replace, and serve.dashboard that of the dashboard with health probes and metrics. The gRPC server requires the packages @snakepit/gateway and @grpc/grpc-js, the dashboard @snakepit/dashboard.

SIGTERM, SIGINT and SIGHUP end it: health probes report NOT_SERVING, new calls are rejected after health.drainDelayMs, active calls have the grace period to end, then the workers end. A second signal ends it immediately.

Exit codes: 0 after a signal, 1 if it did not start, 2 for an invalid command line. A signal before it is ready ends the process as usual.`,
  positionals: [
    {
      name: "CONFIG",
      optional: true,
      completes: "file",
      description:
        "The configuration file. By default snakepit.config.ts, .mts, .js or .mjs in the working directory or in a parent within the project",
    },
  ],
  options: {
    socket: {
      type: "string",
      value: "PATH",
      completes: "file",
      description: "Listen on this Unix socket, which only this user can open",
    },
    port: {
      type: "integer",
      value: "N",
      min: 0,
      max: 65_535,
      description: "Listen on this TCP port of 127.0.0.1, with --token-file; 0 selects a free one",
    },
    "token-file": {
      type: "string",
      value: "FILE",
      completes: "file",
      description: "The file with the token that clients must send, at least 32 characters",
    },
    "dashboard-port": {
      type: "integer",
      value: "N",
      min: 0,
      max: 65_535,
      description:
        "Open the dashboard, with probes and metrics, on this TCP port, by default of 127.0.0.1; 0 selects a free one. The URL with its token is printed",
    },
    grace: {
      type: "string",
      value: "DURATION",
      description: "The time that active calls have to end after a signal; by default serve.graceMs (8 s)",
    },
    worker,
    python,
  },
  examples: [
    { description: "Serve what snakepit.config.ts describes", line: "snakepit serve" },
    {
      description: "Serve a Python file on a Unix socket",
      line: "snakepit serve --worker ./tools.py --socket ./tools.sock",
    },
    {
      description: "Open the dashboard of a Python file",
      line: "snakepit serve --worker ./tools.py --dashboard-port 7788",
    },
    {
      description: "Under systemd or in a container: name the file, and report the states as JSON",
      line: "snakepit serve /srv/app/snakepit.config.ts --json",
    },
  ],
  onSignal: "abort",
  run: async (invocation) => (await import("./run-serve.ts")).runServe(invocation),
});
