// Runs without an installed OpenTelemetry API; with "--sdk", as if an SDK with a separate copy were set up.
import { createTelemetry } from "@snakepit/telemetry";

const errors = [];
const logger = { debug() {}, info() {}, warn() {}, error: (_, message) => errors.push(message) };
const telemetry = createTelemetry({ logger });
if (process.argv.includes("--sdk")) globalThis[Symbol.for("opentelemetry.js.api.1")] = { trace: {} };
await telemetry.ready();
const call = telemetry.startCall({ pool: "ml", tool: "predict", correlationId: "c-1", streaming: false });
console.log(JSON.stringify({ traced: call !== undefined, errors }));
