import {
  type HostRequests,
  isRegistryLocation,
  type RegistryLocation,
  type ResolvedConfig,
  SnakepitError,
} from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import { MemoryStore, workerOperations } from "@snakepit/sessions";
import type { Telemetry } from "@snakepit/telemetry";
import { measuredStore } from "../metrics/measured-operations.ts";
import { HostState, type OpenedStore } from "./host-state.ts";
import { WorkerRequests } from "./worker-requests.ts";

/** The state of a host, and the handler of its workers' requests. */
export interface OpenedState {
  readonly state: HostState;
  readonly requests: HostRequests;
}

/**
 * Opens the configured store and creates the state of a host.
 *
 * @param pools see `HostStateOptions.pools`.
 * @throws SnakepitError `INVALID_CONFIG`, `REGISTRY_UNAVAILABLE`, `CANCELLED`.
 */
export async function openState(
  config: ResolvedConfig,
  telemetry: Telemetry,
  pools: Iterable<WorkerPool>,
  signal: AbortSignal,
): Promise<OpenedState> {
  const { sessions, maxPayloadBytes } = config;
  const opened = metered(await openStore(config, signal), config, telemetry);
  const state = new HostState({ opened, config: sessions, maxPayloadBytes, telemetry, pools });
  return { state, requests: new WorkerRequests(workerOperations(state), maxPayloadBytes) };
}

/** Returns a store whose operations are measured. Those of the store in memory need less time than the measurement. */
function metered({ store, isOurs }: OpenedStore, { sessions }: ResolvedConfig, telemetry: Telemetry): OpenedStore {
  return { store: sessions.store === "memory" ? store : measuredStore(store, telemetry.metrics.operations), isOurs };
}

/** Opens the configured store. A custom store stays open when the host closes. */
async function openStore(config: ResolvedConfig, signal: AbortSignal): Promise<OpenedStore> {
  const { store, maxStaleMs } = config.sessions;
  if (store === "memory") return { store: new MemoryStore(), isOurs: true };
  if (typeof store === "object" && !isRegistryLocation(store)) return { store, isOurs: false };
  const location = store === "registry" ? registryLocation(config) : store;
  const { openStateStore } = await import("@snakepit/registry");
  return { store: await openStateStore({ ...location, maxStaleMs, signal }), isOurs: true };
}

/** Returns the location of the registry, which is also the default location of the store. */
function registryLocation({ registry }: ResolvedConfig): RegistryLocation | Record<never, never> {
  if (registry === undefined || isRegistryLocation(registry)) return registry ?? {};
  throw new SnakepitError(
    "INVALID_CONFIG",
    'sessions.store must be { path } or { url } when the registry is a custom one, whose database is unknown; got "registry"',
  );
}
