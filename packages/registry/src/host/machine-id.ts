import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createPrivateDirectory } from "../location/state-directory.ts";

/** The file of machine-id(5), and the file of D-Bus on systems without systemd. */
const MACHINE_ID_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/**
 * Returns an ID that identifies this machine, also after a reboot: the machine ID of the system, or else an ID that is
 * stored in the state directory, or else the host name.
 */
export function machineId(stateDirectory: string | undefined): string {
  const stored = () => (stateDirectory === undefined ? undefined : storedMachineId(stateDirectory));
  return systemMachineId() ?? stored() ?? hostname();
}

function systemMachineId(): string | undefined {
  if (process.platform === "darwin") return darwinMachineId();
  return MACHINE_ID_FILES.map(readId).find((id) => id !== undefined);
}

function darwinMachineId(): string | undefined {
  const tree = execFileSync("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"], { encoding: "utf8" });
  return /"IOPlatformUUID" = "([^"]+)"/.exec(tree)?.[1];
}

// Before the first boot of an image, the file contains "uninitialized".
function readId(file: string): string | undefined {
  try {
    return /^[0-9a-f]{32}$/.exec(readFileSync(file, "utf8").trim())?.[0];
  } catch {
    return undefined;
  }
}

/**
 * Returns the ID in the state directory, and creates it when missing; `undefined` when it cannot be stored. Several
 * hosts may start at the same time: the file is linked into place, so it is never read half written, and the first host
 * wins.
 */
export function storedMachineId(stateDirectory: string): string | undefined {
  const file = join(stateDirectory, "machine-id");
  const stored = readId(file);
  if (stored !== undefined) return stored;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    createPrivateDirectory(stateDirectory);
    writeFileSync(draft, randomBytes(16).toString("hex"), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } finally {
      rmSync(draft);
    }
  } catch {
    // Another host created the file first, or the directory is not writable. The next read shows which.
  }
  return readId(file);
}
