// Generates the documentation of metrics from the table of instruments, so that they cannot differ.
// With --check, it writes nothing and fails if the file is out of date.
import { cell, writeOrCheck } from "../../core/scripts/generated-files.mjs";
import { DURATION_BOUNDS, METRIC_ATTRIBUTES } from "../src/metrics/instrument-definition.ts";
import { INSTRUMENTS } from "../src/metrics/instruments.ts";
import { labelName, prometheusName } from "../src/metrics/prometheus-names.ts";

const COMMAND = "pnpm --filter @snakepit/telemetry run generate:metrics";

/** The headings, by the second part of the names. */
const AREAS = {
  call: "Calls",
  stream: "Streams",
  queue: "Queues",
  pool: "Pools",
  worker: "Workers",
  zygote: "Zygotes",
  circuit: "Circuit breakers",
  session: "Sessions, variables and programs",
  host_tool: "Host tools",
  store: "Store of sessions",
  registry: "Process registry",
  host: "Host process and events",
};

/** The areas of names that are plural or belong to the area of another one. */
const AREA_OF = {
  calls: "call",
  streams: "stream",
  workers: "worker",
  zygotes: "zygote",
  variable: "session",
  program: "session",
  events: "host",
};

writeOrCheck({ "docs/metrics.md": documentation() }, COMMAND);

function documentation() {
  const labels = Object.entries(METRIC_ATTRIBUTES).map(
    ([name, text]) => `| \`${name}\` | \`${labelName(name)}\` | ${cell(text)} |\n`,
  );
  return `<!-- Generated from packages/telemetry/src/metrics by \`${COMMAND}\`; not to be edited. -->

# Metrics

A host measures the metrics on this page while they are read: by Prometheus through \`pit.metrics()\`, or by the
OpenTelemetry SDK of the application. Both have the same instruments; [monitoring](monitoring.md) shows how to set up
either. The unit and the kind are part of the name in Prometheus: \`_seconds\`, \`_bytes\`, \`_ratio\`, and \`_total\` for a
counter. A histogram has the series \`_bucket\`, \`_sum\` and \`_count\`.

Names and meanings change only in a major version; metrics and labels may be added.

## Labels

| attribute in OpenTelemetry | label in Prometheus | meaning |
|---|---|---|
${labels.join("")}
The number of series is limited: see *cardinality* in [monitoring](monitoring.md#prometheus).
${Object.entries(AREAS).map(area).join("")}
## Bounds of histograms

In seconds: ${DURATION_BOUNDS.join(", ")}.
`;
}

function area([area, title]) {
  const rows = Object.entries(INSTRUMENTS).filter(([name]) => areaOf(name) === area);
  const lines = rows.map(([name, { kind, unit, text, attributes }]) => {
    const labels = attributes.map((attribute) => `\`${labelName(attribute)}\``).join(", ");
    return `| \`${prometheusName(name)}\` | \`${name}\` | ${kind} | \`${unit}\` | ${cell(text)} | ${labels} |\n`;
  });
  return `
## ${title}

| Prometheus | OpenTelemetry | kind | unit | meaning | labels |
|---|---|---|---|---|---|
${lines.join("")}`;
}

function areaOf(name) {
  const part = name.split(".")[1];
  const area = AREA_OF[part] ?? part;
  if (AREAS[area] === undefined) throw new Error(`add the area of ${name} to AREAS`);
  return area;
}
