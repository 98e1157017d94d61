import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checks } from "./checks.ts";
import { HostProcess } from "./host/host-process.ts";
import { eventually, processesWith, signalProcess, socketsIn } from "./processes.ts";

/** The environment variable that all processes of a scenario have in common. */
const MARK = "SNAKEPIT_CHAOS";

/** The directories and processes of one scenario, so that everything that it leaves is found. */
export class Sandbox implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-chaos-"));
  readonly #mark = randomUUID();
  readonly #hosts: HostProcess[] = [];

  constructor() {
    for (const name of ["tmp", "run", "state"]) mkdirSync(join(this.directory, name), { mode: 0o700 });
    // Hosts of another user have to enter it.
    chmodSync(this.directory, 0o711);
  }

  /** The path of the default SQLite registry. */
  get registryPath(): string {
    return join(this.directory, "state/registry.db");
  }

  /** Starts the process of a host with the directories of this scenario. */
  async startHost(env: NodeJS.ProcessEnv = {}, wrapper: readonly string[] = []): Promise<HostProcess> {
    const directories = {
      TMPDIR: join(this.directory, "tmp"),
      XDG_RUNTIME_DIR: join(this.directory, "run"),
      XDG_STATE_HOME: join(this.directory, "state"),
    };
    const host = await HostProcess.start({ ...process.env, ...directories, [MARK]: this.#mark, ...env }, wrapper);
    this.#hosts.push(host);
    return host;
  }

  /** Returns all processes of the scenario. */
  processes(): readonly number[] {
    return processesWith(MARK, this.#mark);
  }

  /** Checks that nothing is left of the scenario: processes, sockets, temporary files. */
  async checkEmpty(checks: Checks): Promise<void> {
    await eventually(() => this.processes().length === 0, 10_000);
    checks.that("no process is left", this.processes().length === 0, this.processes());
    const sockets = socketsIn(this.directory);
    checks.that("no socket is left", sockets.length === 0, sockets);
    const files = readdirSync(this.directory, { recursive: true, encoding: "utf8" }).filter((path) =>
      /^(tmp|run)\//.test(path),
    );
    checks.that("no temporary file or directory is left", files.length === 0, files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) host.signal("SIGCONT");
    for (const pid of this.processes()) signalProcess(pid, "SIGKILL");
    await Promise.all(this.#hosts.map((host) => host.leave(0)));
    await eventually(() => this.processes().length === 0, 10_000);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
