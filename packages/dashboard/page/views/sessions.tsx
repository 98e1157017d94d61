import type { HostProgram, HostSession, HostSessionDetails } from "@snakepit/core";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Data, Empty, ViewHeader } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { age, ago, bytes, moment } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { useTopics } from "../state/live-connection.ts";
import { addressOf } from "../state/route.ts";
import { useData } from "../state/use-data.ts";

const PAGE_SIZE = 50;

/** The active sessions of the store, and the global programs. */
export function SessionsView({ subject }: { readonly subject: string | undefined }): JSX.Element {
  useTopics("overview");
  // The last session of each page before the present one.
  const [earlier, setEarlier] = useState<readonly string[]>([]);
  const after = earlier.at(-1);
  const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
  const [sessions, reload] = useData<readonly HostSession[]>(`/api/sessions?limit=${PAGE_SIZE}${query}`);
  const [programs, reloadPrograms] = useData<readonly HostProgram[]>("/api/programs");
  const reloadAll = () => {
    reload();
    reloadPrograms();
  };
  return (
    <>
      <ViewHeader title="Sessions" note="active sessions of the store, by ID">
        <button type="button" class="button" onClick={reloadAll}>
          <Icon name="reload" /> Refresh
        </button>
      </ViewHeader>
      <Data from={sessions} onRetry={reload}>
        {(page) =>
          page.length === 0 && after === undefined ? (
            <Empty icon="sessions" title="No session is active">
              <code>pit.session()</code> creates one.
            </Empty>
          ) : (
            <>
              <SessionTable sessions={page} />
              <div class="pages">
                <button
                  type="button"
                  class="button"
                  disabled={earlier.length === 0}
                  onClick={() => setEarlier(earlier.slice(0, -1))}
                >
                  Previous
                </button>
                <span class="note">page {earlier.length + 1}</span>
                <button
                  type="button"
                  class="button"
                  disabled={page.length < PAGE_SIZE}
                  onClick={() => setEarlier([...earlier, page.at(-1)?.id ?? ""])}
                >
                  Next
                </button>
              </div>
            </>
          )
        }
      </Data>
      <section aria-labelledby="programs-title">
        <h2 id="programs-title">Global programs</h2>
        <Data from={programs} onRetry={reloadPrograms}>
          {(list) => <ProgramTable programs={list} none="No program is stored outside of the sessions" />}
        </Data>
      </section>
      {subject !== undefined && <SessionDialog key={subject} id={subject} />}
    </>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly HostSession[] }): JSX.Element {
  return (
    <div class="card scroll-x" tabIndex={0} role="region" aria-label="Sessions">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Last used</th>
            <th scope="col">Created</th>
            <th scope="col">Expires</th>
            <th scope="col">Last worker</th>
            <th scope="col">Metadata</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, usedAt, createdAt, expiresAt, lastWorker, metadata }) => (
            <tr key={id}>
              <th scope="row">
                <a href={addressOf("sessions", id)}>{id}</a>
              </th>
              <td>{ago(usedAt)}</td>
              <td>{ago(createdAt)}</td>
              <td>{expiresAt === undefined ? "never" : `in ${age(expiresAt - Date.now())}`}</td>
              <td>{lastWorker ?? "–"}</td>
              <td class="clipped">
                {Object.keys(metadata).length === 0 ? "–" : <code>{JSON.stringify(metadata)}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ProgramTable(props: { readonly programs: readonly HostProgram[]; readonly none: string }): JSX.Element {
  if (props.programs.length === 0) return <p class="note">{props.none}.</p>;
  return (
    <div class="card scroll-x" tabIndex={0} role="region" aria-label="Programs">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Program</th>
            <th scope="col" class="numeric">
              Version
            </th>
            <th scope="col" class="numeric">
              Size
            </th>
            <th scope="col">Changed</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {props.programs.map(({ id, version, byteLength, updatedAt, updatedBy }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td class="numeric">{version}</td>
              <td class="numeric">{bytes(byteLength)}</td>
              <td>{ago(updatedAt)}</td>
              <td>{updatedBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SessionDialog({ id }: { readonly id: string }): JSX.Element {
  const [session, reload] = useData<HostSessionDetails>(`/api/sessions/${encodeURIComponent(id)}`);
  return (
    <Dialog title={`Session ${id}`} wide onClose={() => location.assign(addressOf("sessions"))}>
      <div class="dialog-text">
        <Data from={session} onRetry={reload}>
          {(details) => <SessionDetails session={details} />}
        </Data>
      </div>
      <footer>
        <button type="button" class="button" onClick={reload}>
          <Icon name="reload" /> Refresh
        </button>
      </footer>
    </Dialog>
  );
}

function SessionDetails({ session }: { readonly session: HostSessionDetails }): JSX.Element {
  const { variables, programs, createdAt, usedAt, expiresAt, metadata } = session;
  return (
    <>
      <dl class="facts details">
        <div>
          <dt>Created</dt>
          <dd>{moment(createdAt)}</dd>
        </div>
        <div>
          <dt>Last used</dt>
          <dd>{moment(usedAt)}</dd>
        </div>
        <div>
          <dt>Expires</dt>
          <dd>{expiresAt === undefined ? "never" : moment(expiresAt)}</dd>
        </div>
      </dl>
      {Object.keys(metadata).length > 0 && (
        <pre class="json" tabIndex={0}>
          {JSON.stringify(metadata, undefined, 2)}
        </pre>
      )}
      <h3>Variables</h3>
      {variables.length === 0 ? (
        <p class="note">The session has no variables.</p>
      ) : (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Variables">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Type</th>
                <th scope="col">Value</th>
                <th scope="col" class="numeric">
                  Version
                </th>
                <th scope="col">Changed</th>
                <th scope="col">By</th>
              </tr>
            </thead>
            <tbody>
              {variables.map(({ name, type, preview, version, updatedAt, updatedBy }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{type}</td>
                  <td class="clipped" title={preview}>
                    <code>{preview}</code>
                  </td>
                  <td class="numeric">{version}</td>
                  <td>{ago(updatedAt)}</td>
                  <td>{updatedBy}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h3>Programs</h3>
      <ProgramTable programs={programs} none="The session has no programs" />
    </>
  );
}
