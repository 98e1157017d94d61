import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Tools that record their executions in a {@link StartJournal}. */
export const JOURNAL_TOOLS = join(import.meta.dirname, "journal_tools.py");

/** An execution of a tool. */
export interface JournalEntry {
  /** The name that the caller has chosen for the call. */
  readonly name: string;
  /** A time before the worker took the permit to start the call, in nanoseconds on the monotonic clock, if it did. */
  readonly permitAt: bigint | undefined;
  readonly pid: number;
}

/** The longest wait for workers, in milliseconds: it only ends a test that hangs. */
const MAX_WAIT_MS = 120_000;

/** A file in which tools record each of their executions, and files that tools wait for. */
export class StartJournal implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "snakepit-journal-"));
  readonly path = join(this.#directory, "journal");
  #gates = 0;

  constructor() {
    writeFileSync(this.path, "");
  }

  /** The executions so far, in the order of their starts. */
  get entries(): JournalEntry[] {
    const lines = readFileSync(this.path, "utf8").trimEnd().split("\n");
    return lines.filter(Boolean).map((line) => {
      const [name = "", permitAt = "0", pid] = line.split(" ");
      return { name, permitAt: permitAt === "0" ? undefined : BigInt(permitAt), pid: Number(pid) };
    });
  }

  /** The names of the executed calls, in the order of their starts. */
  get names(): string[] {
    return this.entries.map(({ name }) => name);
  }

  /** Returns the path of a file that does not exist yet, for a tool to wait for. */
  gate(): string {
    this.#gates += 1;
    return join(this.#directory, `gate-${this.#gates}`);
  }

  /** Creates the file that a tool waits for. */
  open(gate: string): void {
    writeFileSync(gate, "");
  }

  /** Waits until a number of calls have started. */
  async started(count: number): Promise<void> {
    const end = performance.now() + MAX_WAIT_MS;
    while (this.entries.length < count) {
      if (performance.now() > end) throw new Error(`${count} calls must start; started: ${this.names.join(", ")}`);
      await sleep(1);
    }
  }

  /**
   * Waits until a number of calls have started, and blocks this process meanwhile: it neither sends nor receives
   * anything. So the workers have started calls that they held.
   */
  startedWithoutHost(count: number): void {
    const end = performance.now() + MAX_WAIT_MS;
    const never = new Int32Array(new SharedArrayBuffer(4));
    while (this.entries.length < count) {
      if (performance.now() > end) throw new Error(`${count} calls must start; started: ${this.names.join(", ")}`);
      Atomics.wait(never, 0, 0, 1);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}
