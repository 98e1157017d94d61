import { isRegistryLocation, type ResolvedConfig, SnakepitError, type StateStore } from "@snakepit/core";
import { MemoryStore } from "@snakepit/sessions";

/** A store, and whether the host has opened it and so closes it. */
export interface OpenedStore {
  readonly store: StateStore;
  readonly isOurs: boolean;
}

/**
 * Opens the store that the configuration names. One of the user's own stays open when the host closes.
 *
 * @throws SnakepitError `INVALID_CONFIG`, `REGISTRY_UNAVAILABLE`, `CANCELLED`.
 */
export async function openStore(config: ResolvedConfig, signal: AbortSignal | undefined): Promise<OpenedStore> {
  const { store, maxStaleMs } = config.sessions;
  if (store === "memory") return { store: new MemoryStore(), isOurs: true };
  if (typeof store === "object" && !isRegistryLocation(store)) return { store, isOurs: false };
  const location = store === "registry" ? registryLocation(config) : store;
  const { openStateStore } = await import("@snakepit/registry");
  return { store: await openStateStore({ ...location, maxStaleMs, signal }), isOurs: true };
}

/** Without a location it is the default one, of the registry as of the store. */
function registryLocation({ registry }: ResolvedConfig) {
  if (registry === undefined || isRegistryLocation(registry)) return registry ?? {};
  throw new SnakepitError(
    "INVALID_CONFIG",
    'sessions.store is "registry", and the registry is one of your own, without a database that is known; write { path } or { url } as sessions.store',
  );
}
