import type { ProcessRegistry, StateStore } from "@snakepit/core";
import type { OperationMeter, OperationTarget } from "@snakepit/telemetry";

const STORE_OPERATIONS = [
  "createSession",
  "readSession",
  "touchSessions",
  "writeSession",
  "deleteSession",
  "listSessions",
  "countSessions",
  "sweepSessions",
  "readEntries",
  "listEntries",
  "writeEntries",
  "deleteEntries",
];
const REGISTRY_OPERATIONS = ["reserve", "activate", "release", "sweep", "ping"];

/** Returns a store of sessions whose operations are measured. */
export function measuredStore(store: StateStore, meter: OperationMeter): StateStore {
  return measured(store, "store", STORE_OPERATIONS, meter);
}

/** Returns a process registry whose operations are measured. */
export function measuredRegistry(registry: ProcessRegistry, meter: OperationMeter): ProcessRegistry {
  return measured(registry, "registry", REGISTRY_OPERATIONS, meter);
}

/** A proxy, so that optional and future methods of the object are passed on. */
function measured<Measured extends object>(
  object: Measured,
  target: OperationTarget,
  operations: readonly string[],
  meter: OperationMeter,
): Measured {
  const methods = new Map<PropertyKey, (...args: readonly unknown[]) => unknown>();
  for (const operation of operations) {
    const method: unknown = Reflect.get(object, operation);
    if (typeof method !== "function") continue;
    methods.set(operation, (...args) =>
      meter.measure(target, operation, async () => Reflect.apply(method, object, args)),
    );
  }
  // Of an empty object, because the methods of a frozen one could not be replaced.
  return new Proxy(Object.create(object) as Measured, {
    get(_, key) {
      const method = methods.get(key);
      if (method !== undefined) return method;
      const value: unknown = Reflect.get(object, key, object);
      // Private fields are those of the object, not of the proxy.
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
}
