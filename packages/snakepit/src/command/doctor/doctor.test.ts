import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { currentOwner, writeOwner } from "@snakepit/core/unix-sockets";
import { openRegistry } from "@snakepit/registry";
import { spawnOwner } from "@snakepit/registry/testing/spawn-host";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildBundledWheel } from "../../testing/bundled-wheel.ts";
import { createEnvironment, ExaminedMachine, installOldBridge, WORKSPACE_PYTHON } from "../../testing/doctor.ts";
import { snakepit } from "../../testing/in-terminal.ts";
import { isAlive, processesWith, until } from "../../testing/processes.ts";

/** A user other than root, for permissions and limits that do not apply to root. */
const UNPRIVILEGED = process.getuid?.() === 0 ? 65_534 : undefined;
const IS_LINUX = process.platform === "linux";
const GOOD_TOOLS = "from snakepit_bridge import tool\n\n\n@tool\ndef one() -> int:\n    return 1\n";

let machine: ExaminedMachine;
beforeAll(buildBundledWheel);
beforeEach(() => {
  machine = new ExaminedMachine();
});
afterEach(() => machine.remove());

const withPython = ["--python", WORKSPACE_PYTHON];

function write(path: string, content: string, mode = 0o644): string {
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test("nothing is wrong on a working machine, and nothing is changed there", async () => {
  write(join(machine.project, "tools.py"), GOOD_TOOLS);
  const { status, diagnosis } = await machine.doctor({
    args: [...withPython, "--pool-size", "4", "./tools.py"],
    // As users run it: in a separate process.
    prefix: ["env"],
  });
  expect(diagnosis).toMatchObject({ errors: 0, warnings: 0, repairs: [] });
  expect(status).toBe(0);
  expect(diagnosis.checks.map(({ check, status: state }) => `${check} ${state}`)).toEqual(
    "node python bridge environment state registry leftovers sockets target libraries files processes memory"
      .split(" ")
      .map((id) => `${id} ok`),
  );
  expect(diagnosis.checks.find(({ check }) => check === "target")?.facts).toBe("./tools.py starts, with 1 tool");
  expect(diagnosis.checks.find(({ check }) => check === "environment")?.facts).toMatch(
    /^\d+ of \d+ processors; .*; profile "(process|thread)" for tools that compute, because /,
  );
  expect(diagnosis.checks.find(({ check }) => check === "libraries")?.facts).toMatch(/^0 imported/);
  expect(diagnosis.checks.find(({ check }) => check === "memory")?.facts).toMatch(/MB for each worker, measured/);
  expect([readdirSync(machine.stateHome), readdirSync(machine.sockets)]).toEqual([[], []]);
});

describe("Python", () => {
  test("a machine without Python is reported with what was searched", async () => {
    const { status, findings } = await machine.doctor({ env: { PATH: machine.sockets } });
    expect(status).toBe(1);
    expect(findings("python")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: "no Python interpreter was found",
        remedy: expect.stringMatching(/^install Python 3\.10 or newer, .*searched: .*python3 on PATH/),
        fixable: false,
      }),
    ]);
  });

  test("a setting that names no interpreter is reported with its value, which is not part of the remedy", async () => {
    const { findings } = await machine.doctor({ args: ["--python", "nopython"] });
    expect(findings("python")).toEqual([
      expect.objectContaining({
        problem: expect.stringMatching(/must be Python 3\.10 or newer; got "nopython", which is neither/),
        remedy: expect.stringMatching(/^correct the setting/),
      }),
    ]);
  });

  test("an old version of Python is reported with the oldest supported one", async () => {
    // The script of doctor runs in a real interpreter, whose version is another one.
    const old = `import sys; sys.version_info = (3, 8, 10, "final", 0); exec(sys.argv[2])`;
    const path = write(
      join(machine.directory, "python3"),
      `#!/bin/sh\nexec ${WORKSPACE_PYTHON} -c '${old}' "$@"\n`,
      0o755,
    );
    const { status, findings } = await machine.doctor({ args: ["--python", path] });
    expect(status).toBe(1);
    expect(findings("python")).toEqual([
      expect.objectContaining({
        problem: expect.stringContaining("must be Python 3.10 or newer; got Python 3.8.10"),
        remedy: expect.stringContaining("SNAKEPIT_PYTHON"),
      }),
    ]);
  });

  test("a program that is not Python is reported with its output", async () => {
    const path = write(join(machine.directory, "python3"), "#!/bin/sh\necho no interpreter >&2\nexit 3\n", 0o755);
    const { findings } = await machine.doctor({ args: ["--python", path] });
    expect(findings("python")[0]?.problem).toMatch(/is not a working Python interpreter: .*status 3:\nno interpreter/);
  });
});

describe("the bridge", () => {
  test("that is missing is installed", async () => {
    const python = createEnvironment(join(machine.project, ".venv"));
    const { status, findings } = await machine.doctor();
    expect(status).toBe(1);
    expect(findings("bridge")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: expect.stringContaining(`the package snakepit-bridge is not installed in ${python}`),
        remedy: `npx snakepit setup --python ${python}`,
        fixable: true,
      }),
    ]);
    const { diagnosis, ...fixed } = await machine.doctor({ args: ["--fix"] });
    expect(fixed).toMatchObject({ status: 0, found: [] });
    expect(diagnosis.repairs.map(({ check, outcome }) => `${check} ${outcome.is}`)).toEqual(["bridge repaired"]);
    const second = await machine.doctor({ args: ["--fix"] });
    expect(second).toMatchObject({ status: 0, found: [], diagnosis: { repairs: [] } });
  });

  test("is not looked for in an environment whose interpreter was removed, which is reported", async () => {
    const environment = join(machine.project, ".venv");
    mkdirSync(join(environment, "bin"), { recursive: true });
    symlinkSync("/nowhere/python3.11", join(environment, "bin/python3"));
    const { findings, diagnosis } = await machine.doctor({ args: ["--fix"] });
    expect(findings("python")).toEqual([
      expect.objectContaining({
        severity: "warning",
        problem: `the environment ${environment} has no usable interpreter: ${join(environment, "bin/python3")} leads to /nowhere/python3.11, which does not exist`,
        remedy: `remove ${environment}, then create it again: npx snakepit setup`,
        fixable: false,
      }),
    ]);
    // What set-up would do is not tried, because it cannot succeed.
    expect(diagnosis.repairs).toEqual([]);
    for (const { remedy, fixable } of findings("bridge")) {
      expect({ remedy, fixable }).toEqual({
        remedy: `remove ${environment}, then create it again: npx snakepit setup`,
        fixable: false,
      });
    }
    rmSync(environment, { recursive: true });
    expect((await machine.doctor({ args: ["--fix"] })).findings("python")).toEqual([]);
  });

  test("of another version is replaced", async () => {
    const environment = join(machine.project, ".venv");
    createEnvironment(environment);
    await installOldBridge(environment, 99);
    const { status, findings } = await machine.doctor();
    expect(status).toBe(1);
    expect(findings("bridge")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: expect.stringMatching(/must be version \d+\.\d+\.\d+; got 0\.0\.1 \(protocol 99 instead of \d+\)$/),
        fixable: true,
      }),
    ]);
    expect(await machine.doctor({ args: ["--fix"] })).toMatchObject({ status: 0, found: [] });
    expect(await machine.doctor({ args: ["--fix"] })).toMatchObject({ found: [], diagnosis: { repairs: [] } });
  });

  test("that an interpreter of the system lacks is not installed there", async () => {
    const { findings } = await machine.doctor({ args: ["--python", "python3"] });
    expect(findings("bridge")).toEqual([
      expect.objectContaining({ fixable: false, remedy: expect.stringContaining('python: ".venv"') }),
    ]);
  });
});

describe("a target", () => {
  test("that does not import is reported with the place of the exception and the missing module", async () => {
    write(join(machine.project, "tools.py"), `import rates\n\n${GOOD_TOOLS}`);
    write(join(machine.project, "rates.py"), "import no_such_package_of_snakepit.inner\n");
    const args = [...withPython, "./tools.py"];
    const { status, findings } = await machine.doctor({ args });
    expect(status).toBe(1);
    const [finding] = findings("target");
    expect(finding?.problem).toBe(
      `./tools.py does not start: ModuleNotFoundError: No module named 'no_such_package_of_snakepit'\n${machine.project}/rates.py:1 in <module>: import no_such_package_of_snakepit.inner`,
    );
    expect(finding?.remedy).toMatch(/^install the package that contains no_such_package_of_snakepit \(npx snakepit/);
    expect(finding?.traceback).toContain("tools.py");
    write(join(machine.project, "rates.py"), "");
    expect(await machine.doctor({ args })).toMatchObject({ status: 0, found: [] });
  });
});

test("a signal ends doctor, the worker that it has started, and leaves no files behind", async () => {
  const mark = `doctor-test-${process.pid}-${Math.random()}`;
  write(join(machine.project, "slow.py"), "import time\n\ntime.sleep(600)\n");
  const [program = "", ...args] = snakepit("doctor", ...withPython, "--socket-directory", machine.sockets, "./slow.py");
  const state = { TMPDIR: machine.stateHome, XDG_STATE_HOME: machine.stateHome };
  const env = { ...process.env, ...state, DOCTOR_TEST: mark, PYTHONDONTWRITEBYTECODE: "" };
  const command = spawn(program, args, { cwd: machine.project, env, stdio: "ignore" });
  const closed = once(command, "close");
  const imports = () => existsSync(join(machine.project, "__pycache__"));
  await until("the zygote imports the target", imports);
  command.kill("SIGTERM");
  expect(await closed).toEqual([null, "SIGTERM"]);
  await until("the zygote has ended", () => processesWith("DOCTOR_TEST", mark).length === 0);
  expect([readdirSync(machine.stateHome), readdirSync(machine.sockets)]).toEqual([[], []]);
});

describe("the state directory", () => {
  test("with the mode of other directories is repaired, with its files", async () => {
    mkdirSync(machine.state);
    chmodSync(machine.state, 0o755);
    await (await openRegistry({ path: join(machine.state, "registry.db") })).close();
    chmodSync(join(machine.state, "registry.db"), 0o644);
    const draft = write(join(machine.state, "machine-id.4711.0123abcd"), "");
    utimesSync(draft, 1, 1);
    const { status, findings } = await machine.doctor({ args: withPython });
    // Warnings do not fail.
    expect(status).toBe(0);
    expect(findings("state").map(({ severity, remedy, fixable }) => ({ severity, remedy, fixable }))).toEqual([
      { severity: "warning", remedy: `chmod 700 ${machine.state}`, fixable: true },
      { severity: "warning", remedy: `chmod 600 ${machine.state}/registry.db`, fixable: true },
      { severity: "warning", remedy: `rm ${draft}`, fixable: true },
    ]);
    const { diagnosis, found } = await machine.doctor({ args: ["--fix", ...withPython] });
    expect(diagnosis.repairs.map(({ check, outcome }) => `${check} ${outcome.is}`)).toEqual(
      Array(3).fill("state repaired"),
    );
    expect(found).toEqual([]);
    expect(statSync(machine.state).mode & 0o777).toBe(0o700);
    expect(existsSync(draft)).toBe(false);
    expect((await machine.doctor({ args: withPython })).diagnosis.repairs).toEqual([]);
  });

  test("that its owner cannot write to is repaired", async () => {
    mkdirSync(machine.state);
    if (UNPRIVILEGED !== undefined) chownSync(machine.state, UNPRIVILEGED, UNPRIVILEGED);
    chmodSync(machine.state, 0o500);
    // Without Python, which this user cannot execute, and without which nothing is installed.
    const user = { env: { PATH: machine.sockets }, ...(UNPRIVILEGED !== undefined && { uid: UNPRIVILEGED }) };
    const { status, findings } = await machine.doctor({ ...user });
    expect(status).toBe(1);
    expect(findings("state")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: expect.stringContaining(`cannot write to the state directory ${machine.state} (mode 500`),
        remedy: `chmod 700 ${machine.state}`,
        fixable: true,
      }),
    ]);
    expect((await machine.doctor({ ...user, args: ["--fix"] })).findings("state")).toEqual([]);
    expect((await machine.doctor({ ...user })).findings("state")).toEqual([]);
  });

  test.skipIf(UNPRIVILEGED === undefined)(
    "of another user is reported with the command that changes its owner",
    async () => {
      mkdirSync(machine.state);
      const { status, findings } = await machine.doctor({ uid: UNPRIVILEGED ?? 0 });
      expect(status).toBe(1);
      expect(findings("state").map(({ remedy, fixable }) => ({ remedy, fixable }))).toEqual([
        { remedy: `sudo chown -R ${UNPRIVILEGED} ${machine.state}`, fixable: false },
        { remedy: expect.stringContaining(`sudo chown -R ${UNPRIVILEGED} ${machine.state}`), fixable: false },
      ]);
      chownSync(machine.state, UNPRIVILEGED ?? 0, UNPRIVILEGED ?? 0);
      chmodSync(machine.state, 0o700);
      expect((await machine.doctor({ uid: UNPRIVILEGED ?? 0 })).findings("state")).toEqual([]);
    },
  );

  test("below a link to a missing directory is reported with the link", async () => {
    const link = join(machine.project, "disk");
    symlinkSync("/nowhere/disk", link);
    const { status, findings } = await machine.doctor({ args: withPython, env: { XDG_STATE_HOME: link } });
    expect(status).toBe(1);
    expect(findings("state")).toEqual([
      expect.objectContaining({
        problem: `the state directory ${join(link, "snakepit")} cannot be created: ${link} is a link to /nowhere/disk, which cannot be accessed`,
      }),
    ]);
  });

  test("that is a file is reported", async () => {
    write(machine.state, "");
    expect((await machine.doctor({ args: withPython })).findings("state")[0]).toMatchObject({
      severity: "error",
      remedy: `move it away: mv ${machine.state} ${machine.state}.old`,
    });
  });
});

describe("the process registry", () => {
  test("of a server that cannot be reached is reported without the password", async () => {
    const url = "postgres://app:secret-password@127.0.0.1:1/app";
    const { status, diagnosis, findings } = await machine.doctor({
      args: [...withPython, "--registry", url, "--store", url],
    });
    expect(status).toBe(1);
    for (const check of ["registry", "store"]) {
      expect(findings(check)).toEqual([
        expect.objectContaining({ severity: "error", problem: expect.stringContaining("127.0.0.1"), fixable: false }),
      ]);
      expect(findings(check)[0]?.remedy).not.toBe("");
    }
    expect(JSON.stringify(diagnosis)).not.toContain("secret-password");
  });

  test.each([
    ["is not a SQLite database", (path: string) => write(path, "not a database".repeat(100), 0o600)],
    ["is corrupt", corrupt],
  ])("in a file that %s is moved away", async (problem, damage) => {
    mkdirSync(machine.state, { mode: 0o700 });
    const path = join(machine.state, "registry.db");
    await (await openRegistry({ path })).close();
    damage(path);
    const { status, findings } = await machine.doctor({ args: withPython });
    expect(status).toBe(1);
    expect(findings("registry")).toEqual([
      expect.objectContaining({ problem: expect.stringContaining(problem), fixable: true }),
    ]);
    const fixed = await machine.doctor({ args: ["--fix", ...withPython] });
    expect(fixed).toMatchObject({ status: 0, found: [] });
    expect(readdirSync(machine.state).filter((name) => name.startsWith("registry.db.corrupt-"))).not.toEqual([]);
    expect(await machine.doctor({ args: withPython })).toMatchObject({ status: 0, found: [] });
  });

  test("in a file that was named is not moved away, because it may be another file", async () => {
    const path = write(join(machine.project, "notes.txt"), "not a database".repeat(100));
    const { diagnosis, findings } = await machine.doctor({ args: [...withPython, "--fix", "--registry", path] });
    expect(findings("registry")[0]).toMatchObject({ fixable: false, remedy: expect.stringContaining("move it away") });
    expect(diagnosis.repairs).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  test("with the rows and processes of a killed host is swept", async () => {
    const path = join(machine.directory, "registry.db");
    const host = await spawnOwner({ path });
    process.kill(host.pid, "SIGKILL");
    await until("the host has ended", () => !isAlive(host.pid));
    const args = [...withPython, "--registry", path];
    const { status, findings } = await machine.doctor({ args });
    expect(status).toBe(0);
    expect(findings("leftovers")).toEqual([
      expect.objectContaining({
        severity: "warning",
        problem: expect.stringMatching(
          new RegExp(`^processes of dead hosts are running: .*${host.active[0]}.*pid ${host.pid}`),
        ),
        fixable: true,
      }),
    ]);
    expect(host.active.every(isAlive)).toBe(true);
    const fixed = await machine.doctor({ args: ["--fix", ...args] });
    expect(fixed).toMatchObject({ status: 0, found: [] });
    expect(host.active.filter(isAlive)).toEqual([]);
    // Nothing identifies the process of a reserved worker that has an empty environment.
    for (const pid of host.reserved.filter(isAlive)) process.kill(pid, "SIGKILL");
    const second = await machine.doctor({ args: ["--fix", ...args] });
    expect(second.diagnosis.repairs).toEqual([]);
  });
});

describe("sockets", () => {
  test("whose path is too long are reported with the length", async () => {
    const directory = join(machine.sockets, "d".repeat(100));
    mkdirSync(directory);
    const { status, findings } = await machine.doctor({ args: [...withPython, "--socket-directory", directory] });
    expect(status).toBe(1);
    expect(findings("sockets")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: expect.stringMatching(/the path of the socket must have at most \d+ bytes; got .* \(\d+ bytes\)/),
        remedy: expect.stringContaining("set socketDirectory to an existing directory with a short path"),
      }),
    ]);
  });

  test("of dead hosts are removed, and directories that others can enter get the mode 700", async () => {
    const ended = spawn("true");
    await once(ended, "close");
    const dead = join(machine.sockets, "snakepit-dead123");
    const running = join(machine.sockets, "snakepit-live123");
    const foreign = join(machine.sockets, "snakepit-other");
    for (const each of [dead, running, foreign]) mkdirSync(each, { mode: 0o700 });
    writeOwner(join(dead, "owner.json"), { ...currentOwner(), pid: ended.pid ?? 0 });
    write(join(dead, "worker.sock"), "");
    writeOwner(join(running, "owner.json"), currentOwner());
    chmodSync(running, 0o755);
    const { status, findings } = await machine.doctor({ args: withPython });
    expect(status).toBe(1);
    expect(findings("sockets").map(({ severity, remedy, fixable }) => ({ severity, remedy, fixable }))).toEqual([
      { severity: "error", remedy: `chmod 700 ${running}`, fixable: true },
      { severity: "warning", remedy: `start a host, or: rm -r ${dead}`, fixable: true },
    ]);
    expect(await machine.doctor({ args: ["--fix", ...withPython] })).toMatchObject({ status: 0, found: [] });
    expect(readdirSync(machine.sockets).toSorted()).toEqual(["snakepit-live123", "snakepit-other"]);
    expect((await machine.doctor({ args: ["--fix", ...withPython] })).diagnosis.repairs).toEqual([]);
  });
});

describe.skipIf(!IS_LINUX)("the limit", () => {
  test("of open files is an error for the given number of workers", async () => {
    const prefix = ["prlimit", "--nofile=100:100"];
    const { status, findings } = await machine.doctor({ prefix, args: [...withPython, "--pool-size", "64"] });
    expect(status).toBe(1);
    expect(findings("files")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: "the limit of open files, 100, allows about 12 workers; 64 need 256",
        remedy: expect.stringContaining("ulimit -n 256"),
      }),
    ]);
    // The remedy suffices.
    const raised = await machine.doctor({
      prefix: ["prlimit", "--nofile=256:256"],
      args: [...withPython, "--pool-size", "64"],
    });
    expect(raised.findings("files")).toEqual([]);
  });

  test("of open files is a warning for 250 workers, which no one asked for", async () => {
    const prefix = ["prlimit", "--nofile=600:600"];
    const { status, findings } = await machine.doctor({ prefix, args: withPython });
    expect(status).toBe(0);
    expect(findings("files")).toEqual([expect.objectContaining({ severity: "warning" })]);
  });

  test("of processes is reported with the processes in use", async () => {
    const uid = UNPRIVILEGED ?? process.getuid?.() ?? 0;
    // Other tests start and end processes of this user meanwhile: doctor needs few of the 200, and the workers 416.
    const limit = threadsOf(uid) + 200;
    const { status, findings } = await machine.doctor({
      prefix: ["prlimit", `--nproc=${limit}:${limit}`],
      args: ["--pool-size", "200"],
      ...(UNPRIVILEGED !== undefined && { uid: UNPRIVILEGED }),
    });
    expect(status).toBe(1);
    expect(findings("processes")).toEqual([
      expect.objectContaining({
        severity: "error",
        problem: expect.stringMatching(new RegExp(`processes and threads of this user, ${limit} .* with \\d+ in use`)),
        remedy: expect.stringMatching(/^ulimit -u \d+/),
      }),
    ]);
  });
});

test("the report for a person names the problem, the reason and the fix, and what was repaired", async () => {
  mkdirSync(machine.state);
  chmodSync(machine.state, 0o755);
  const before = await machine.text(withPython);
  expect(before).toMatch(
    /! State directory .*\n {4}warning: the state directory [\s\S]*mode 700; got 755\n {4}Why: .*\n {4}Fix: chmod 700 [\s\S]*\(doctor --fix\s+does\s+this\)/,
  );
  expect(before).toMatch(/\n0 errors, 1 warning\. `snakepit doctor --fix` repairs 1 of them\.\n$/);
  const fixed = await machine.text(["--fix", ...withPython]);
  expect(fixed).toMatch(/^fixed {4}set the mode of /);
  expect(fixed).toMatch(/\nNothing is wrong\.\n$/);
});

/** Overwrites a page in the middle of the file, which opening the database does not read. */
function corrupt(path: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 2 * 4096);
  closeSync(file);
}

/** The number of threads of a user. */
function threadsOf(uid: number): number {
  const tasks = (pid: string) => {
    try {
      return statSync(`/proc/${pid}`).uid === uid ? readdirSync(`/proc/${pid}/task`).length : 0;
    } catch {
      // It has ended.
      return 0;
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .reduce((total, pid) => total + tasks(pid), 0);
}
