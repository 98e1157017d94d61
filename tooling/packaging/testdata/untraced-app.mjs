// Runs where the OpenTelemetry API is not installed; with "--sdk" as if an SDK with a copy of its own was set up.
import { createTelemetry } from "@snakepit/telemetry";

const errors = [];
const logger = { debug() {}, info() {}, warn() {}, error: (_, message) => errors.push(message) };
const telemetry = createTelemetry({ logger });
if (process.argv.includes("--sdk")) globalThis[Symbol.for("opentelemetry.js.api.1")] = { trace: {} };
await telemetry.ready();
const call = telemetry.startCall({ pool: "ml", tool: "predict", correlationId: "c-1", streaming: false });
console.log(JSON.stringify({ traced: call !== undefined, errors }));
