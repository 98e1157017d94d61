import { SnakepitError } from "@snakepit/core";
import type { CallRecorder } from "../recording/call-recorder.ts";

let created = 0;

/** Lets a recorder see a call that ends at once. Returns its correlation ID. */
export function recordCall(
  recorder: CallRecorder,
  { pool = "ml", tool = "train", error }: { pool?: string; tool?: string; error?: SnakepitError } = {},
): string {
  created += 1;
  const correlationId = `call-${created}`;
  const trace = recorder.startCall({ pool, tool, correlationId, streaming: false });
  trace.dispatched("ml-1");
  trace.ended(error);
  return correlationId;
}

/** Returns the error of a call that raised a Python exception. */
export function pythonError(type = "ValueError", message = "no model has this name"): SnakepitError {
  const traceback = [
    "Traceback (most recent call last):",
    '  File "/srv/app/tools.py", line 12, in train',
    "    model = models[name]",
    "            ~~~~~~^^^^^^",
    `${type}: ${message}`,
  ].join("\n");
  const python = { type, module: "builtins", message, traceback, notes: [] };
  return new SnakepitError("PYTHON_EXCEPTION", `train() raised ${type}: ${message}`, { python });
}
