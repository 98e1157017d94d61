import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { type ProcessIdentity, toSnakepitError } from "@snakepit/core";
import { thisProcess } from "../process-identity/process-identity.ts";
import { machineId } from "./machine-id.ts";
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

/** Names this boot of the machine: another one means that every process of before is gone. */
export function bootId(): string {
  if (process.platform === "darwin") {
    return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }).trim();
  }
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** PROC_PID_INIT_INO of the kernel: the namespace of a machine's own processes, outside every container. */
const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

/**
 * Names the set of processes that this one can see. Two containers have different ones although they may share a
 * machine id and a registry file, and a pid means nothing from one to the other. macOS has a single one.
 */
export function pidNamespace(): string {
  return process.platform === "darwin" ? INITIAL_PID_NAMESPACE : readlinkSync("/proc/self/ns/pid");
}

/** Whether a namespace is that of the machine itself, not of a container. */
function isInitialPidNamespace(namespace: string): boolean {
  return namespace === INITIAL_PID_NAMESPACE;
}
