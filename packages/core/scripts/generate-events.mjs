// Generates the types of events and their documentation from the catalogue, so that they cannot differ.
// With --check, it writes nothing and fails if a file is out of date.
import { CHOICES } from "../src/events/choices.ts";
import { EVENTS } from "../src/events/event-catalogue.ts";
import { FIELD_TYPES, UNITS } from "../src/events/event-definition.ts";
import { cell, docComment, wrap, writeOrCheck } from "./generated-files.mjs";

const COMMAND = "pnpm --filter @snakepit/core run generate:events";

/** The headings of the documentation, by the first part of the names. */
const AREAS = {
  call: "Calls",
  stream: "Streams",
  queue: "Queues",
  pool: "Pools",
  circuit: "Circuit breakers",
  worker: "Workers",
  zygote: "Zygotes",
  session: "Sessions",
  variable: "Variables",
  program: "Programs",
  tool: "Host tools",
  registry: "Process registry",
  host: "Hosts",
  python: "Python processes",
};

const ON_DEMAND = "Created only while it has a listener; not logged.";

writeOrCheck(
  {
    "packages/core/src/events/gen/event-types.ts": eventTypes(),
    "docs/events.md": documentation(),
  },
  COMMAND,
);

function eventTypes() {
  const onDemand = Object.keys(EVENTS).filter((name) => EVENTS[name].isOnDemand);
  return `// Generated from the catalogue of events by \`${COMMAND}\`; not to be edited.
import type { SnakepitError } from "../../errors/snakepit-error.ts";
import type { WorkerExit } from "../../ports/worker-handle.ts";

/** Every event, by name. Durations are in milliseconds. */
export interface SnakepitEvents {
${Object.entries(EVENTS).map(eventType).join("")}}

/** The name of an event. */
export type EventName = keyof SnakepitEvents;

/** The name of an event that is created only while it has a listener. */
export type OnDemandEventName =
${onDemand.map((name) => `  | "${name}"`).join("\n")};

${Object.entries(CHOICES).map(choiceType).join("\n")}`;
}

function eventType([name, { text, stability, isOnDemand, fields }]) {
  const notes = [isOnDemand ? ON_DEMAND : "", stability === "experimental" ? "Experimental." : ""];
  const doc = [text, ...notes.filter((note) => note !== "")].join(" ");
  const body = Object.entries(fields).map(([key, field]) => {
    const comment = field.unit === undefined ? field.text : `${field.text} In ${UNITS[field.unit]}.`;
    const type = field.optional ? `${typeOf(field)} | undefined` : typeOf(field);
    return `${docComment(comment, "    ")}    readonly ${key}${field.optional ? "?" : ""}: ${type};\n`;
  });
  return `${docComment(doc, "  ")}  "${name}": {\n${body.join("")}  };\n`;
}

function choiceType([name, { text, values }]) {
  const list = Object.entries(values).map(([value, meaning]) => `- \`${value}\`: ${meaning}`);
  const type = Object.keys(values).map((value) => `"${value}"`);
  return `${docComment([text, "", ...list].join("\n"), "")}export type ${name} = ${type.join(" | ")};\n`;
}

function typeOf({ type }) {
  return FIELD_TYPES[type] ?? type;
}

function documentation() {
  const names = Object.keys(EVENTS);
  const missing = names.filter((name) => AREAS[areaOf(name)] === undefined);
  if (missing.length > 0) throw new Error(`add the areas of ${missing.join(", ")} to AREAS`);
  return `<!-- Generated from packages/core/src/events by \`${COMMAND}\`; not to be edited. -->

# Events

A host emits the events on this page: \`pit.on()\` calls a function with the events of one name or of several, and
\`pit.onAny()\` with all. The test suite runs the sample; the output of a line follows the arrow.

\`\`\`python
# tools.py
from snakepit_bridge import tool


@tool
def divide(a: float, b: float) -> float:
    return a / b
\`\`\`

\`\`\`ts
// events.ts
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({ worker: python("./tools.py"), size: 1 });

const stop = pit.on("call.ended", ({ tool, durationMs, error }) => {
  console.log(tool, durationMs < 10_000, error?.code); // → divide true undefined
});
await pit.execute("divide", { a: 84, b: 2 });
stop();

const recycled = new AbortController();
pit.on(
  ["worker.ready", "worker.recycled"],
  ({ workerId }, name) => console.log(name, workerId), // → worker.ready default-2
  { signal: recycled.signal },
);
pit.onAny((event) => {
  if (event.name === "worker.recycled") console.log(event.reason, event.requests); // → requested 1
});
pit.on("worker.exited", () => recycled.abort());
await pit.recycle("default-1");
\`\`\`

- Both methods return a function that ends the subscription. With \`{ signal }\`, the signal ends it, too.
- Listeners are called synchronously, in the order of subscription, and those of \`onAny\` after the others. An error of a
  listener is logged once and has no other effect.
- The events of a call have its \`correlationId\`, as its errors, log records and spans do.
- An event of \`onAny\` has its \`name\` and its \`time\` (milliseconds since 1970) in addition to its fields.
- Events *on demand* may occur for each call. They are created only while they have a listener, and are not logged.
- *Experimental* events may change in any version. Of the others, names and meanings change only in a major version;
  fields may be added.
- The events of the start are emitted before there is a host that could have listeners. A custom \`instrumentation\`
  ([configuration](configuration.md)) receives them; its \`listens\` has the events on demand that it receives.

| event | what has happened |
|---|---|
${names.map((name) => `| [\`${name}\`](#${anchor(name)}) | ${cell(firstSentence(EVENTS[name].text))} |`).join("\n")}

${Object.entries(AREAS)
  .map(
    ([area, title]) =>
      `## ${title}\n\n${names
        .filter((name) => areaOf(name) === area)
        .map(eventSection)
        .join("\n")}`,
  )
  .join("\n")}
## Types

${Object.entries(CHOICES)
  .map(([name, { text, values }]) => {
    const rows = Object.entries(values).map(([value, meaning]) => `| \`${value}\` | ${cell(meaning)} |`);
    return `### Type ${name}\n\n${text}\n\n| value | meaning |\n|---|---|\n${rows.join("\n")}\n`;
  })
  .join("\n")}
### Type SnakepitError

An error of Snakepit; see [errors](errors.md).

### Type WorkerExit

How the process of a worker has ended: \`requested\`, \`exitCode\`, \`signal\`, \`stderrTail\`, \`stacks\` and \`cause\`.
`;
}

function eventSection(name) {
  const { text, stability, isOnDemand, fields } = EVENTS[name];
  const notes = [isOnDemand ? "on demand" : "", stability === "experimental" ? "experimental" : ""].filter(Boolean);
  const rows = Object.entries(fields).map(([key, field]) => {
    const unit = field.unit === undefined ? "" : `, ${UNITS[field.unit]}`;
    return `| \`${key}\`${field.optional ? " (optional)" : ""} | ${documentedType(field)}${unit} | ${cell(field.text)} |`;
  });
  const lines = wrap(`${text}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`, 120);
  return `### ${name}\n\n${lines.join("\n")}\n\n| field | type | meaning |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function documentedType(field) {
  const type = typeOf(field);
  const isLinked = type in CHOICES || type === "SnakepitError" || type === "WorkerExit";
  return isLinked ? `[\`${type}\`](#type-${type.toLowerCase()})` : `\`${type}\``;
}

function areaOf(name) {
  return name.slice(0, name.indexOf("."));
}

/** The anchor of a heading on GitHub. */
function anchor(name) {
  return name.replaceAll(".", "");
}

function firstSentence(text) {
  const end = text.search(/[.:;] /);
  return end === -1 ? text : `${text.slice(0, end)}.`;
}
