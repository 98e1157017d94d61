import type { HostWorker } from "@snakepit/core";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Badge, Empty, Loading, SearchField, Select, type Tone, ViewHeader } from "../parts/basics.tsx";
import { age, bytes, count, counted, duration } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Cell, type Column, VirtualTable } from "../parts/virtual-list.tsx";
import { live, useTopics } from "../state/live-connection.ts";
import { useStore } from "../state/store.ts";
import { type WorkerAction, WorkerDialog } from "./worker-actions.tsx";

/** What a list can be sorted by. */
type Order = "id" | "rss" | "age" | "requests" | "call";

const ORDERS: Readonly<Record<Order, (worker: HostWorker) => number>> = {
  // IDs are sorted as strings.
  id: () => 0,
  rss: ({ rssBytes }) => rssBytes ?? 0,
  age: ({ ageMs }) => ageMs,
  requests: ({ requests }) => requests,
  call: ({ calls }) => calls[0]?.durationMs ?? -1,
};

type Filter = "all" | "busy" | "idle" | "stuck" | "draining";

const FILTERS: readonly (readonly [Filter, string])[] = [
  ["all", "All states"],
  ["busy", "Busy"],
  ["idle", "Idle"],
  ["stuck", "Stuck"],
  ["draining", "Draining"],
];

/** All running workers, with their calls and actions. */
export function WorkersView({ actions }: { readonly actions: boolean }): JSX.Element {
  useTopics("workers");
  const workers = useStore(live.message, (message) => message.workers);
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const [order, setOrder] = useState<{ readonly by: Order; readonly descending: boolean }>({
    by: "id",
    descending: false,
  });
  const [action, setAction] = useState<WorkerAction | undefined>(undefined);
  const shown = useMemo(
    () => sorted((workers ?? []).filter(matcher(text, filter)), order),
    [workers, text, filter, order],
  );
  const columns = columnsOf(order, setOrder, actions);
  return (
    <div class="fill">
      <ViewHeader title="Workers" note={workers === undefined ? undefined : noteOf(workers)}>
        <SearchField label="Filter workers" value={text} onChange={setText} />
        <Select label="State" value={filter} values={FILTERS} onChange={setFilter} />
      </ViewHeader>
      {workers === undefined && <Loading rows={8} />}
      {workers?.length === 0 && <Empty icon="workers" title="No worker is running" />}
      {workers !== undefined && workers.length > 0 && shown.length === 0 && (
        <Empty icon="search" title="No worker matches the filter" />
      )}
      {shown.length > 0 && (
        <VirtualTable label="Workers" kind="workers" columns={columns} rows={shown} keyOf={({ id }) => id}>
          {(worker) => <WorkerRow worker={worker} onAction={actions ? setAction : undefined} />}
        </VirtualTable>
      )}
      {action !== undefined && <WorkerDialog action={action} onClose={() => setAction(undefined)} />}
    </div>
  );
}

function noteOf(workers: readonly HostWorker[]): string {
  const busy = workers.filter(({ activity }) => activity !== "idle").length;
  return `${counted(workers.length, "worker")}, ${count(busy)} busy`;
}

function matcher(text: string, filter: Filter): (worker: HostWorker) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ id, pool, pid, state, activity, calls }) => {
    if (filter === "draining" ? state === "ready" : filter !== "all" && activity !== filter) return false;
    if (words.length === 0) return true;
    const searched = `${id} ${pool} ${pid} ${calls.map(({ tool }) => tool).join(" ")}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  };
}

function sorted(
  workers: readonly HostWorker[],
  { by, descending }: { readonly by: Order; readonly descending: boolean },
): readonly HostWorker[] {
  const value = ORDERS[by];
  const sign = descending ? -1 : 1;
  return [...workers].sort((a, b) => sign * (value(a) - value(b) || COLLATOR.compare(a.id, b.id)));
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

function columnsOf(
  order: { readonly by: Order; readonly descending: boolean },
  setOrder: (order: { readonly by: Order; readonly descending: boolean }) => void,
  actions: boolean,
): readonly Column[] {
  const sort = (by: Order): Column["sort"] => ({
    direction: order.by !== by ? "none" : order.descending ? "descending" : "ascending",
    onSort: () => setOrder({ by, descending: order.by === by ? !order.descending : by !== "id" }),
  });
  return [
    { title: "Worker", sort: sort("id") },
    { title: "State" },
    { title: "Process", numeric: true },
    { title: "Memory", numeric: true, sort: sort("rss") },
    { title: "Age", numeric: true, sort: sort("age") },
    { title: "Calls", numeric: true, sort: sort("requests") },
    { title: "Current call", sort: sort("call") },
    ...(actions ? [{ title: "Actions" }] : []),
  ];
}

function WorkerRow(props: {
  readonly worker: HostWorker;
  readonly onAction: ((action: WorkerAction) => void) | undefined;
}): JSX.Element {
  const { worker, onAction } = props;
  const { id, pool, pid, rssBytes, ageMs, requests, calls } = worker;
  const [first, ...others] = calls;
  return (
    <>
      <Cell label="Worker" kind="name">
        <span class="strong">{id}</span> <span class="note">{pool}</span>
      </Cell>
      <Cell label="State" kind="state">
        <WorkerBadge worker={worker} />
      </Cell>
      <Cell label="Process" numeric kind="pid">
        {pid}
      </Cell>
      <Cell label="Memory" numeric>
        {bytes(rssBytes)}
      </Cell>
      <Cell label="Age" numeric>
        {age(ageMs)}
      </Cell>
      <Cell label="Calls" numeric>
        {count(requests)}
      </Cell>
      <Cell label="Current call" kind="call">
        {first === undefined ? (
          <span class="note">none</span>
        ) : (
          <>
            <code>{first.tool}</code> <span class="note">{duration(first.durationMs)}</span>
            {others.length > 0 && <span class="note"> and {others.length} more</span>}
          </>
        )}
      </Cell>
      {onAction !== undefined && (
        <Cell label="Actions" kind="actions">
          {(["stacks", "recycle", "drain"] as const).map((name) => (
            <button
              key={name}
              type="button"
              class="icon-button"
              aria-label={`${ACTION_LABELS[name]} ${id}`}
              title={ACTION_LABELS[name]}
              onClick={() => onAction({ name, worker })}
            >
              <Icon name={name} />
            </button>
          ))}
        </Cell>
      )}
    </>
  );
}

const ACTION_LABELS = { stacks: "Stacks of", recycle: "Recycle", drain: "Drain" } as const;

function WorkerBadge({ worker: { state, activity } }: { readonly worker: HostWorker }): JSX.Element {
  if (state !== "ready") return <Badge tone="warn">{state}</Badge>;
  return <Badge tone={TONES[activity]}>{activity}</Badge>;
}

const TONES: Readonly<Record<HostWorker["activity"], Tone>> = { idle: "good", busy: "busy", stuck: "bad" };
