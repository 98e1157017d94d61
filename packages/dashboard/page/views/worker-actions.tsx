import type { HostWorker, StackFrame, TaskStack, ThreadStack, WorkerStacks } from "@snakepit/core";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failed, Loading, Select } from "../parts/basics.tsx";
import { Confirmation, Dialog } from "../parts/dialog.tsx";
import { counted, duration } from "../parts/format.ts";
import { act, RequestProblem } from "../state/api.ts";
import { report } from "../state/notices.ts";
import type { Loaded } from "../state/use-data.ts";

/** An action on a worker that the user has chosen. */
export interface WorkerAction {
  readonly name: "recycle" | "drain" | "stacks";
  /** The worker at the moment of the choice. */
  readonly worker: HostWorker;
}

/** How long the calls of a worker may continue. */
const GRACES = [
  ["", "until their deadlines"],
  ["30000", "for 30 seconds"],
  ["5000", "for 5 seconds"],
] as const;

/** Asks before an action, or shows the stacks. */
export function WorkerDialog(props: { readonly action: WorkerAction; readonly onClose: () => void }): JSX.Element {
  const { action, onClose } = props;
  const [grace, setGrace] = useState<(typeof GRACES)[number][0]>("");
  const { worker, name } = action;
  if (name === "stacks") return <StacksDialog worker={worker} onClose={onClose} />;
  const query = grace === "" ? "" : `?graceMs=${grace}`;
  const path = `/api/workers/${encodeURIComponent(worker.id)}/${name}${query}`;
  const start = () => void (name === "recycle" ? recycle(worker, path) : drain(worker, path));
  return (
    <Confirmation
      title={name === "recycle" ? `Recycle ${worker.id}?` : `Drain ${worker.id}?`}
      action={name === "recycle" ? "Recycle" : "Drain"}
      onConfirm={start}
      onClose={onClose}
    >
      <p>
        {name === "recycle"
          ? "A replacement starts first. Then this worker receives no further calls, finishes those that it has, and ends."
          : "This worker receives no further calls, finishes those that it has, and ends. Then the pool starts another one in its place."}
      </p>
      {worker.calls.length > 0 && (
        <p>
          It executes {counted(worker.calls.length, "call")}:{" "}
          <code>{worker.calls.map(({ tool }) => tool).join(", ")}</code>.
        </p>
      )}
      <div class="field">
        <span>Its calls may continue</span>
        <Select label="Its calls may continue" value={grace} values={GRACES} onChange={setGrace} />
      </div>
    </Confirmation>
  );
}

function recycle({ id }: HostWorker, path: string): Promise<void> {
  const action = act<{ readonly replacementId: string }>(path);
  return report(
    `Recycling ${id}: a replacement starts.`,
    action,
    ({ replacementId }) => `${replacementId} has replaced ${id}.`,
  );
}

function drain({ id }: HostWorker, path: string): Promise<void> {
  return report(`Draining ${id}: its calls finish.`, act(path), () => `${id} has ended.`);
}

function StacksDialog({ worker, onClose }: { readonly worker: HostWorker; readonly onClose: () => void }): JSX.Element {
  const [stacks, setStacks] = useState<Loaded<WorkerStacks>>({ is: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setStacks({ is: "loading" });
    act<WorkerStacks>(`/api/workers/${encodeURIComponent(worker.id)}/stacks`).then(
      (data) => setStacks({ is: "ready", data }),
      (thrown: unknown) => {
        const problem = thrown instanceof RequestProblem ? thrown : new RequestProblem(0, "INTERNAL", String(thrown));
        setStacks({ is: "failed", problem });
      },
    );
  }, [worker.id, attempt]);
  const retry = () => setAttempt((count) => count + 1);
  return (
    <Dialog title={`Stacks of ${worker.id}`} wide onClose={onClose}>
      <div class="dialog-text">
        {stacks.is === "loading" && <Loading rows={3} />}
        {stacks.is === "failed" && <Failed problem={stacks.problem} onRetry={retry} />}
        {stacks.is === "ready" && <Stacks stacks={stacks.data} />}
      </div>
      <footer>
        <button type="button" class="button" onClick={retry}>
          Read again
        </button>
      </footer>
    </Dialog>
  );
}

function Stacks({ stacks }: { readonly stacks: WorkerStacks }): JSX.Element {
  const { source, threads, tasks, calls } = stacks;
  return (
    <>
      <p class="note">
        Process {stacks.pid}; the worker continues.
        {source === "fault-handler" && " Native code held the interpreter lock, so asyncio tasks are not included."}
      </p>
      {calls.map(({ tool, correlationId, durationMs }) => (
        <p key={correlationId}>
          <code>{tool}</code> for {duration(durationMs)}
        </p>
      ))}
      {threads
        .filter(({ internal }) => !internal)
        .map((thread, index) => (
          <Stack key={index} title={threadTitle(thread)} frames={thread.frames} />
        ))}
      {tasks.map((task, index) => (
        <Stack key={index} title={taskTitle(task)} frames={task.frames} />
      ))}
      <InternalThreads threads={threads.filter(({ internal }) => internal)} />
    </>
  );
}

/** The threads of the worker itself, which run no tools. */
function InternalThreads({ threads }: { readonly threads: readonly ThreadStack[] }): JSX.Element | null {
  if (threads.length === 0) return null;
  return (
    <details class="internal-threads">
      <summary>{counted(threads.length, "thread")} of the worker itself</summary>
      {threads.map((thread, index) => (
        <Stack key={index} title={threadTitle(thread)} frames={thread.frames} />
      ))}
    </details>
  );
}

function threadTitle({ name, main }: ThreadStack): string {
  return main ? "Main thread" : `Thread ${name}`;
}

function taskTitle({ name, coroutine }: TaskStack): string {
  return `Task ${name}: ${coroutine}`;
}

function Stack({ title, frames }: { readonly title: string; readonly frames: readonly StackFrame[] }): JSX.Element {
  return (
    <section class="stack">
      <h3>{title}</h3>
      {frames.length === 0 ? (
        <p class="note">no frames of tools</p>
      ) : (
        <ol>
          {frames.map(({ file, line, function: name, code }, index) => (
            <li key={index}>
              <code class="frame">
                {name} <span class="note">{`${file}:${line}`}</span>
              </code>
              {code !== undefined && <code class="source">{code}</code>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
