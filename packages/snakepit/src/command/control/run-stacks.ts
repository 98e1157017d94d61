import type { StackFrame, WorkerStacks } from "@snakepit/core";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { findWorker } from "./choose-host.ts";
import { optionDuration } from "./option-values.ts";
import { oneLine } from "./text-table.ts";
import { describeCall } from "./worker-table.ts";

/** Runs `snakepit stacks WORKER`. */
export async function runStacks({ values, positionals, terminal, signal }: Invocation): Promise<number> {
  const timeoutMs = optionDuration("timeout", values["timeout"]);
  const { client, workerId } = await findWorker(positionals[0] ?? "", values["host"] as string | undefined, signal);
  using _ = client;
  using progress = new ProgressLine(terminal.stderr);
  progress.show(`Reading the stacks of worker ${workerId}`);
  const stacks = await client.stacks(workerId, { timeoutMs, signal });
  progress.clear();
  const text = values["json"] === true ? JSON.stringify(stacks) : stackText(stacks, values["internal"] === true);
  terminal.stdout.write(`${text}\n`);
  return EXIT.ok;
}

/** Formats stacks like Python's tracebacks: the innermost frame last. */
export function stackText(
  { workerId, pool, pid, source, calls, threads, tasks }: WorkerStacks,
  internal: boolean,
): string {
  const how =
    source === "interpreter"
      ? ""
      : "; native code holds the interpreter lock, so the fault handler has read the stacks";
  const lines = [`Worker ${workerId} (pid ${pid}) of pool ${pool}${how}`];
  for (const call of calls) lines.push(`Call ${describeCall(call)}`);
  for (const thread of threads) {
    if (thread.internal && !internal) continue;
    const isIdle = calls.length === 0 && thread.main && !internal && thread.frames.every(isOfRuntime);
    const frames = isIdle ? ["  waits for a call"] : thread.frames.flatMap(frameLines);
    lines.push("", `Thread ${thread.name}${thread.main ? " (main)" : ""}`, ...frames);
  }
  for (const { name, coroutine, frames } of tasks) {
    lines.push("", `Task ${name}: ${coroutine}`, ...frames.flatMap(frameLines));
  }
  return lines.map(oneLine).join("\n");
}

/** Whether a frame belongs to the bridge or to the standard library, not to the tools or their packages. */
function isOfRuntime({ file }: StackFrame): boolean {
  if (file.startsWith("<frozen ") || file.includes("/snakepit_bridge/")) return true;
  return /\/python3\.\d+t?\/(?!(?:site|dist)-packages\/)/.test(file);
}

function frameLines({ file, line, function: name, code }: StackFrame): string[] {
  return [`  File "${file}", line ${line}, in ${name}`, ...(code === undefined ? [] : [`    ${code}`])];
}
