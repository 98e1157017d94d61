import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { BareSystem } from "../testing/bare-system.ts";
import type { CrowdedPrefetch } from "../testing/crowded-prefetch.ts";
import { commonOptions, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";
import { JOURNAL_TOOLS, StartJournal } from "../testing/start-journal.ts";

const FAULT_TOOLS = join(import.meta.dirname, "../testing/pipe_fault_tools.py");
const CROWDED_PREFETCH = join(import.meta.dirname, "../testing/crowded-prefetch.ts");

const options = commonOptions();

let directory: string;
let sockets: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-pipes-"));
  sockets = join(directory, "s");
  mkdirSync(sockets);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Returns the targets of the open descriptors of a process that are pipes for permits, or have another suffix. */
function openPipes(pid: number | "self", suffix = ".permits"): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      return target.includes(suffix) ? [target] : [];
    } catch {
      // It was the descriptor of the directory.
      return [];
    }
  });
}

/** Returns the files in the socket directory of the host. */
function files(): string[] {
  return readdirSync(sockets, { recursive: true, encoding: "utf8" });
}

/** Makes many calls, a part of which is sent ahead if that is possible; resolves with how many were. */
async function callsAhead(pit: Snakepit): Promise<number> {
  using journal = new StartJournal();
  const names = Array.from({ length: 60 }, (_, index) => String(index));
  const pids = await Promise.all(names.map((name) => pit.execute("record", { journal: journal.path, name })));
  expect(journal.names.toSorted()).toEqual(names.toSorted());
  expect(pids.length).toBe(60);
  return journal.entries.filter(({ permitAt }) => permitAt !== undefined).length;
}

test("each worker has one pipe and one file of unsent records without a name, which are closed when it ends", async () => {
  const pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    ...options(),
    worker: python(JOURNAL_TOOLS),
    size: 3,
    prefetch: 8,
    socketDirectory: sockets,
    restart: { maxRestarts: 1_000 },
    backoff: { initialMs: 1, maxMs: 1 },
  });
  await pit.ready();
  expect(await callsAhead(pit)).toBeGreaterThan(0);
  for (let round = 0; round < 3; round++) {
    const [killed, recycled] = pit.workers();
    if (killed === undefined || recycled === undefined) throw new Error("three workers must be ready");
    process.kill(killed.pid, "SIGKILL");
    await pit.recycle(recycled.id);
    await until("the workers are replaced", () => {
      const pids = pit.workers().map(({ pid }) => pid);
      return pids.length === 3 && !pids.includes(killed.pid) && pit.stats().available === 3;
    });
    expect(await callsAhead(pit)).toBeGreaterThan(0);
    expect(openPipes("self").length).toBe(3);
    expect(openPipes("self", ".unsent").length).toBe(3);
    for (const { pid } of pit.workers()) expect(openPipes(pid).length).toBe(1);
    expect(files().filter((file) => file.endsWith(".permits") || file.endsWith(".unsent"))).toEqual([]);
  }
  await pit.close();
  expect(openPipes("self")).toEqual([]);
  expect(openPipes("self", ".unsent")).toEqual([]);
  expect(files()).toEqual([]);
});

describe("without a pipe, a worker receives each call when the previous one has ended", () => {
  const common = { ...LONG_TIME_LIMITS, size: 1, prefetch: 8 } as const;

  test.each([
    "the socket directory is removed",
    "the worker has no descriptor left",
    "the pipe is removed",
    "the pipe is replaced by a file",
    "the pipe is replaced by a link",
  ])("when %s", async (fault) => {
    const pit = await Snakepit.start({
      ...common,
      ...options(),
      worker: python(FAULT_TOOLS, { env: { PIPE_FAULT: fault }, path: [dirname(FAULT_TOOLS)] }),
      socketDirectory: sockets,
    });
    await pit.ready();
    expect(await callsAhead(pit)).toBe(0);
    expect(openPipes("self")).toEqual([]);
    expect(pit.stats()).toMatchObject({ queued: 0, active: 0, busy: 0, errors: 0 });
    await pit.close();
    expect(files()).toEqual([]);
  });

  test("over gRPC", async () => {
    const worker = python(JOURNAL_TOOLS, { transport: "grpc" });
    await using pit = await Snakepit.start({ ...common, ...options(), worker });
    await pit.ready();
    expect(await callsAhead(pit)).toBe(0);
    expect(openPipes("self")).toEqual([]);
    expect(pit.stats()).toMatchObject({ queued: 0, active: 0, busy: 0, errors: 0 });
  });

  test("when the host has no descriptor left for it", async () => {
    using system = new BareSystem();
    const { results, pipes } = (await system.run(CROWDED_PREFETCH, LONG_TIME_LIMITS, { before: "ulimit -n 100" })) as {
      readonly results: readonly CrowdedPrefetch[];
      readonly pipes: number;
    };
    expect(results).toEqual([
      { free: 0, replaced: false, hasPipe: true, answered: 30 },
      // Enough for the connection.
      { free: 1, replaced: true, hasPipe: false, answered: 30 },
      { free: 2, replaced: true, hasPipe: true, answered: 30 },
    ]);
    expect(pipes).toBe(0);
  });
});
