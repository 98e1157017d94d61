import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { HostEventItem, HostInspection, HostWorker, WorkerStacks } from "@snakepit/core";
import { currentOwner, OWNER_FILE, writeOwner } from "@snakepit/core/unix-sockets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findControlSockets } from "../../control/socket/control-address.ts";
import { ControlClient } from "../../control/socket/control-client.ts";
import { type CommandResult, ObservedHost, snakepit } from "../../testing/observed-host.ts";
import { isAlive, until } from "../../testing/processes.ts";
import { runEvents } from "./run-events.ts";

const BIN = fileURLToPath(new URL("../bin.ts", import.meta.url));
const TOOLS = fileURLToPath(new URL("../../testing/control_tools.py", import.meta.url));
const UNPRIVILEGED_UID = 65_534;
/** Runs a program in a terminal, presses q when it has displayed how to quit, and prints what it has displayed. */
const IN_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
displayed = b""
try:
    while b"q: quit" not in displayed:
        displayed += os.read(terminal, 65536)
    os.write(terminal, b"q")
    while data := os.read(terminal, 65536):
        displayed += data
except OSError:
    pass  # the end of a terminal on Linux
sys.stdout.buffer.write(displayed)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Returns the number of sockets with this path: the one that listens, and one for each connection. */
function socketsNamed(path: string): number {
  return readFileSync("/proc/net/unix", "utf8").split(path).length - 1;
}

/** Runs `snakepit ps` for all hosts when none of them is stopped, as other tests do with theirs. */
async function psOfResponsive(...args: string[]): Promise<CommandResult> {
  let listed: CommandResult | undefined;
  await until("all hosts respond", async () => {
    listed = await snakepit("ps", ...args);
    return !listed.stdout.includes("did not respond");
  });
  return listed as CommandResult;
}

test("ps lists only the hosts that have the pool", async () => {
  await using host = await ObservedHost.start({ size: 1 });
  await using other = await ObservedHost.start({ size: 1, pool: "other" });
  const listed = await psOfResponsive("--pool", "other");
  expect(listed).toMatchObject({ status: 0, stderr: "" });
  expect(listed.stdout).toMatch(new RegExp(`${other.runId} +${other.pid} `));
  expect(listed.stdout).not.toContain(host.runId);
  expect(await psOfResponsive("--pool", "mll")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: 'snakepit: no running host has the pool "mll"; snakepit ps lists hosts and workers\n',
  });
});

describe("a host in another process", () => {
  let host: ObservedHost;
  beforeAll(async () => {
    host = await ObservedHost.start();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  /** Makes the host call a tool that waits for a file; resolves with its worker when the tool waits. */
  async function held(name: string): Promise<{ readonly worker: HostWorker; readonly release: () => Promise<void> }> {
    const file = join(host.directory, name);
    host.call({ tool: "hold", args: { path: file }, sessionId: "observed" });
    let worker: HostWorker | undefined;
    await until("the tool is called", async () => {
      const workers = JSON.parse((await host.command("top", "--json")).stdout).workers as HostWorker[];
      worker = workers.find(({ calls }) => calls.some(({ tool }) => tool === "hold"));
      // The worker may still be sending its last answer.
      return worker !== undefined && existsSync(`${file}.begun`);
    });
    return {
      worker: worker as HostWorker,
      release: async () => {
        writeFileSync(file, "");
        expect(await host.outcome()).toEqual({ value: "released" });
      },
    };
  }

  /** Replaces a worker, which causes several events. */
  async function recycleOne(): Promise<void> {
    const { workers } = JSON.parse((await host.command("top", "--json")).stdout) as { workers: HostWorker[] };
    await host.command("recycle", workers[0]?.id ?? "");
  }

  test("is listed by ps with its workers and their current calls", async () => {
    const { worker, release } = await held("ps");
    const { status, stdout } = await host.command("ps");
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`${host.runId} +${host.pid} .* node .*\\.ts`));
    expect(stdout).toMatch(new RegExp(`${worker.id} +${worker.pid} +busy +1/1 .*hold for .* in session observed`));
    const listed = JSON.parse((await host.command("ps", "--json")).stdout);
    expect(listed).toMatchObject([{ runId: host.runId, pid: host.pid, workers: [{}, {}] }]);
    await release();
  });

  test("is shown by inspect as a table and as JSON", async () => {
    const table = await host.command("inspect", "--detailed");
    expect(table).toMatchObject({ status: 0, stderr: "" });
    expect(table.stdout).toContain(`Host ${host.runId} (pid ${host.pid})`);
    expect(table.stdout).toMatch(/^Pool default: ready, python .* \((cpython|pypy) 3\.\d+\.\d+.*\)$/m);
    expect(table.stdout).toMatch(/Workers {6}2 of 2; /);
    const runtime = {
      implementation: expect.any(String),
      version: expect.any(String),
      freeThreaded: expect.any(Boolean),
    };
    expect(table.stdout).toMatch(/\n {2}WORKER .*\n {2}default-\d+ .*\n {2}default-\d+ /);
    const json = await host.command("inspect", "--format", "json", "--pool", "default", "--threshold", "0.5");
    expect(JSON.parse(json.stdout)).toMatchObject({
      host: { runId: host.runId },
      totals: { workers: 2, capacity: { total: 2 } },
      pools: [
        { name: "default", state: "ready", saturation: { threshold: 0.5 }, worker: { language: "python", runtime } },
      ],
    } satisfies Partial<Record<keyof HostInspection, unknown>>);
    const recommendations = await host.command("inspect", "--recommendations", "--json");
    expect(JSON.parse(recommendations.stdout)).toEqual(expect.any(Array));
  });

  test("is printed once by top if the output is not a terminal", async () => {
    const { status, stdout } = await host.command("top");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Host .*\nMachine: .*\n\nPOOL +STATE [\s\S]*\ndefault +ready [\s\S]*\nWORKER +PID /);
  });

  test("is watched by top in a terminal until q is pressed", async () => {
    const args = ["--conditions=source", BIN, "top", "--host", String(host.pid), "--interval", "100ms"];
    const terminal = spawn("python3", ["-c", IN_TERMINAL, process.execPath, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [displayed, [status]] = await Promise.all([text(terminal.stdout), once(terminal, "exit")]);
    expect(status).toBe(0);
    expect(displayed).toContain("\u001b[?1049h");
    expect(displayed).toContain(`Host ${host.runId} (pid ${host.pid})`);
    expect(displayed.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  });

  test("shows where a worker is, which continues", async () => {
    const { worker, release } = await held("stacks");
    const { status, stdout } = await host.command("stacks", worker.id);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Worker .* of pool default\nCall hold for /);
    expect(stdout).toMatch(/control_tools\.py", line \d+, in hold\n {4}wait_for\(path\)\n/);
    const byPid = JSON.parse((await host.command("stacks", String(worker.pid), "--json")).stdout) as WorkerStacks;
    expect(byPid).toMatchObject({ workerId: worker.id, source: "interpreter", calls: [{ tool: "hold" }] });
    await release();
  });

  test("prints its events as they happen", async () => {
    const args = ["--conditions=source", BIN, "events", "--host", host.runId, "--filter", "worker.*", "--json"];
    const events = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const lines: HostEventItem[] = [];
    let rest = "";
    events.stdout.setEncoding("utf8").on("data", (piece: string) => {
      const complete = (rest + piece).split("\n");
      rest = complete.pop() ?? "";
      lines.push(...complete.map((line) => JSON.parse(line) as HostEventItem));
    });
    // The command may not have subscribed yet.
    await until("an event is printed", async () => {
      await recycleOne();
      return lines.some((item) => item.is === "event" && item.name === "worker.recycled");
    });
    expect(lines.every((item) => item.is === "event" && item.name.startsWith("worker."))).toBe(true);
    events.kill("SIGINT");
    expect(await once(events, "exit")).toEqual([null, "SIGINT"]);
  });

  test("is not asked for more events while the reader is slower", async () => {
    const written: string[] = [];
    const reads: (() => void)[] = [];
    // Each write waits until the test has read it.
    const stdout = new Writable({
      highWaterMark: 1,
      decodeStrings: false,
      write(line: string, _, done) {
        written.push(line);
        reads.push(done);
      },
    });
    const abort = new AbortController();
    const running = runEvents({
      values: { host: String(host.pid), json: true, filter: ["worker.*"], count: 2 },
      positionals: [],
      terminal: { stdout, stderr: { write: () => {} } },
      commands: [],
      signal: abort.signal,
    });
    await until("several events have happened", async () => {
      await recycleOne();
      return written.length > 0;
    });
    expect({ lines: written.length, waiting: stdout.writableLength }).toEqual({
      lines: 1,
      waiting: written[0]?.length,
    });
    reads[0]?.();
    await until("the next event is written", async () => {
      // The first one may have been the last one of a replacement.
      if (written.length < 2) await recycleOne();
      return written.length === 2;
    });
    reads[1]?.();
    expect(await running).toBe(0);
  });

  test("reports errors as JSON also with --format json", async () => {
    const { status, stdout } = await host.command("inspect", "--format", "json", "--pool", "mll");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "UNKNOWN_POOL" } });
    const misused = await host.command("inspect", "--format=json", "--threshold", "2");
    expect(misused.status).toBe(2);
    expect(JSON.parse(misused.stdout)).toMatchObject({ error: { code: "INVALID_ARGUMENT" } });
  });

  test.runIf(process.platform === "linux")("that does not respond does not keep ps from its signal", async () => {
    process.kill(host.pid, "SIGSTOP");
    try {
      const args = ["--conditions=source", BIN, "ps", "--host", String(host.pid)];
      const ps = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      const [stdout, stderr] = [text(ps.stdout), text(ps.stderr)];
      await until("ps is connected to the host", () => socketsNamed(`snakepit-${host.runId}-control`) > 1);
      ps.kill("SIGTERM");
      expect(await once(ps, "exit")).toEqual([null, "SIGTERM"]);
      expect([await stdout, await stderr]).toEqual(["", ""]);
    } finally {
      process.kill(host.pid, "SIGCONT");
    }
  });

  test("replaces a worker", async () => {
    const before = JSON.parse((await host.command("top", "--json")).stdout).workers as HostWorker[];
    const { status, stdout, stderr } = await host.command("recycle", before[0]?.id ?? "", "--json", "--grace", "30s");
    // Progress is shown in terminals only.
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { replacementId } = JSON.parse(stdout);
    const after = JSON.parse((await host.command("top", "--json")).stdout).workers as HostWorker[];
    expect(after.map(({ id }) => id)).toContain(replacementId);
    expect(isAlive(before[0]?.pid ?? 0)).toBe(false);
  });

  test("has sessions that can be read without use", async () => {
    const address = findControlSockets().find(({ pid }) => pid === host.pid);
    using client = await ControlClient.connect(address as NonNullable<typeof address>);
    const [listed] = await client.sessions();
    expect(listed).toMatchObject({ id: "observed", metadata: { plan: "pro" } });
    const session = await client.session("observed");
    expect(session.variables).toEqual([
      expect.objectContaining({ name: "api_token", preview: "***" }),
      expect.objectContaining({ name: "temperature", type: "float", preview: "0.5", updatedBy: "host" }),
    ]);
    expect((await client.session("observed")).usedAt).toBe(session.usedAt);
    await expect(client.session("unknown")).rejects.toMatchObject({ code: "UNKNOWN_SESSION" });
    expect(await client.configuration()).toMatchObject({ controlSocket: true, pools: { default: { size: 2 } } });
    expect(await client.tools()).toMatchObject({
      default: expect.arrayContaining([expect.objectContaining({ name: "pid" })]),
    });
    const debug = await client.debug();
    expect(debug.pools["default"]?.slots).toHaveLength(2);
    expect(debug.processes.map(({ role }) => role)).toContain("zygote");
    await client.resize("default", 2);
    const workers = await client.workers();
    await client.drain(workers[0]?.id ?? "");
    await until("another worker has started", async () => {
      const present = await client.workers();
      return present.length === 2 && present.every(({ id }) => id !== workers[0]?.id);
    });
  });

  test.runIf(process.getuid?.() === 0)("is refused to another user", () => {
    const address = findControlSockets().find(({ pid }) => pid === host.pid);
    const program = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])";
    const { stderr, status } = spawnSync("python3", ["-c", program, address?.path ?? ""], {
      uid: UNPRIVILEGED_UID,
      gid: UNPRIVILEGED_UID,
      cwd: "/",
      encoding: "utf8",
    });
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("PermissionError") });
  });

  test.each([
    [["recycle"], 2, /missing argument WORKER/],
    [["recycle", "missing-1"], 1, /no running host has the worker "missing-1"; snakepit ps lists them/],
    [
      ["stacks", "missing-1", "--timeout", "soon"],
      2,
      /--timeout must be a duration greater than 0 and up to 24d with a unit, such as 500ms, 30s or 2m; got "soon"/,
    ],
    [["top", "--interval", "5"], 2, /--interval must be a duration greater than 0 and up to 24d with a unit/],
    [["inspect", "--pool", "mll"], 1, /unknown pool "mll"; available pools: default/],
    [["inspect", "--threshold", "2"], 2, /--threshold must be a number above 0 and up to 1; got "2"/],
    [["inspect", "--format", "xml"], 2, /--format must be table or json; got "xml"/],
    [
      ["events", "--filter", "wroker.*"],
      1,
      /no event has the name "wroker\.\*"; did you mean "worker\.\*"\? the events/,
    ],
    [["events", "--filter", "nothing.*"], 1, /no event has the name "nothing\.\*"/],
    [["events", "--count", "0"], 2, /--count must be an integer from 1 to 1000000; got "0"/],
    [["events", "--pool", "mll"], 1, /unknown pool "mll"; available pools: default/],
    [["reload", "ml", "more"], 2, /unexpected argument "more"/],
  ])("rejects %j with status %i", async (args, status, message) => {
    const result = await host.command(...args);
    expect(result).toMatchObject({ status, stdout: "", stderr: expect.stringMatching(message) });
  });
});

test("reload makes the workers run the present code; code that does not load changes nothing", async () => {
  await using host = await ObservedHost.start();
  const target = join(host.directory, "tools.py");
  cpSync(TOOLS, target);
  await using edited = await ObservedHost.start({ target, size: 1 });
  expect(await edited.command("reload", "--json")).toMatchObject({
    status: 0,
    stdout: '{"pool":"default","workers":1}\n',
    stderr: "",
  });
  writeFileSync(target, "def (");
  const failed = await edited.command("reload", "default");
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("syntax error in") });
  const several = await snakepit("reload");
  expect(several.status).toBe(1);
  expect(several.stderr).toContain("several hosts are running; choose one with --host: ");
  for (const { runId, pid } of [host, edited]) expect(several.stderr).toContain(`${runId} (pid ${pid})`);
});

test("a host that was killed in another container is not running", async () => {
  await using host = await ObservedHost.start({ size: 1 });
  const address = findControlSockets().find(({ pid }) => pid === host.pid);
  const directory = join(dirname(dirname(address?.path ?? "")), "snakepit-0killed-control");
  mkdirSync(directory, { mode: 0o700 });
  try {
    writeOwner(join(directory, OWNER_FILE), { ...currentOwner(), pid: 1_275, pidSpace: "another container" });
    const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
    expect(spawnSync("python3", ["-c", bind, join(directory, "control.sock")]).status).toBe(0);
    expect(findControlSockets().map(({ runId }) => runId)).toContain("0killed");
    const listed = await snakepit("ps");
    expect(listed.stdout).toContain(host.runId);
    expect(listed.stdout).not.toContain("0killed");
    // Hosts of other tests may be running.
    expect((await snakepit("inspect")).stderr).not.toContain("0killed");
    expect((await snakepit("stacks", "missing-1")).stderr).not.toContain("0killed");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a host that closes while it is asked is not listed", async () => {
  await using host = await ObservedHost.start({ size: 1 });
  const address = findControlSockets().find(({ pid }) => pid === host.pid);
  const directory = join(dirname(dirname(address?.path ?? "")), "snakepit-0closing-control");
  mkdirSync(directory, { mode: 0o700 });
  const closing = "import socket, sys; s = socket.create_server(sys.argv[1], family=socket.AF_UNIX); print(flush=True)";
  const answering = `${closing}; connection, _ = s.accept(); s.close(); connection.close()`;
  const server = spawn("python3", ["-c", answering, join(directory, "control.sock")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(server, "exit");
  try {
    await once(server.stdout, "data");
    writeOwner(join(directory, OWNER_FILE), currentOwner());
    const { stdout } = await snakepit("ps");
    await closed;
    expect(stdout).toContain(host.runId);
    expect(stdout).not.toContain("0closing");
  } finally {
    server.kill();
    rmSync(directory, { recursive: true });
  }
});

test("a worker is found in any host", async () => {
  await using first = await ObservedHost.start({ size: 1 });
  await using second = await ObservedHost.start({ size: 1 });
  for (const { workers } of [first, second]) {
    const { status, stdout } = await snakepit("stacks", String(workers[0]?.pid));
    expect(status).toBe(0);
    expect(stdout).toContain(`(pid ${workers[0]?.pid})`);
    expect(stdout).toMatch(/Thread MainThread \(main\)\n {2}waits for a call\n$/);
    const internal = await snakepit("stacks", String(workers[0]?.pid), "--internal");
    expect(internal.stdout).toContain("snakepit_bridge");
  }
});

test("a control socket whose directory was replaced by a file is ignored", async () => {
  const base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  const directory = join(base, "s/snakepit-0replaced-control");
  mkdirSync(directory, { recursive: true });
  const server = createServer().listen(join(directory, "control.sock"));
  try {
    await once(server, "listening");
    rmSync(join(base, "s"), { recursive: true });
    writeFileSync(join(base, "s"), "");
    expect(findControlSockets().map(({ runId }) => runId)).not.toContain("0replaced");
  } finally {
    server.close();
    rmSync(base, { recursive: true });
  }
});

test("a host is found in its own socketDirectory, and its socket is removed when it closes", async () => {
  await using outer = await ObservedHost.start({ size: 1 });
  const host = await ObservedHost.start({ size: 1, socketDirectory: outer.directory });
  const address = findControlSockets().find(({ pid }) => pid === host.pid);
  expect(dirname(dirname(address?.path ?? ""))).toBe(outer.directory);
  expect((await host.command("ps")).status).toBe(0);
  await host[Symbol.asyncDispose]();
  expect(existsSync(dirname(address?.path ?? ""))).toBe(false);
  const unknown = await host.command("ps");
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining(`ID ${host.pid} is running`) });
});

test("the socket of a killed host is ignored, and removed by the next host", async () => {
  await using outer = await ObservedHost.start({ size: 1 });
  await using killed = await ObservedHost.start({ size: 1, socketDirectory: outer.directory });
  const leftover = `snakepit-${killed.runId}-control`;
  await killed.kill();
  expect(readdirSync(outer.directory)).toContain(leftover);
  expect(findControlSockets().filter(({ pid }) => pid === killed.pid)).toEqual([]);
  await using next = await ObservedHost.start({ size: 1, socketDirectory: outer.directory });
  expect(next.pid).not.toBe(killed.pid);
  expect(readdirSync(outer.directory)).not.toContain(leftover);
});

test("orphans lists and ends what a killed host has left", async () => {
  await using host = await ObservedHost.start({ size: 1 });
  const nothing = await snakepit("orphans", "--registry", host.registry);
  expect(nothing).toMatchObject({ status: 0, stdout: "No process of a dead host is running.\n" });
  const missing = await snakepit("orphans", "--registry", "/nowhere/registry.db");
  expect(missing).toMatchObject({
    ...{ status: 2, stdout: "" },
    stderr: expect.stringContaining("--registry /nowhere/registry.db does not exist; pass the file"),
  });
  // With the run ID in its environment, and without a host: what a tool has started.
  const orphan = spawn("sleep", ["600"], {
    env: { ...process.env, SNAKEPIT_RUN_ID: host.runId },
    detached: true,
    stdio: "ignore",
  });
  const ended = once(orphan, "exit");
  await host.kill();
  await until("the workers have ended", () => host.workers.every(({ pid }) => !isAlive(pid)));
  const listed = await snakepit("orphans", "--registry", host.registry);
  expect(listed).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(new RegExp(`${orphan.pid}  ${host.runId}`)),
  });
  const killed = await snakepit("orphans", "--registry", host.registry, "--kill", "--json");
  expect(JSON.parse(killed.stdout)).toMatchObject({
    killed: expect.arrayContaining([expect.objectContaining({ pid: orphan.pid })]),
    left: [],
  });
  expect(killed.status).toBe(0);
  await ended;
});

test("a command that prints events ends with the host", async () => {
  const host = await ObservedHost.start({ size: 1 });
  const args = ["--conditions=source", BIN, "events", "--follow", "--host", String(host.pid)];
  const events = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(events, "close");
  let printed = "";
  events.stdout.setEncoding("utf8").on("data", (piece: string) => {
    printed += piece;
  });
  // The command may not have subscribed yet.
  await until("an event is printed", async () => {
    const { workers } = JSON.parse((await host.command("top", "--json")).stdout) as { workers: HostWorker[] };
    await host.command("recycle", workers[0]?.id ?? "");
    return printed.includes("worker.recycled pool=default");
  });
  await host[Symbol.asyncDispose]();
  expect(await closed).toEqual([0, null]);
  expect(printed).toMatch(/worker\.exited .*\n/);
});
