import { OPERATIONS } from "@snakepit/core";
import { MessageInputs } from "../inputs/message-inputs.ts";
import { ProtoSchema } from "../inputs/proto-schema.ts";
import { argumentsInput } from "../inputs/value-inputs.ts";
import { PROTO_FOLDER } from "../project-files.ts";

/** The schema of all frames and services. */
export const SCHEMA = new ProtoSchema(PROTO_FOLDER);

/** The kinds of frames that workers send. Most frames answer calls and send requests. */
export const WORKER_FRAMES = [
  "result",
  "result",
  "chunk",
  "chunk",
  "call_failure",
  "call_failure",
  "request",
  "request",
  "request",
  "heartbeat",
  "telemetry",
  "log",
  "cancel",
  "credit",
  "hello",
];

const FIELDS = [
  "names",
  "name",
  "id",
  "ids",
  "pattern",
  "scope",
  "tool",
  "args",
  "writes",
  "version",
  "metadata",
  "value",
];

/** Returns a generator of the frames of a worker with the calls 1 to 4. */
export function workerMessages(): MessageInputs {
  return new MessageInputs(SCHEMA, {
    strings: {
      method: Object.keys(OPERATIONS),
      code: ["SERIALIZATION", "PYTHON_EXCEPTION", "INTERNAL", "CANCELLED", "NO_SUCH_CODE"],
      worker_id: ["w1", "w2"],
      token: ["guessed"],
      start_permits: ["permits-1", "../permits"],
      unsent_records: ["unsent-1", "../../x"],
    },
    ids: [1, 2, 3, 4],
    payload: (random) => argumentsInput(random, FIELDS),
  });
}
