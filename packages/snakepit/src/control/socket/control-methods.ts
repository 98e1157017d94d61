import { type HostControl, isPlainObject, type PoolSize, SnakepitError } from "@snakepit/core";

/** The version of the protocol: the first part of each path. It changes when a client could misunderstand a host. */
export const CONTROL_VERSION = 1;

/** The path of the stream of events. */
export const EVENTS_PATH = `/v${CONTROL_VERSION}/events`;

/** The fields of a request. */
export type ControlRequest = Readonly<Record<string, unknown>>;

interface ControlMethod {
  /** Whether the method changes nothing, so that a GET request without fields may call it, too. */
  readonly reads: boolean;
  /** Calls the method. The host checks the fields; those that are not named here are its options. */
  call(control: HostControl, request: ControlRequest, signal: AbortSignal): unknown;
}

/** The methods of a host, by their names in the protocol. A client sends the arguments as the fields of an object. */
export const CONTROL_METHODS = {
  host: reading((control, request) => {
    noFields(request);
    return control.host;
  }),
  inspect: reading((control, request, signal) => control.inspect({ ...request, signal })),
  workers: reading((control, request, signal) => control.workers({ ...request, signal })),
  tools: reading((control, request, signal) => control.tools({ ...request, signal })),
  sessions: reading((control, request, signal) => control.sessions({ ...request, signal })),
  session: reading((control, { id, ...options }, signal) => control.session(id as string, { ...options, signal })),
  programs: reading((control, request, signal) => control.programs({ ...request, signal })),
  configuration: reading((control, request, signal) => control.configuration({ ...request, signal })),
  debug: reading((control, request, signal) => control.debug({ ...request, signal })),
  health: reading((control, request, signal) => {
    if (control.health === undefined) throw new SnakepitError("INVALID_ARGUMENT", "this host reports no health");
    return control.health({ ...request, signal });
  }),
  stacks: acting((control, { workerId, ...options }, signal) =>
    control.stacks(workerId as string, { ...options, signal }),
  ),
  recycle: acting((control, { workerId, ...options }, signal) =>
    control.recycle(workerId as string, { ...options, signal }),
  ),
  drain: acting((control, { workerId, ...options }, signal) =>
    control.drain(workerId as string, { ...options, signal }),
  ),
  reload: acting((control, { pool, ...options }, signal) =>
    control.reload(pool as string | undefined, { ...options, signal }),
  ),
  resize: acting((control, { pool, size, ...options }, signal) =>
    control.resize(pool as string, size as PoolSize, { ...options, signal }),
  ),
} satisfies Readonly<Record<Exclude<keyof HostControl, "events">, ControlMethod>>;

export type ControlMethodName = keyof typeof CONTROL_METHODS;

/** Returns the method with this name in the protocol. */
export function controlMethod(name: string): ControlMethod | undefined {
  return Object.hasOwn(CONTROL_METHODS, name) ? CONTROL_METHODS[name as ControlMethodName] : undefined;
}

function reading(call: ControlMethod["call"]): ControlMethod {
  return { reads: true, call };
}

function acting(call: ControlMethod["call"]): ControlMethod {
  return { reads: false, call };
}

function noFields(request: ControlRequest): void {
  const [name] = Object.keys(request);
  if (name !== undefined) throw new SnakepitError("INVALID_ARGUMENT", `host has no field "${name}"`);
}

/**
 * Checks the body of a request.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function controlRequest(body: unknown): ControlRequest {
  if (!isPlainObject(body)) throw new SnakepitError("INVALID_ARGUMENT", "the body of a request must be a JSON object");
  if ("signal" in body)
    throw new SnakepitError("INVALID_ARGUMENT", "a request has no field signal; close its connection");
  return body as ControlRequest;
}
