import { describe, expect, it } from "vitest";
import type { ProcessRow } from "../database/schema.ts";
import type { RunningProcess } from "../process-identity/process-table.ts";
import { findLeftovers } from "./find-leftovers.ts";

const runs = { runIds: new Set(["dead"]), rows: [row(100, "t100")], spared: [] };

describe("the processes of a dead host", () => {
  it("include a process with the pid and start time of a row", () => {
    expect(found(runningProcess(100, "t100"), runningProcess(101, "t100"))).toEqual([100]);
  });

  it("exclude a process that reuses the pid, and its process group", () => {
    expect(found(runningProcess(100, "later"), runningProcess(101, "t101", { processGroup: 100 }))).toEqual([]);
  });

  it("include the process group of a process of a row", () => {
    expect(found(runningProcess(100, "t100"), runningProcess(101, "t101", { processGroup: 100 }))).toEqual([100, 101]);
  });

  it("exclude a process group of which such a process is not the leader", () => {
    expect(
      found(runningProcess(100, "t100", { processGroup: 99 }), runningProcess(101, "t101", { processGroup: 99 })),
    ).toEqual([100]);
  });

  it("include processes with its run id in their environment, in any process group", () => {
    expect(
      found(runningProcess(200, "t200", { runId: "dead" }), runningProcess(201, "t201", { runId: "alive" })),
    ).toEqual([200]);
  });

  it("exclude spared processes", () => {
    const table = [runningProcess(100, "t100"), runningProcess(200, "t200", { runId: "dead", processGroup: 100 })];
    const spared = [{ pid: 200, startTime: "t200" }];
    expect(findLeftovers(table, { ...runs, spared })).toEqual([{ pid: 100, startTime: "t100", runId: "dead" }]);
  });

  it("exclude processes for a row that is only reserved", () => {
    const reserved = { ...row(100, "t100"), state: "reserved", pid: null, start_time: null } as const;
    expect(findLeftovers([runningProcess(100, "t100")], { ...runs, rows: [reserved] })).toEqual([]);
  });
});

function found(...table: readonly RunningProcess[]): readonly number[] {
  return findLeftovers(table, runs).map((each) => each.pid);
}

function runningProcess(pid: number, startTime: string, differing: Partial<RunningProcess> = {}): RunningProcess {
  return { pid, startTime, processGroup: pid, runId: undefined, ...differing };
}

function row(pid: number, startTime: string): ProcessRow {
  return {
    run_id: "dead",
    worker_id: "default-1",
    pool: "default",
    role: "worker",
    state: "active",
    pid,
    start_time: startTime,
    process_group: pid,
    reserved_at: "",
    activated_at: "",
  };
}
