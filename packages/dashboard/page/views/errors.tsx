import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ErrorGroup } from "../../src/contract/calls.ts";
import { Badge, Empty, Loading, SearchField, ViewHeader } from "../parts/basics.tsx";
import { ago, count, counted, moment } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { Traceback } from "../parts/traceback.tsx";
import { live, useTopics } from "../state/live-connection.ts";
import { addressOf } from "../state/route.ts";
import { useStore } from "../state/store.ts";

/** Errors grouped by type and tool, with the traceback of the last one. */
export function ErrorsView({ subject }: { readonly subject: string | undefined }): JSX.Element {
  useTopics("errors");
  const groups = useStore(live.message, (message) => message.errors);
  const [text, setText] = useState("");
  const shown = useMemo(() => (groups ?? []).filter(matcher(text)), [groups, text]);
  return (
    <>
      <ViewHeader
        title="Errors"
        note={
          groups === undefined ? undefined : `${counted(total(groups), "error")} in ${counted(groups.length, "group")}`
        }
      >
        <SearchField label="Filter errors" value={text} onChange={setText} />
      </ViewHeader>
      {groups === undefined && <Loading rows={5} />}
      {groups?.length === 0 && (
        <Empty icon="check" title="No errors">
          No call has failed since the dashboard was started.
        </Empty>
      )}
      {groups !== undefined && groups.length > 0 && shown.length === 0 && (
        <Empty icon="search" title="No error matches the filter" />
      )}
      <ul class="error-groups">
        {shown.map((group) => (
          <ErrorItem key={group.id} group={group} open={group.id === subject} />
        ))}
      </ul>
    </>
  );
}

function total(groups: readonly ErrorGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

function matcher(text: string): (group: ErrorGroup) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ code, pythonType, tool, pool, message }) => {
    const searched = [code, pythonType, tool, pool, message].join(" ").toLowerCase();
    return words.every((word) => searched.includes(word));
  };
}

function ErrorItem({ group, open }: { readonly group: ErrorGroup; readonly open: boolean }): JSX.Element {
  const { id, pool, tool, code, pythonType, message } = group;
  const panel = `error-${id}`;
  return (
    <li class="card error-group">
      <button
        type="button"
        class="error-summary"
        aria-expanded={open}
        aria-controls={open ? panel : undefined}
        onClick={() => location.assign(open ? addressOf("errors") : addressOf("errors", id))}
      >
        <Icon name="chevron" />
        <span class="error-title">
          <strong>{pythonType ?? code}</strong> in <code>{tool ?? "the pool"}</code> <span class="note">{pool}</span>
        </span>
        <span class="error-message">{message.split("\n", 1)[0]}</span>
        <span class="error-count">
          <Badge tone="bad">{count(group.count)}×</Badge> <span class="note">{ago(group.lastAt)}</span>
        </span>
      </button>
      {open && (
        <div class="error-details" id={panel}>
          {group.traceback === undefined ? <p class="error-full">{message}</p> : <Traceback text={group.traceback} />}
          <dl class="facts details">
            <div>
              <dt>Code</dt>
              <dd>{code}</dd>
            </div>
            <div>
              <dt>First</dt>
              <dd>{moment(group.firstAt)}</dd>
            </div>
            <div>
              <dt>Last</dt>
              <dd>{moment(group.lastAt)}</dd>
            </div>
            {group.workerId !== undefined && (
              <div>
                <dt>Last worker</dt>
                <dd>{group.workerId}</dd>
              </div>
            )}
            {group.correlationId !== undefined && (
              <div>
                <dt>Last call</dt>
                <dd>
                  <a href={addressOf("calls", group.correlationId)}>{group.correlationId}</a>
                </dd>
              </div>
            )}
          </dl>
        </div>
      )}
    </li>
  );
}
