import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makePrivateDirectory } from "../location/state-directory.ts";

/** machine-id(5), and where D-Bus keeps it on systems without systemd. */
const MACHINE_ID_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/**
 * Returns an id that distinguishes this machine from others, also after a reboot: the machine's own id; where it has
 * none, one that is kept in the state directory; where that does not exist or cannot be written, the host name.
 */
export function machineId(stateDirectory: string | undefined): string {
  const kept = () => (stateDirectory === undefined ? undefined : keptMachineId(stateDirectory));
  return systemMachineId() ?? kept() ?? hostname();
}

function systemMachineId(): string | undefined {
  if (process.platform === "darwin") return darwinMachineId();
  return MACHINE_ID_FILES.map(readId).find((id) => id !== undefined);
}

function darwinMachineId(): string | undefined {
  const tree = execFileSync("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"], { encoding: "utf8" });
  return /"IOPlatformUUID" = "([^"]+)"/.exec(tree)?.[1];
}

// An image that has not booted yet contains "uninitialized", which is not an id.
function readId(file: string): string | undefined {
  try {
    return /^[0-9a-f]{32}$/.exec(readFileSync(file, "utf8").trim())?.[0];
  } catch {
    return undefined;
  }
}

/**
 * Returns the id of this machine in the state directory, created when missing; `undefined` where it cannot be kept.
 * Several hosts may start at once: a file that is linked into place is never read half written, and the first one
 * wins.
 */
export function keptMachineId(stateDirectory: string): string | undefined {
  const file = join(stateDirectory, "machine-id");
  const kept = readId(file);
  if (kept !== undefined) return kept;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    makePrivateDirectory(stateDirectory);
    writeFileSync(draft, randomBytes(16).toString("hex"), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } finally {
      rmSync(draft);
    }
  } catch {
    // Another host was first, or the directory cannot be written: what can be read now shows which.
  }
  return readId(file);
}
