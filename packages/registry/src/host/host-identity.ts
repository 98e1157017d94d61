import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { type ProcessIdentity, toSnakepitError } from "@snakepit/core";
import { thisProcess } from "../process-identity/this-process.ts";
import { bootId } from "./boot-id.ts";
import { machineId } from "./machine-id.ts";
import { isInitialPidNamespace, pidNamespace } from "./pid-namespace.ts";
import { requirePlatform } from "./require-platform.ts";

/** Names a host, the process that owns workers, among all that may share a database. */
export interface HostIdentity extends ProcessIdentity {
  /** The machine and the user, hashed; the same after the machine has booted again. */
  readonly hostId: string;
  readonly bootId: string;
  readonly pidNamespace: string;
}

/**
 * The identity of this process as a host.
 *
 * @param stateDirectory where a machine without an id of its own keeps one; `undefined` where there is none.
 */
export function identifyHost(stateDirectory: string | undefined): HostIdentity {
  requirePlatform();
  try {
    const namespace = pidNamespace();
    // One user cannot end the processes of another, nor always see them. Containers made from one image can have one
    // machine id on many machines, but then not one name.
    const facts = [machineId(stateDirectory), String(process.getuid?.())];
    if (!isInitialPidNamespace(namespace)) facts.push(hostname());
    return { ...thisProcess(), hostId: hashed(facts), bootId: bootId(), pidNamespace: namespace };
  } catch (thrown) {
    throw toSnakepitError(thrown, "INTERNAL", "this machine cannot be identified");
  }
}

// machine-id(5) asks that the id itself never leaves the machine.
function hashed(facts: readonly string[]): string {
  return createHash("sha256")
    .update(["snakepit", ...facts].join("\0"))
    .digest("hex")
    .slice(0, 32);
}
