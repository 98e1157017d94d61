import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runCommand } from "../command/run-command.ts";
import type { ControlHostCall, ControlHostOptions } from "./control-host.ts";

const PROGRAM = fileURLToPath(new URL("control-host.ts", import.meta.url));

/** A host in another process. */
export class ObservedHost implements AsyncDisposable {
  /** A directory for files of the test. */
  readonly directory: string;
  readonly registry: string;
  readonly runId: string;
  readonly pid: number;
  readonly workers: readonly { readonly id: string; readonly pid: number }[];
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    directory: string,
    registry: string,
    child: ChildProcess,
    lines: AsyncIterator<string>,
    facts: Pick<ObservedHost, "runId" | "pid" | "workers">,
  ) {
    this.directory = directory;
    this.registry = registry;
    this.#process = child;
    this.#lines = lines;
    this.runId = facts.runId;
    this.pid = facts.pid;
    this.workers = facts.workers;
  }

  static async start(options: Omit<ControlHostOptions, "registry"> = {}): Promise<ObservedHost> {
    const directory = mkdtempSync(join(tmpdir(), "snakepit-observed-"));
    const registry = join(directory, "registry.db");
    const args = ["--conditions=source", PROGRAM, JSON.stringify({ ...options, registry: { path: registry } })];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const facts = JSON.parse((await lines.next()).value ?? "null");
    return new ObservedHost(directory, registry, child, lines, facts);
  }

  /** Makes the host call a tool. */
  call(call: ControlHostCall): void {
    this.#process.stdin?.write(`${JSON.stringify(call)}\n`);
  }

  /** Resolves with the outcome of the next call that ends. */
  async outcome(): Promise<unknown> {
    return JSON.parse((await this.#lines.next()).value ?? "null");
  }

  /** Runs `snakepit` in this process, for this host. */
  async command(...args: string[]): Promise<CommandResult> {
    return await snakepit(...args, "--host", String(this.pid));
  }

  /** Kills the host. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #ended(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, "exit");
  }
}

/** What a command has printed. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `snakepit` in this process. */
export async function snakepit(...args: string[]): Promise<CommandResult> {
  const written = { stdout: "", stderr: "" };
  const status = await runCommand(args, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { status, ...written };
}
