import { nearestName, SnakepitError, toSnakepitError } from "@snakepit/core";
import { type ControlAddress, findControlSockets } from "../../control/socket/control-address.ts";
import { ControlClient, isNotListening } from "../../control/socket/control-client.ts";

/** A worker of a host. */
export interface ChosenWorker {
  readonly client: ControlClient;
  readonly workerId: string;
}

/**
 * Connects to a running host of this user.
 *
 * @param name its run ID or process ID; may be `undefined` if only one host is running.
 * @throws SnakepitError `INVALID_ARGUMENT` when no host is running, when it is unknown, or when several are running.
 */
export async function connectToHost(name: string | undefined, signal: AbortSignal): Promise<ControlClient> {
  const hosts = findControlSockets();
  const [only] = hosts;
  if (name !== undefined) return await ControlClient.connect(named(hosts, name), signal);
  if (only === undefined) throw noHost();
  if (hosts.length === 1) return await ControlClient.connect(only, signal);
  return await connectToOnly(hosts, signal);
}

/** Connects to the only one of these hosts that is running: whether one was killed in another container is unknown. */
async function connectToOnly(hosts: readonly ControlAddress[], signal: AbortSignal): Promise<ControlClient> {
  const answers = await Promise.all(hosts.map((address) => connected(address, signal)));
  const running = hosts.filter((_, index) => answers[index] !== undefined);
  const clients = answers.flatMap((answer) => (answer instanceof ControlClient ? answer : []));
  const [client] = clients;
  if (running.length === 1 && client !== undefined) return client;
  for (const each of clients) each[Symbol.dispose]();
  if (running.length === 0) throw noHost();
  if (running.length > 1) throw severalHosts(running);
  throw answers.find((answer) => answer instanceof SnakepitError) ?? noHost();
}

/** Returns a host, or why it has not answered; `undefined` if no process listens. */
async function connected(
  address: ControlAddress,
  signal: AbortSignal,
): Promise<ControlClient | SnakepitError | undefined> {
  try {
    return await ControlClient.connect(address, signal);
  } catch (thrown) {
    const error = toSnakepitError(thrown);
    return isNotListening(error) ? undefined : error;
  }
}

/**
 * Finds a worker by its ID or process ID: in the named host, or in all hosts of this user.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when no host has it, or several have.
 */
export async function findWorker(worker: string, host: string | undefined, signal: AbortSignal): Promise<ChosenWorker> {
  const hosts = findControlSockets();
  const searched = host === undefined ? hosts : [named(hosts, host)];
  if (searched.length === 0) throw noHost();
  const answers = await Promise.all(searched.map((address) => search(address, worker, signal)));
  const found = answers.flatMap((answer) => ("client" in answer ? answer : []));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  for (const { client } of found) client[Symbol.dispose]();
  if (only === undefined) throw unknownWorker(worker, answers);
  throw severalHosts(found.map(({ client: { host: identity } }) => ({ ...identity, path: "" })));
}

/** What a host has answered: its worker, the IDs of its other workers, or why it has not answered. */
type Answer = ChosenWorker | { readonly ids: readonly string[] } | { readonly error: SnakepitError };

async function search(address: ControlAddress, worker: string, signal: AbortSignal): Promise<Answer> {
  let client: ControlClient | undefined;
  try {
    client = await ControlClient.connect(address, signal);
    const workers = await client.workers({ signal });
    const match = workers.find(({ id, pid }) => id === worker || String(pid) === worker);
    if (match !== undefined) return { client, workerId: match.id };
    client[Symbol.dispose]();
    return { ids: workers.map(({ id }) => id) };
  } catch (thrown) {
    // It may have ended meanwhile. Another host may have the worker.
    client?.[Symbol.dispose]();
    return { error: toSnakepitError(thrown) };
  }
}

function named(hosts: readonly ControlAddress[], name: string): ControlAddress {
  const host = hosts.find(({ runId, pid }) => runId === name || String(pid) === name);
  if (host !== undefined) return host;
  if (hosts.length === 0) throw noHost();
  throw new SnakepitError("INVALID_ARGUMENT", `unknown host "${name}"; running hosts: ${listOf(hosts)}`);
}

function noHost(): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    "no host of this user is running on this machine, or its option controlSocket is false",
  );
}

function severalHosts(hosts: readonly ControlAddress[]): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `several hosts are running; choose one with --host: ${listOf(hosts)}`);
}

function unknownWorker(worker: string, answers: readonly Answer[]): SnakepitError {
  const ids = answers.flatMap((answer) => ("ids" in answer ? answer.ids : []));
  const [failed] = answers.flatMap((answer) =>
    "error" in answer && !isNotListening(answer.error) ? answer.error : [],
  );
  const nearest = nearestName(worker, ids);
  const guess = nearest === undefined ? "snakepit ps lists them" : `did you mean "${nearest}"?`;
  const unknown = failed === undefined ? "" : `; ${failed.message}`;
  return new SnakepitError("INVALID_ARGUMENT", `no running host has the worker "${worker}"; ${guess}${unknown}`, {
    cause: failed,
  });
}

function listOf(hosts: readonly ControlAddress[]): string {
  return hosts.map(({ runId, pid }) => `${runId} (pid ${pid})`).join(", ");
}
