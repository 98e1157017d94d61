import { PROTOCOL_VERSION } from "@snakepit/bridge-proto/values";
import { type PythonFailure, SnakepitError } from "@snakepit/core";
import {
  type CompatibilityReport,
  compatibility,
  type ImportedLibrary,
  type PythonEnvironment,
} from "@snakepit/python-bridge";
import { describe, expect, test } from "vitest";
import { readSystemLimits, type SystemLimits } from "../../system/system-limits.ts";
import type { PythonBuild } from "../python-probe.ts";
import { checkBridge } from "./bridge.ts";
import { checkEnvironment } from "./environment.ts";
import { checkLibraries } from "./libraries.ts";
import { checkMemory, checkOpenFiles, checkProcesses, type Demand } from "./limits.ts";
import { checkNode } from "./node.ts";
import { checkInterpreter } from "./python.ts";
import { findingOf } from "./target.ts";

const interpreter = { path: "/app/.venv/bin/python3", chosenBy: "the virtual environment /app/.venv", isChoice: false };
const demand: Demand = { workers: 250, isGiven: false, defaultSize: 8 };

describe("Node.js", () => {
  test.each([
    ["20.19.0", "linux", "Node.js must be version 22.18 or newer; got 20.19.0", /^install a newer version/],
    ["24.1.0", "win32", "the operating system must be Linux or macOS; got win32", /^run the host in WSL/],
  ])("%s on %s is reported", (version, platform, problem, remedy) => {
    expect(checkNode({ version, platform }).findings).toEqual([
      expect.objectContaining({ severity: "error", problem, remedy: expect.stringMatching(remedy) }),
    ]);
  });
});

describe("the build of Python", () => {
  const build: PythonBuild = {
    version: [3, 14, 1],
    implementation: "CPython",
    isFreeThreaded: true,
    hasGil: false,
    prefix: "/app/.venv",
    isEnvironment: true,
    bridge: { is: "missing" },
  };

  test.each([
    [{}, "free-threaded, no global interpreter lock"],
    [{ hasGil: true }, "free-threaded build, global interpreter lock enabled"],
    [{ hasGil: true, isFreeThreaded: false }, "with a global interpreter lock"],
  ])("%o is described", (differing, description) => {
    const { result, python } = checkInterpreter(interpreter, { ...build, ...differing });
    expect(result).toEqual({
      facts: `CPython 3.14.1, ${description}, ${interpreter.path} (${interpreter.chosenBy})`,
      findings: [],
    });
    expect(python).toBeDefined();
  });
});

describe("the environment", () => {
  const processors = { logical: 8, affinity: 8, quota: 2, usable: 2 };
  const memory = { totalBytes: 1, availableBytes: 1, limitBytes: null, usableBytes: 1 };
  const gpu = {
    kind: "cuda",
    index: 0,
    name: "NVIDIA L4",
    memoryBytes: null,
    driver: null,
    foundBy: "nvidia-smi",
  } as const;
  const accelerators = { devices: [gpu], visible: { CUDA_VISIBLE_DEVICES: "0" }, problems: [] };
  const host = { snakepit: "0.1.0", node: "24.0.0", platform: "linux-x64", processors, memory, accelerators };
  const python: PythonEnvironment = {
    python: {
      executable: "/app/.venv/bin/python3",
      version: "3.12.1",
      implementation: "CPython",
      prefix: "/app/.venv",
      isEnvironment: true,
      freeThreaded: false,
      gilEnabled: true,
      platform: "Linux",
      chosenBy: "the option python",
    },
    recommended: { profile: "process", reason: "of the lock" },
    requirements: [],
    processors,
    memory,
    accelerators,
    libraries: [],
  };

  test("is described with its devices and the profile for tools that compute", () => {
    expect(checkEnvironment({ host, python, problem: null })).toEqual({
      facts:
        '2 of 8 processors; NVIDIA L4 (cuda), CUDA_VISIBLE_DEVICES=0; profile "process" for tools that compute, because of the lock',
      findings: [],
    });
  });

  test("with an old package and a broken driver is reported with the remedies", () => {
    const requirement = { required: ">=0.20", satisfied: false, optional: false, remedy: "pip install it" };
    const described = {
      ...python,
      requirements: [
        { ...requirement, name: "msgspec", installed: "0.18.0" },
        { ...requirement, name: "grpcio", installed: null, optional: true },
        { ...requirement, name: "snakepit-bridge", installed: "0.0.1" },
      ],
      accelerators: { devices: [], visible: {}, problems: ["nvidia-smi failed with exit status 9"] },
    };
    expect(checkEnvironment({ host, python: described, problem: null })).toMatchObject({
      facts: expect.stringContaining("no accelerators"),
      findings: [
        {
          severity: "warning",
          problem: "the package msgspec must have a version >=0.20; got 0.18.0",
          remedy: "pip install it",
        },
        {
          severity: "warning",
          problem: "nvidia-smi failed with exit status 9",
          remedy: expect.stringContaining("nvidia-smi"),
        },
      ],
    });
  });

  test("that an older bridge cannot describe is skipped", () => {
    expect(checkEnvironment({ host, python: null, problem: "unknown program" })).toEqual({
      skipped: "unknown program",
    });
  });
});

describe("the libraries of a target", () => {
  const library = async (name: string, installed = true): Promise<ImportedLibrary> => ({
    ...(await compatibility.check(name)),
    module: name,
    installed,
    importedAt: ["/app/tools.py:3"],
    loaded: null,
  });

  test("are warned of as the pools use them", async () => {
    const report: CompatibilityReport = {
      target: "./tools.py",
      python: { version: "3.14.1", freeThreaded: true, gilEnabled: false },
      revised: "2026-11-30",
      files: ["/app/tools.py"],
      libraries: [
        await library("matplotlib"),
        await library("numpy"),
        await library("tensorflow"),
        await library("my_library", false),
      ],
      problems: [],
      recommendations: [],
    };
    const { facts, findings } = checkLibraries(report, { inThreads: true, isForked: true });
    expect(facts).toBe(
      "4 imported, 3 of them in the table of 2026-11-30; not for several threads: matplotlib; for several threads under conditions: TensorFlow; not installed: my_library",
    );
    expect(findings.map(({ severity, problem }) => `${severity}: ${problem.split(":")[0]}`)).toEqual([
      "warning: matplotlib is not thread-safe",
      "warning: TensorFlow must not be imported before workers are forked",
    ]);
    for (const { problem, remedy } of findings) {
      expect(problem).toMatch(/ \(\/app\/tools\.py:3\)$/);
      expect(remedy).not.toBe("");
    }
    expect(checkLibraries(report, { inThreads: false, isForked: false }).findings).toEqual([]);
    const grpc = { ...report, libraries: [await library("grpc")] };
    expect(checkLibraries(grpc, { inThreads: false, isForked: false }).findings).toMatchObject([
      { problem: expect.stringMatching(/^gRPC may enable the global interpreter lock: /) },
    ]);
  });
});

describe("the bridge", () => {
  const facts = { interpreter, isEnvironment: true, expected: "0.2.0", command: "npx snakepit setup" };
  const installed = { is: "installed", version: "0.1.0", file: "/app/snakepit_bridge" } as const;

  test("of another version is a warning, unless the protocol differs", () => {
    const same = checkBridge({ ...facts, bridge: { ...installed, protocol: PROTOCOL_VERSION } }, undefined);
    const other = checkBridge({ ...facts, bridge: { ...installed, protocol: PROTOCOL_VERSION + 1 } }, undefined);
    expect([same, other].map(({ findings }) => findings[0]?.severity)).toEqual(["warning", "error"]);
    expect(other.findings[0]?.problem).toContain(`(protocol ${PROTOCOL_VERSION + 1} instead of ${PROTOCOL_VERSION})`);
  });

  test("that is broken is reported with the exception", () => {
    const { findings } = checkBridge(
      { ...facts, bridge: { is: "broken", problem: "ImportError: no msgspec" } },
      undefined,
    );
    expect(findings[0]).toMatchObject({
      severity: "error",
      problem: expect.stringContaining("ImportError: no msgspec"),
    });
  });
});

describe("limits", () => {
  const plenty: SystemLimits = {
    openFiles: 100_000,
    userProcesses: undefined,
    groupProcesses: undefined,
    freeMemory: 64e9,
    groupMemory: undefined,
    processors: 4,
  };

  test("that allow the workers are described", () => {
    expect(checkOpenFiles(plenty, demand)).toEqual({ facts: "100000 allowed", findings: [] });
    expect(checkProcesses(plenty, demand)).toEqual({ facts: "no limit was found", findings: [] });
    expect(checkMemory(plenty, demand, 20e6)).toEqual({
      facts: "64000 MB available of the machine; 20 MB for each worker, measured",
      findings: [],
    });
  });

  test.each([
    [{ ...demand }, "warning"],
    [{ ...demand, isGiven: true }, "error"],
    [{ ...demand, defaultSize: 100 }, "error"],
  ])("%o is a %s if about 12 workers are allowed", (asked, severity) => {
    expect(checkOpenFiles({ openFiles: 100 }, asked).findings[0]?.severity).toBe(severity);
  });

  test("of processes of a control group name its file and the settings", () => {
    const groupProcesses = { limit: 120, used: 20, source: "/sys/fs/cgroup/pids.max" };
    expect(checkProcesses({ userProcesses: undefined, groupProcesses }, demand).findings).toEqual([
      expect.objectContaining({
        problem:
          "the limit of processes and threads of the control group, 120 (/sys/fs/cgroup/pids.max) with 20 in use, allows about 42 workers; 250 need 516",
        remedy: "TasksMax=536 in its systemd unit, or --pids-limit 536 of Docker",
      }),
    ]);
  });

  test("of the memory of a control group apply if they are lower than that of the machine", () => {
    const groupMemory = { limit: 1e9, used: 350e6, source: "/sys/fs/cgroup/memory.max" };
    const { facts, findings } = checkMemory({ freeMemory: 8e9, groupMemory }, demand, 50e6);
    expect(facts).toBe(
      "650 MB available in the control group (/sys/fs/cgroup/memory.max); 50 MB for each worker, measured",
    );
    expect(findings).toEqual([
      expect.objectContaining({
        problem: expect.stringContaining("is enough for about 10 workers; 250 need 12650 MB"),
        remedy: expect.stringContaining("MemoryMax=12650M"),
      }),
    ]);
  });

  test("are read from this system", () => {
    const limits = readSystemLimits();
    expect(limits.processors).toBeGreaterThan(0);
    expect(limits.freeMemory).toBeGreaterThan(0);
    if (process.platform === "linux") expect(limits.openFiles).toBeGreaterThan(0);
  });
});

describe("a target", () => {
  const failure: PythonFailure = {
    type: "ValueError",
    module: "builtins",
    message: "no model",
    traceback: `Traceback (most recent call last):
  File "/app/tools.py", line 2, in <module>
    import models
  File "/app/models.py", line 7, in load
    read(path)
  File "/app/.venv/lib/python3.12/site-packages/reader/__init__.py", line 99, in read
    raise ValueError("no model")
ValueError: no model
`,
    notes: [],
  };

  test("that raises is reported with the last place in the code of the user", () => {
    const error = new SnakepitError("WORKER_START_FAILED", "importing failed", { python: failure });
    expect(findingOf("./tools.py", error)).toMatchObject({
      problem: "./tools.py does not start: ValueError: no model\n/app/models.py:7 in load: read(path)",
      remedy: "correct the error; --json prints the whole traceback",
      traceback: failure.traceback,
    });
  });

  test("that raises because of a missing module is reported with that module", () => {
    const cause: PythonFailure = { ...failure, type: "ModuleNotFoundError", message: "No module named 'reader.gpu'" };
    const error = new SnakepitError("WORKER_START_FAILED", "importing failed", { python: { ...failure, cause } });
    expect(findingOf("./tools.py", error).remedy).toMatch(/^install the package that contains reader /);
  });
});
