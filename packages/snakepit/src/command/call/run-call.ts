import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { Snakepit } from "../../snakepit.ts";
import { EXIT, type Invocation } from "../command.ts";
import { type HostSource, hostConfig } from "../host-source/host-config.ts";
import { durationValue, toolArguments } from "../host-source/option-values.ts";
import { printError } from "../host-source/print-error.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { writeResult } from "./write-result.ts";

/** The values of the options of `snakepit call`. */
export interface CallValues extends HostSource {
  readonly args: string | undefined;
  readonly pool: string | undefined;
  readonly stream: boolean;
  readonly session: string | undefined;
  readonly timeout: string | undefined;
  readonly json: boolean;
}

/** Workers of a target without a configuration: a tool may call another one. */
const WORKER_SIZE = 2;

/** Runs `snakepit call`. */
export async function runCall({ values, positionals, terminal, signal }: Invocation<CallValues>): Promise<number> {
  const [tool = ""] = positionals;
  const timeoutMs = values.timeout === undefined ? undefined : durationValue("--timeout", values.timeout);
  const args = await toolArguments(values.args, signal);
  const { config } = await hostConfig(values, WORKER_SIZE);
  try {
    const pit = await start(() => Snakepit.start(config, { signal }), terminal.stderr);
    try {
      const { pool, session } = values;
      if (session !== undefined) await pit.session(session);
      const options = { pool, signal, timeoutMs, sessionId: session };
      const descriptor = pit.tools(pool).find(({ name }) => name === tool);
      if (values.stream && descriptor?.streaming === false) throw notStreaming(tool);
      const streams = values.stream || descriptor?.streaming === true;
      if (streams) {
        for await (const chunk of pit.stream(tool, args, options))
          await writeResult(terminal.stdout, chunk, values.json);
      } else {
        await writeResult(terminal.stdout, await pit.execute(tool, args, options), values.json);
      }
    } finally {
      await pit.close();
    }
  } catch (thrown) {
    const error = toSnakepitError(thrown);
    // A signal has cancelled the call, and ends the process.
    if (signal.aborted && error.code === "CANCELLED") throw error;
    printError(terminal, error, values.json);
    return EXIT.failed;
  }
  return EXIT.ok;
}

function notStreaming(tool: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `tool "${tool}" returns one value instead of chunks; omit --stream`);
}

async function start(open: () => Promise<Snakepit>, stderr: ConstructorParameters<typeof ProgressLine>[0]) {
  using progress = new ProgressLine(stderr);
  progress.show("Starting Python workers");
  return await open();
}
