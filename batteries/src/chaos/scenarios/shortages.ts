import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expectFailures, expectRows, expectSuccess, inMs } from "../expectations.ts";
import type { HostProcess } from "../host/host-process.ts";
import { checkInvariants } from "../invariants.ts";
import { signalProcess } from "../processes.ts";
import { mountedRegistry, sqliteRegistry } from "../registry-rows.ts";
import type { Scenario } from "../scenario.ts";
import { replaceOne } from "./killed-workers.ts";

const WORKERS = 4;
/** The size of the file system of the registry. */
const DISK = "1m";

/** Fills the disk of the registry: a small tmpfs in the mount namespace of the host. */
export const fullDisk: Scenario = {
  name: "full-disk",
  title: "full disk of the registry (tmpfs) under load, workers killed",
  obstacle: () => unlessWorks(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], "mounting a tmpfs"),
  async run(context) {
    const { checks, sandbox, seed } = context;
    const disk = join(sandbox.directory, "state/disk");
    mkdirSync(disk);
    const mount = `mount -t tmpfs -o size=${DISK} tmpfs "$0" && exec "$@"`;
    const host = await sandbox.startHost({}, ["unshare", "--mount", "sh", "-c", mount, disk]);
    const path = join(disk, "registry.db");
    const registry = mountedRegistry(path, host.pid);
    await host.call("start", { pools: { default: { size: WORKERS } }, registry: { path } });
    await host.call("warmUp");
    await host.call("load", { plain: 2, idempotent: 2 }, seed);
    const rounds = context.amount(2, 10);
    const kills = 6;
    let filled = 0;
    for (let round = 0; round < rounds; round++) {
      filled = await host.call("fillDisk", join(disk, "filler"));
      for (let kill = 0; kill < kills; kill++) await replaceOne(context, host);
      await host.call("removeFile", join(disk, "filler"));
      await expectRows(checks, host, registry, "the rows are correct 5 s after the disk has space", 5_000);
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED"], rounds * kills);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds * kills} kills`,
      figures: [`tmpfs of ${DISK}, ${Math.round(filled / 1_024)} KiB filled`],
    };
  },
};

/** Takes all descriptors of the host while workers are killed. */
export const noDescriptors: Scenario = {
  name: "no-descriptors",
  title: "no file descriptor left in the host, workers killed",
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost({}, ["prlimit", "--nofile=256:256"]);
    await host.call("start", { pools: { default: { size: WORKERS } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 2, idempotent: 2 }, seed);
    const rounds = context.amount(2, 20);
    const times: number[] = [];
    let taken = 0;
    for (let round = 0; round < rounds; round++) {
      await host.call("moreAnswers", 50);
      taken = await host.call("takeDescriptors");
      await host.call("moreAnswers", 50);
      const { pids, failedStarts } = await host.call("workers");
      for (const pid of pids) signalProcess(pid, "SIGKILL");
      await host.call("failedStartsAbove", failedStarts);
      await host.call("releaseDescriptors");
      const releasedAt = performance.now();
      await host.call("whole", undefined, pids);
      times.push(performance.now() - releasedAt);
    }
    const summary = await host.call("stopLoad");
    expectFailures(checks, summary, "idempotent", ["POOL_NOT_READY", "WORKER_START_FAILED"]);
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED", "POOL_NOT_READY", "WORKER_START_FAILED"]);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds} shortages`,
      figures: [`${taken} of 256 descriptors taken`, `whole ${inMs(Math.max(...times))} after the end at most`],
    };
  },
};

/**
 * Runs the host as a user without other processes, since limits of processes do not apply to root. It can read the
 * files of this user, and cannot exceed the limit (setrlimit(2), capabilities(7)).
 */
const AS_OTHER_USER = [
  ...["setpriv", "--reuid=4244", "--regid=4244", "--clear-groups", "--securebits=+no_setuid_fixup"],
  ...["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"],
];

/** Lets every start of a process fail while workers are killed. */
export const noProcesses: Scenario = {
  name: "no-processes",
  title: "fork fails (RLIMIT_NPROC), workers killed",
  obstacle: () => unlessWorks([...AS_OTHER_USER, "true"], "running a host as another user"),
  async run(context) {
    const { checks, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost({}, AS_OTHER_USER);
    await host.call("start", { pools: { default: { size: WORKERS } }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 2, idempotent: 2 }, seed);
    const rounds = context.amount(2, 20);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await host.call("moreAnswers", 50);
      const { pids, failedStarts } = await host.call("workers");
      limitProcesses(host, "1:");
      for (const pid of pids) signalProcess(pid, "SIGKILL");
      await host.call("failedStartsAbove", failedStarts);
      limitProcesses(host, "4096:");
      const releasedAt = performance.now();
      await host.call("whole", undefined, pids);
      times.push(performance.now() - releasedAt);
    }
    const summary = await host.call("stopLoad");
    expectFailures(checks, summary, "idempotent", ["POOL_NOT_READY", "WORKER_START_FAILED"]);
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED", "POOL_NOT_READY", "WORKER_START_FAILED"]);
    await checkInvariants(context, host, [registry]);
    return {
      repetitions: `${rounds} shortages`,
      figures: [`whole ${inMs(Math.max(...times))} after the end at most`],
    };
  },
};

/** Limits the processes of the user of a host, for the host and its zygotes: the limit is inherited at a fork. */
function limitProcesses(host: HostProcess, limit: string): void {
  const [program = "", ...args] = [...AS_OTHER_USER, "prlimit", `--nproc=${limit}`, "--pid"];
  for (const pid of host.processes()) execFileSync(program, [...args, String(pid)]);
}

/** Returns why a scenario cannot run if a command fails. */
function unlessWorks([program = "", ...args]: readonly string[], what: string): string | undefined {
  return spawnSync(program, args).status === 0 ? undefined : `${what} requires root`;
}
