import { readlinkSync } from "node:fs";

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
export function isInitialPidNamespace(namespace: string): boolean {
  return namespace === INITIAL_PID_NAMESPACE;
}
