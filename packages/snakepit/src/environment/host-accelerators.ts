import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Accelerator, Accelerators } from "@snakepit/python-bridge";

type Environment = Readonly<Record<string, string | undefined>>;

const QUERY = ["--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader,nounits"];
const VISIBLE = ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"] as const;

/** Where and how to search for accelerators. */
export interface AcceleratorSearch {
  /** The directory with `proc` and `sys`. Default: `/`. */
  readonly root?: string;
  /** Default: that of this process. */
  readonly env?: Environment;
  /** Milliseconds after which `nvidia-smi` is killed; a broken driver can block it forever. Default: 5 seconds. */
  readonly timeoutMs?: number;
}

/** Resolves with NVIDIA (CUDA), AMD (ROCm) and Apple (MPS) devices. Never rejects, and loads no library. */
export async function hostAccelerators(search: AcceleratorSearch = {}): Promise<Accelerators> {
  const { root = "/", env = process.env, timeoutMs = 5_000 } = search;
  const problems: string[] = [];
  const devices = [...(await nvidia(root, env, timeoutMs, problems)), ...(await amd(root)), ...apple()];
  const visible = VISIBLE.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { devices, visible: Object.fromEntries(visible), problems };
}

async function nvidia(root: string, env: Environment, timeoutMs: number, problems: string[]): Promise<Accelerator[]> {
  const output = await listOfDriver(env, timeoutMs, problems);
  const devices = output.split("\n").flatMap((line): Accelerator[] => {
    const cells = line.split(",").map((cell) => cell.trim());
    const [index = "", ...rest] = cells;
    const driver = rest.pop();
    const megabytes = rest.pop() ?? "";
    if (!/^\d+$/.test(index) || driver === undefined || rest.length === 0) return [];
    const memoryBytes = /^\d+$/.test(megabytes) ? Number(megabytes) * 2 ** 20 : null;
    return [{ kind: "cuda", index: Number(index), name: rest.join(", "), memoryBytes, driver, foundBy: "nvidia-smi" }];
  });
  return devices.length > 0 ? devices : nvidiaDriver(root);
}

/** Resolves with the output of NVIDIA's program; an empty string if it is not installed or failed. */
function listOfDriver(env: Environment, timeoutMs: number, problems: string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const settle = (problem?: string) => {
    if (problem !== undefined) problems.push(problem);
    resolve("");
  };
  // A process that waits for a driver cannot be killed until the driver responds, so its end is not awaited.
  const timer = setTimeout(() => {
    child?.kill("SIGKILL");
    child?.stdout?.destroy();
    child?.stderr?.destroy();
    child?.unref();
    settle(`nvidia-smi did not end within ${timeoutMs} ms; the driver may not respond`);
  }, timeoutMs);
  let child: ReturnType<typeof execFile> | undefined;
  try {
    child = execFile("nvidia-smi", QUERY, { env }, (error, stdout) => {
      clearTimeout(timer);
      if (error === null) return resolve(stdout);
      if (error.code === "ENOENT") return settle();
      if (error.killed || error.signal === "SIGKILL") return resolve("");
      if (typeof error.code === "string") return settle(`nvidia-smi could not be started: ${error.message}`);
      settle(`nvidia-smi failed with exit status ${error.code}; run it to see the cause`);
    });
  } catch (thrown) {
    // The process was not started, for example because the system is out of memory.
    clearTimeout(timer);
    settle(`nvidia-smi could not be started: ${(thrown as Error).message}`);
  }
  return promise;
}

async function nvidiaDriver(root: string): Promise<Accelerator[]> {
  const directory = join(root, "proc/driver/nvidia");
  const driver = /Kernel Module[^\n]*?\s(\d+(?:\.\d+)+)/.exec(await contentOf(join(directory, "version")))?.[1] ?? null;
  const files = await filesIn("gpus/*/information", directory);
  return Promise.all(
    files.map(async (file, index): Promise<Accelerator> => {
      const name = /^Model:\s*(.+)$/m.exec(await contentOf(file))?.[1]?.trim() ?? "NVIDIA device";
      return { kind: "cuda", index, name, memoryBytes: null, driver, foundBy: "driver files" };
    }),
  );
}

async function amd(root: string): Promise<Accelerator[]> {
  const driver = (await contentOf(join(root, "sys/module/amdgpu/version"))).trim() || null;
  const nodes = await filesIn("*", join(root, "sys/class/kfd/kfd/topology/nodes"));
  const devices: Accelerator[] = [];
  for (const node of nodes.sort((a, b) => Number(basename(a)) - Number(basename(b)))) {
    const facts = await contentOf(join(node, "properties"));
    // The processors of the machine are nodes too, without such units.
    if (numberIn(facts, "simd_count") === 0) continue;
    const version = numberIn(facts, "gfx_target_version");
    const name = (await contentOf(join(node, "name"))).trim() || `AMD device (gfx_target_version ${version})`;
    let bytes = 0;
    for (const bank of await filesIn("mem_banks/*/properties", node))
      bytes += numberIn(await contentOf(bank), "size_in_bytes");
    const memoryBytes = bytes === 0 ? null : bytes;
    devices.push({ kind: "rocm", index: devices.length, name, memoryBytes, driver, foundBy: "driver files" });
  }
  return devices;
}

function apple(): Accelerator[] {
  if (process.platform !== "darwin" || process.arch !== "arm64") return [];
  return [{ kind: "mps", index: 0, name: "Apple GPU", memoryBytes: null, driver: null, foundBy: "platform" }];
}

function numberIn(facts: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(facts)?.[1] ?? 0);
}

async function filesIn(pattern: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob(pattern, { cwd: directory })) found.push(join(directory, file));
  return found.sort();
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
