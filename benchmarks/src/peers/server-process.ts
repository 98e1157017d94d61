import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GENERATED_FOLDER, PEERS_PYTHON, peerFile } from "../project-files.ts";

/** A Python process that a peer starts. It ends when its stdin does, and so also when this process is killed. */
export class ServerProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
  }

  /** Starts a file of the Python folder of the peers. */
  static begin(file: string, args: readonly string[]): ServerProcess {
    return new ServerProcess(spawnPeer(file, args));
  }

  /** Starts a file of the Python folder of the peers; resolves when it prints a line. */
  static async start(file: string, args: readonly string[]): Promise<ServerProcess> {
    const child = spawnPeer(file, args);
    const [first] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [Buffer | number | null];
    if (!Buffer.isBuffer(first)) throw new Error(`${file} exited before it was ready`);
    return new ServerProcess(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcess(this.#child);
  }
}

/** How a file of the peers is started. */
interface SpawnPeerOptions {
  readonly python?: string;
  /** Whether it gets its own session. */
  readonly detached?: boolean;
}

/** Starts a file of the Python folder of the peers with pipes for stdin and stdout. */
export function spawnPeer(
  file: string,
  args: readonly string[],
  { python = PEERS_PYTHON, detached = false }: SpawnPeerOptions = {},
) {
  return spawn(python, [peerFile(file), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONPATH: GENERATED_FOLDER },
    detached,
  });
}

/** Ends a process by the end of its stdin, and waits for its exit. */
export async function endProcess(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) await exited;
}

/** Starts `count` servers at the same time, each on its own Unix socket. */
export async function startServers(file: string, count: number): Promise<readonly RunningServer[]> {
  const folder = mkdtempSync(join(tmpdir(), "peer-"));
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const path = join(folder, `${index}.sock`);
      return { path, process: await ServerProcess.start(file, [path]) };
    }),
  );
}

/** A server that accepts connections. */
export interface RunningServer {
  readonly path: string;
  readonly process: ServerProcess;
}
