import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { CallLists, CallRecord } from "../../src/contract/calls.ts";
import { Badge, Data, Empty, Loading, SearchField, Tabs, ViewHeader } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { clock, counted, duration, moment } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Cell, type Column, VirtualTable } from "../parts/virtual-list.tsx";
import { DetailedWaterfall, Waterfall, WaterfallLegend } from "../parts/waterfall.tsx";
import { live, useTopics } from "../state/live-connection.ts";
import { addressOf } from "../state/route.ts";
import { useStore } from "../state/store.ts";
import { useData } from "../state/use-data.ts";

type ListName = keyof CallLists;

const LISTS: readonly (readonly [ListName, string])[] = [
  ["recent", "Recent"],
  ["slow", "Slowest"],
];

const COLUMNS: readonly Column[] = [
  { title: "Tool" },
  { title: "Ended" },
  { title: "Worker" },
  { title: "Duration", numeric: true },
  { title: "Phases" },
  { title: "Result" },
];

/** Recent and slow calls, each with the phases of its time. */
export function CallsView({ subject }: { readonly subject: string | undefined }): JSX.Element {
  useTopics("calls");
  const current = useStore(live.message, (message) => message.calls);
  const [paused, setPaused] = useState<CallLists | undefined>(undefined);
  const [list, setList] = useState<ListName>("recent");
  const [text, setText] = useState("");
  const lists = paused ?? current;
  const shown = useMemo(() => (lists?.[list] ?? []).filter(matcher(text)), [lists, list, text]);
  const longestMs = Math.max(0.001, ...shown.map(({ durationMs }) => durationMs));
  return (
    <div class="fill">
      <ViewHeader
        title="Calls"
        note={list === "recent" ? "the last calls that have ended" : "the slowest calls of the last 15 minutes"}
      >
        <Tabs label="List" value={list} values={LISTS} onChange={setList} />
        <SearchField label="Filter calls" value={text} onChange={setText} />
        <button
          type="button"
          class="button"
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused === undefined ? current : undefined)}
        >
          <Icon name={paused === undefined ? "pause" : "play"} />
          {paused === undefined ? "Pause" : "Continue"}
        </button>
      </ViewHeader>
      {lists === undefined && <Loading rows={8} />}
      {lists !== undefined && shown.length === 0 && (
        <Empty icon="calls" title={text === "" ? "No call has ended yet" : "No call matches the filter"}>
          {text === "" ? "Calls appear here as soon as they end." : undefined}
        </Empty>
      )}
      {shown.length > 0 && (
        <>
          <WaterfallLegend />
          <VirtualTable label="Calls" kind="calls" columns={COLUMNS} rows={shown} keyOf={keyOf}>
            {(call) => <CallRow call={call} longestMs={longestMs} />}
          </VirtualTable>
        </>
      )}
      {subject !== undefined && <CallDialog key={subject} id={subject} />}
    </div>
  );
}

function keyOf({ correlationId, startedAt }: CallRecord): string {
  return `${correlationId} ${startedAt}`;
}

function matcher(text: string): (call: CallRecord) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return ({ tool, pool, workerId, correlationId, error }) => {
    const searched = [tool, pool, workerId, correlationId, error?.code, error?.pythonType].join(" ").toLowerCase();
    return words.every((word) => searched.includes(word));
  };
}

function CallRow({ call, longestMs }: { readonly call: CallRecord; readonly longestMs: number }): JSX.Element {
  const { tool, pool, workerId, durationMs, startedAt, error, correlationId } = call;
  return (
    <>
      <Cell label="Tool" kind="name">
        <a href={addressOf("calls", correlationId)}>
          <code>{tool}</code>
        </a>{" "}
        <span class="note">{pool}</span>
      </Cell>
      <Cell label="Ended">{clock(startedAt + durationMs)}</Cell>
      <Cell label="Worker" kind="worker">
        {workerId ?? "–"}
      </Cell>
      <Cell label="Duration" numeric>
        {duration(durationMs)}
      </Cell>
      <Cell label="Phases" kind="phases">
        <Waterfall call={call} longestMs={longestMs} />
      </Cell>
      <Cell label="Result" kind="state">
        {error === undefined ? (
          <Badge tone="good">ok</Badge>
        ) : (
          <Badge tone="bad">{error.pythonType ?? error.code}</Badge>
        )}
      </Cell>
    </>
  );
}

function CallDialog({ id }: { readonly id: string }): JSX.Element {
  const [call, reload] = useData<CallRecord>(`/api/calls/${encodeURIComponent(id)}`);
  const title = call.is === "ready" ? `Call of ${call.data.tool}` : "Call";
  return (
    <Dialog title={title} wide onClose={() => location.assign(addressOf("calls"))}>
      <div class="dialog-text">
        <Data from={call} onRetry={reload}>
          {(record) => <CallDetails call={record} />}
        </Data>
      </div>
    </Dialog>
  );
}

function CallDetails({ call }: { readonly call: CallRecord }): JSX.Element {
  const { error, spans = [] } = call;
  return (
    <>
      <DetailedWaterfall call={call} />
      <dl class="facts details">
        <Fact label="Duration" value={duration(call.durationMs)} />
        <Fact label="Started" value={moment(call.startedAt)} />
        <Fact label="Pool" value={call.pool} />
        <Fact label="Worker" value={call.workerId ?? "none"} />
        {call.sessionId !== undefined && <Fact label="Session" value={call.sessionId} />}
        <Fact label="Correlation ID" value={call.correlationId} />
        <Fact label="Python spans" value={spans.length === 0 ? "none" : counted(spans.length, "span")} />
      </dl>
      {error !== undefined && (
        <div class="call-error">
          <p>
            <Badge tone="bad">{error.pythonType ?? error.code}</Badge> {error.message}
          </p>
          <a href={addressOf("errors")}>All errors</a>
        </div>
      )}
    </>
  );
}

function Fact({ label, value }: { readonly label: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
