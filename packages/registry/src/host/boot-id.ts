import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Names this boot of the machine: another one means that every process of before is gone. */
export function bootId(): string {
  if (process.platform === "darwin") {
    return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" }).trim();
  }
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
