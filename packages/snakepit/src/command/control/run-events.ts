import type { HostEventError, HostEventItem } from "@snakepit/core";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { connectToHost } from "./choose-host.ts";
import { oneLine } from "./text-table.ts";

/** Runs `snakepit events`. */
export async function runEvents({ values, terminal, signal }: Invocation): Promise<number> {
  const limit = (values["count"] as number | undefined) ?? Number.POSITIVE_INFINITY;
  const filter = values["filter"] as readonly string[] | undefined;
  using client = await connectToHost(values["host"] as string | undefined, signal);
  const names = filter === undefined || filter.length === 0 ? undefined : filter;
  const events = client.events({ names, pool: values["pool"] as string | undefined, signal });
  let printed = 0;
  for await (const item of events) {
    terminal.stdout.write(`${values["json"] === true ? JSON.stringify(item) : eventLine(item)}\n`);
    if (item.is === "event") printed += 1;
    if (printed >= limit) break;
  }
  return EXIT.ok;
}

/** Formats an event as one line: the time, the name and the fields. */
export function eventLine(item: HostEventItem): string {
  const time = new Date(item.at).toISOString().slice(11, 23);
  if (item.is === "dropped")
    return `${time} ${item.count} events were dropped: they came faster than they were printed`;
  const fields = Object.entries(item.fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${formatField(value)}`],
  );
  return oneLine([time, item.name, ...fields].join(" "));
}

function formatField(value: unknown): string {
  if (typeof value === "string") return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  if (isError(value)) return JSON.stringify(`${value.code}: ${value.message}`);
  return JSON.stringify(value);
}

function isError(value: unknown): value is HostEventError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
