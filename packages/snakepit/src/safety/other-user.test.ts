import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, createReadStream, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Logger, newRunId } from "@snakepit/core";
import { serveBridge } from "@snakepit/gateway";
import { RecordedOperations } from "@snakepit/gateway/testing/recorded-operations";
import { ScriptedBridgeHost } from "@snakepit/gateway/testing/scripted-bridge-host";
import { openWorkerSockets } from "@snakepit/python-bridge/testing/launching-host";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ControlSocket } from "../control/socket/control-socket.ts";

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const never = () => Promise.reject(new Error("no connection is expected"));
const OTHER_USER = fileURLToPath(new URL("../testing/other_user.py", import.meta.url));
const UNPRIVILEGED_UID = 65_534;
/** Attempts to connect; the long form sets `SNAKEPIT_CONNECT_ATTEMPTS=500000`. */
const ATTEMPTS = Number(process.env["SNAKEPIT_CONNECT_ATTEMPTS"] ?? 5_000);

interface Report {
  readonly uid: number;
  readonly attempts: number;
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// Only root can become another user.
describe.runIf(process.getuid?.() === 0)("another user of the machine", () => {
  let directory: string;
  let decoy: Server;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    chmodSync(directory, 0o755);
    // A socket without restrictions shows that the other user can connect where it has permission.
    decoy = createServer((socket) => socket.destroy()).listen({ path: join(directory, "decoy"), writableAll: true });
    await once(decoy, "listening");
  });

  afterEach(async () => {
    await new Promise((resolve) => decoy.close(resolve));
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["of another group", "0", 0, UNPRIVILEGED_UID],
    ["of the same group", "002", 0o002, process.getgid?.()],
    ["of another group", "022", 0o022, UNPRIVILEGED_UID],
  ])(
    "%s never connects to the served socket, a worker socket or a control socket while they open and close under umask %s (L5)",
    { timeout: 300_000 + ATTEMPTS },
    async (_group, _umask, umask, gid) => {
      const before = process.umask(umask);
      const [attacker, report] = await startAttacker(gid);
      let rounds = 0;
      try {
        while (attacker.exitCode === null) {
          await openAndClose();
          rounds += 1;
          // Opening and closing may not yield to the event loop, which then would not report the exit of the process.
          await setImmediate();
        }
      } finally {
        process.umask(before);
        attacker.kill("SIGKILL");
      }
      const { uid, attempts, outcomes } = await report;
      const { decoy, ...ours } = outcomes;
      expect(uid).toBe(UNPRIVILEGED_UID);
      expect(attempts).toBeGreaterThanOrEqual(ATTEMPTS);
      expect(rounds).toBeGreaterThan(0);
      expect(decoy?.["connected"]).toBeGreaterThan(0);
      // It found the sockets, and was rejected for its user ID only.
      expect(ours["public.sock"]?.["EACCES"]).toBeGreaterThan(0);
      for (const [name, { connected = 0 }] of Object.entries(ours)) expect([name, connected]).toEqual([name, 0]);
      expect(readdirSync(directory)).toEqual(["decoy"]);
    },
  );

  async function openAndClose(): Promise<void> {
    const server = await serveBridge({
      host: new ScriptedBridgeHost(),
      operations: new RecordedOperations(1_024),
      listen: { socketPath: join(directory, "public.sock") },
      version: "1.2.3",
      maxPayloadBytes: 1_024,
    });
    const endpoint = await openWorkerSockets(directory);
    const control = await ControlSocket.open({ runId: newRunId(), base: directory, log: SILENT, control: never });
    await Promise.all([server.close({ graceMs: 0 }), endpoint.close(), control.close()]);
  }

  async function startAttacker(gid: number | undefined): Promise<[ChildProcess, Promise<Report>]> {
    const args = ["-", directory, String(ATTEMPTS), "public.sock", "decoy"];
    const child = spawn("python3", args, {
      uid: UNPRIVILEGED_UID,
      gid,
      cwd: directory,
      stdio: ["pipe", "pipe", "inherit"],
    });
    // The other user may not be able to read the source.
    createReadStream(OTHER_USER).pipe(child.stdin);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("ready");
    return [child, lines.next().then(({ value }) => JSON.parse(value ?? "null"))];
  }
});
