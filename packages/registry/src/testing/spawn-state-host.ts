import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { StateStoreOptions } from "../state/open-state-store.ts";

/** What a host does to the variable `n` of session `s`, in a process of its own. */
export type StateTask = { readonly options: StateStoreOptions; readonly times: number } & (
  | { readonly is: "write-and-die" }
  | { readonly is: "increment" }
);

/** Starts a host in a process of its own, and waits until it has ended. Resolves to its status, or the signal that ended it. */
export async function runStateHost(task: StateTask): Promise<number | string> {
  const script = join(import.meta.dirname, "state-host-process.ts");
  const host = spawn(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", script, JSON.stringify(task)],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const [status, signal] = (await once(host, "exit")) as [number | null, string | null];
  return status ?? signal ?? "";
}
