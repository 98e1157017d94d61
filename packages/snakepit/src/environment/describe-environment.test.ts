import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlGroupLimits } from "./control-group-limits.ts";
import { describeEnvironment } from "./describe-environment.ts";
import { hostAccelerators } from "./host-accelerators.ts";
import { hostMemory, hostProcessors } from "./host-machine.ts";

const python = join(import.meta.dirname, "../../../../.venv/bin/python");
const GIB = 2 ** 30;

let directory: string;
let roots = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "snakepit-environment-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** Creates a directory with the given files of `/proc` and `/sys`. */
async function rootWith(files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(directory, `root-${roots++}`);
  await mkdir(root);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

describe("control groups", () => {
  test("the tightest limit of all groups applies", async () => {
    const root = await rootWith({
      "proc/self/cgroup": "0::/app.slice/pool\n",
      "sys/fs/cgroup/app.slice/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/app.slice/memory.max": "max\n",
      "sys/fs/cgroup/app.slice/pool/cpu.max": "max 100000\n",
      "sys/fs/cgroup/app.slice/pool/memory.max": "268435456\n",
    });
    expect(await controlGroupLimits(root)).toEqual({ processors: 1.5, memoryBytes: 268_435_456 });
    expect((await hostProcessors(root)).usable).toBe(1);
  });

  test("limits of the first version are read", async () => {
    const root = await rootWith({
      "proc/self/cgroup": "4:memory:/box\n2:cpu,cpuacct:/box\n",
      "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "50000\n",
      "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "1073741824\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    });
    expect(await controlGroupLimits(root)).toEqual({ processors: 0.5, memoryBytes: GIB });
  });

  test("the group of a container is the mounted one", async () => {
    const root = await rootWith({ "proc/self/cgroup": "0::/../outside\n", "sys/fs/cgroup/cpu.max": "200000 100000\n" });
    expect(await controlGroupLimits(root)).toMatchObject({ processors: 2 });
  });

  test.each(["", "max", "x y", "100000 0", "0::", "a:b"])("%j is no limit", async (content) => {
    const root = await rootWith({ "proc/self/cgroup": `${content}\n0::/\n`, "sys/fs/cgroup/cpu.max": content });
    expect(await controlGroupLimits(root)).toEqual({ processors: null, memoryBytes: null });
  });
});

test("the processors are those from which the size of a pool is derived", async () => {
  const { logical, affinity, usable, quota } = await hostProcessors();
  expect(affinity).toBeLessThanOrEqual(logical);
  if (quota === null || quota >= 1) expect(usable).toBe(availableParallelism());
});

test("the affinity of the process is counted", async () => {
  const root = await rootWith({ "proc/self/status": "Name:\tnode\nCpus_allowed_list:\t0-3,8,10-11\n" });
  expect((await hostProcessors(root)).affinity).toBe(7);
});

test("memory is limited by the control group", async () => {
  const root = await rootWith({
    "proc/meminfo": "MemTotal:       1000 kB\nMemAvailable:    600 kB\n",
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/memory.max": "512000\n",
  });
  expect(await hostMemory(root)).toEqual({
    totalBytes: 1_024_000,
    availableBytes: 614_400,
    limitBytes: 512_000,
    usableBytes: 512_000,
  });
});

describe("accelerators", () => {
  /** Writes a program with the name of the one of NVIDIA's driver; resolves with an environment that finds it. */
  async function driverProgram(script: string): Promise<{ root: string; env: Record<string, string> }> {
    const root = await rootWith({ "nvidia-smi": `#!/bin/sh\n${script}\n` });
    await chmod(join(root, "nvidia-smi"), 0o755);
    return { root, env: { PATH: `${root}:${process.env["PATH"]}` } };
  }

  test("devices of NVIDIA are those that the driver lists", async () => {
    const { root, env } = await driverProgram(
      "printf '0, NVIDIA A100, 40960, 550.54.14\\n1, NVIDIA B, C, [N/A], 550.54.14\\n'",
    );
    const found = await hostAccelerators({ root, env: { ...env, CUDA_VISIBLE_DEVICES: "1" } });
    const common = { kind: "cuda", driver: "550.54.14", foundBy: "nvidia-smi" };
    expect(found).toEqual({
      devices: [
        { ...common, index: 0, name: "NVIDIA A100", memoryBytes: 40 * GIB },
        { ...common, index: 1, name: "NVIDIA B, C", memoryBytes: null },
      ],
      visible: { CUDA_VISIBLE_DEVICES: "1" },
      problems: [],
    });
  });

  test("without the program, the files of the driver are read", async () => {
    const root = await rootWith({
      "proc/driver/nvidia/version":
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22\nGCC version: 12\n",
      "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA L4\nIRQ:   34\n",
    });
    expect(await hostAccelerators({ root, env: { PATH: root } })).toEqual({
      devices: [
        { kind: "cuda", index: 0, name: "NVIDIA L4", memoryBytes: null, driver: "550.54.14", foundBy: "driver files" },
      ],
      visible: {},
      problems: [],
    });
  });

  test("a program that fails is a problem", async () => {
    expect(await hostAccelerators(await driverProgram("exit 9"))).toMatchObject({
      devices: [],
      problems: ["nvidia-smi failed with exit status 9; run it to see the cause"],
    });
  });

  test("a program that does not end is killed", async () => {
    const started = join(directory, "driver-pid");
    const search = await driverProgram(`echo $$ > ${started}\nexec sleep 600`);
    expect((await hostAccelerators({ ...search, timeoutMs: 1_000 })).problems).toEqual([
      "nvidia-smi did not end within 1000 ms; the driver may not respond",
    ]);
    const pid = Number(await readFile(started, "utf8").catch(() => "0"));
    if (pid > 0) await expect.poll(() => readFile(`/proc/${pid}/stat`).then(Boolean, () => false)).toBe(false);
  });

  test("a program that cannot be executed is a problem", async () => {
    const root = await rootWith({ "nvidia-smi": "" });
    const { problems } = await hostAccelerators({ root, env: { PATH: root } });
    expect(problems).toEqual([expect.stringMatching(/^nvidia-smi could not be started: /)]);
  });

  test("devices of AMD are the nodes with compute units", async () => {
    const nodes = "sys/class/kfd/kfd/topology/nodes";
    const root = await rootWith({
      [`${nodes}/0/properties`]: "cpu_cores_count 16\nsimd_count 0\n",
      [`${nodes}/1/properties`]: "cpu_cores_count 0\nsimd_count 440\ngfx_target_version 90402\n",
      [`${nodes}/1/mem_banks/0/properties`]: `heap_type 1\nsize_in_bytes ${128 * GIB}\n`,
      [`${nodes}/10/properties`]: "simd_count 8\ngfx_target_version 110000\n",
      [`${nodes}/10/name`]: "gfx1100\n",
      "sys/module/amdgpu/version": "6.7.0\n",
    });
    const common = { kind: "rocm", driver: "6.7.0", foundBy: "driver files" };
    expect((await hostAccelerators({ root, env: { PATH: root } })).devices).toEqual([
      { ...common, index: 0, name: "AMD device (gfx_target_version 90402)", memoryBytes: 128 * GIB },
      { ...common, index: 1, name: "gfx1100", memoryBytes: null },
    ]);
  });
});

describe("describeEnvironment", () => {
  test("describes the host and the interpreter, which agree about the machine", async () => {
    const { host, python: found, problem } = await describeEnvironment(python);
    expect(problem).toBeNull();
    expect(host).toMatchObject({ node: process.versions.node, snakepit: expect.stringMatching(/^\d+\./) });
    expect(found?.python.chosenBy).toBe("the option python");
    expect(found?.processors).toEqual(host.processors);
    expect(found?.memory).toMatchObject({ totalBytes: host.memory.totalBytes, limitBytes: host.memory.limitBytes });
    expect(found?.accelerators).toEqual(host.accelerators);
  });

  test("a Python that cannot be described is a problem with its remedy", async () => {
    const found = await describeEnvironment("./no-such-python");
    expect(found.python).toBeNull();
    expect(found.problem).toMatch(/^the option python must be Python 3\.10 or newer; got .*no-such-python/);
    expect(found.host.processors.usable).toBeGreaterThanOrEqual(1);
  });

  test("a signal cancels it", async () => {
    await expect(describeEnvironment({ python, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });
});

test.each([
  [{ pyton: "python3" }, "pyton is not an option of describeEnvironment(); did you mean python?"],
  [{ timeoutMs: "soon" }, "timeoutMs must be a duration"],
  [null, "the options of describeEnvironment() must be an object; got null"],
])("describeEnvironment(%j) is rejected", async (options, message) => {
  await expect(describeEnvironment(options as object)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining(message),
  });
});

test("a working directory that does not exist is the problem, rather than the interpreter", async () => {
  const { python, problem } = await describeEnvironment({ cwd: "/nowhere/project" });
  expect({ python, problem }).toEqual({
    python: null,
    problem: 'cwd must be an existing directory; got "/nowhere/project"',
  });
});
