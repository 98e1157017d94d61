import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { type ProcessIdentity, toSnakepitError } from "@snakepit/core";
import { thisProcess } from "../process-identity/process-identity.ts";
import { machineId } from "./machine-id.ts";
import { requirePlatform } from "./require-platform.ts";

/** Identifies a host, the process that owns workers, among the hosts that share a database. */
export interface HostIdentity extends ProcessIdentity {
  /** A hash of the machine and the user. It stays the same after a reboot. */
  readonly hostId: string;
  readonly bootId: string;
  readonly pidNamespace: string;
}

/**
 * Returns the identity of this process as a host.
 *
 * @param stateDirectory the directory that stores an ID for a machine that has none; `undefined` without such a
 *   directory.
 */
export function identifyHost(stateDirectory: string | undefined): HostIdentity {
  requirePlatform();
  try {
    const namespace = pidNamespace();
    // A user cannot kill the processes of another user, and cannot always see them. Containers of one image can share a
    // machine ID across machines, but they have different host names.
    const facts = [machineId(stateDirectory), String(process.getuid?.())];
    if (!isInitialPidNamespace(namespace)) facts.push(hostname());
    return { ...thisProcess(), hostId: hashed(facts), bootId: bootId(), pidNamespace: namespace };
  } catch (thrown) {
    throw toSnakepitError(thrown, "INTERNAL", "identifying this machine failed");
  }
}

// According to machine-id(5), the ID itself must never leave the machine.
function hashed(facts: readonly string[]): string {
  return createHash("sha256")
    .update(["snakepit", ...facts].join("\0"))
    .digest("hex")
    .slice(0, 32);
}

/** Returns the ID of the current boot. After a reboot, no earlier process exists. */
export function bootId(): string {
  if (process.platform === "darwin") {
    return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }).trim();
  }
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** PROC_PID_INIT_INO of the kernel: the PID namespace of the machine, outside of containers. */
const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

/**
 * Returns the PID namespace of this process. Two containers have different namespaces, even when they share a machine
 * ID and a registry file, and a PID is valid in one of them only. macOS has a single namespace.
 */
export function pidNamespace(): string {
  return process.platform === "darwin" ? INITIAL_PID_NAMESPACE : readlinkSync("/proc/self/ns/pid");
}

/** Whether a namespace is that of the machine, not of a container. */
function isInitialPidNamespace(namespace: string): boolean {
  return namespace === INITIAL_PID_NAMESPACE;
}
