import type { HostEventItem } from "@snakepit/core";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Empty, SearchField, Select, ViewHeader } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { clock, counted } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Cell, type Column, VirtualTable } from "../parts/virtual-list.tsx";
import { followEvents, type ShownEvent } from "../state/event-stream.ts";
import { useTopics } from "../state/live-connection.ts";

/** Which events the host sends. */
const AREAS = [
  ["pool.*,worker.*,zygote.*,circuit.*,registry.*,session.*", "All but calls"],
  ["", "All events"],
  ["pool.*", "Pools"],
  ["worker.*", "Workers"],
  ["worker.log", "Logs of workers"],
  ["call.*", "Calls"],
  ["session.*", "Sessions"],
  ["circuit.*", "Circuit breakers"],
] as const;

const COLUMNS: readonly Column[] = [{ title: "Time" }, { title: "Event" }, { title: "Fields" }];

/** The events of the host, as they occur. */
export function EventsView(): JSX.Element {
  useTopics("overview");
  const [names, setNames] = useState<(typeof AREAS)[number][0]>(AREAS[0][0]);
  const [text, setText] = useState("");
  const [paused, setPaused] = useState(false);
  const [events, setEvents] = useState<readonly ShownEvent[]>([]);
  const [opened, setOpened] = useState<ShownEvent | undefined>(undefined);
  useEffect(() => (paused ? undefined : followEvents(names, setEvents)), [names, paused]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = events.filter(({ searched }) => words.every((word) => searched.includes(word)));
  return (
    <div class="fill">
      <ViewHeader title="Events" note={paused ? "paused" : "live, the newest first"}>
        <Select label="Events" value={names} values={AREAS} onChange={setNames} />
        <SearchField label="Filter events" value={text} onChange={setText} />
        <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          <Icon name={paused ? "play" : "pause"} /> {paused ? "Continue" : "Pause"}
        </button>
        <button type="button" class="button" disabled={events.length === 0} onClick={() => setEvents([])}>
          Clear
        </button>
      </ViewHeader>
      {shown.length === 0 ? (
        <Empty icon="events" title={events.length === 0 ? "Waiting for events" : "No event matches the filter"}>
          {events.length === 0 ? "They appear here as they occur." : undefined}
        </Empty>
      ) : (
        <VirtualTable label="Events" kind="events" columns={COLUMNS} rows={shown} keyOf={({ key }) => key}>
          {(event) => <EventRow event={event} onOpen={() => setOpened(event)} />}
        </VirtualTable>
      )}
      {opened !== undefined && opened.item.is === "event" && (
        <Dialog title={opened.item.name} wide onClose={() => setOpened(undefined)}>
          <div class="dialog-text">
            <p class="note">{clock(opened.item.at)}</p>
            <pre class="json" tabIndex={0}>
              {JSON.stringify(opened.item.fields, undefined, 2)}
            </pre>
          </div>
        </Dialog>
      )}
    </div>
  );
}

function EventRow({ event, onOpen }: { readonly event: ShownEvent; readonly onOpen: () => void }): JSX.Element {
  const { item } = event;
  if (item.is === "dropped") {
    return (
      <>
        <Cell label="Time">{clock(item.at)}</Cell>
        <Cell label="Event" kind="name">
          <span class="note">{counted(item.count, "event")} omitted</span>
        </Cell>
        <Cell label="Fields" kind="fields">
          <span class="note">more than the page shows; choose fewer events</span>
        </Cell>
      </>
    );
  }
  return (
    <>
      <Cell label="Time">{clock(item.at)}</Cell>
      <Cell label="Event" kind="name">
        <button type="button" class={`link area-${areaOf(item)}`} onClick={onOpen}>
          {item.name}
        </button>
      </Cell>
      <Cell label="Fields" kind="fields">
        {event.summary}
      </Cell>
    </>
  );
}

/** Events that report a failure are red. */
function areaOf({ name, fields }: HostEventItem & { readonly is: "event" }): string {
  return "error" in fields || "cause" in fields || /failed|degraded|unhealthy|poisoned|opened/.test(name)
    ? "bad"
    : "plain";
}
