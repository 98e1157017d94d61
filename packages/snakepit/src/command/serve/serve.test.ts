import { copyFileSync, existsSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { BridgeServiceClient, HealthClient } from "@snakepit/gateway/grpc";
import { json } from "@snakepit/gateway/testing/client-messages";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandProject, type RunningCommand } from "../../testing/command-project.ts";
import { processesWith, until } from "../../testing/processes.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const SERVING = 1;
const NOT_SERVING = 2;

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
  copyFileSync(join(import.meta.dirname, "../../testing/command_tools.py"), project.path("tools.py"));
  project.write("package.json", '{"type": "module"}');
});

afterEach(() => project[Symbol.asyncDispose]());

interface ReadyRecord {
  readonly state: string;
  readonly pid: number;
  readonly runId: string;
  readonly gateway: readonly string[];
  readonly dashboard?: string;
  readonly pools: Readonly<Record<string, { readonly size: number; readonly tools: number }>>;
}

/** Starts the command with `--json`; resolves when it is ready. */
async function serve(...args: string[]): Promise<{ readonly command: RunningCommand; readonly ready: ReadyRecord }> {
  const command = project.start(["serve", "--json", ...args]);
  await command.displays('"state":"ready"');
  const line = command.output.split("\n").find((each) => each.startsWith("{")) ?? "";
  return { command, ready: JSON.parse(line) as ReadyRecord };
}

function states(stdout: string): readonly string[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { state: string }).state);
}

/** A gRPC client of a served host. */
class Client {
  readonly #bridge: BridgeServiceClient;
  readonly #health: HealthClient;
  readonly #metadata = new Metadata();

  constructor(address = "", token?: string) {
    this.#bridge = new BridgeServiceClient(address, credentials.createInsecure());
    this.#health = new HealthClient(address, credentials.createInsecure());
    if (token !== undefined) this.#metadata.set("authorization", `Bearer ${token}`);
  }

  execute(tool: string, args: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = { tool, args: json(args), pool: "", attachments: [], metadata: {} };
      this.#bridge.executeTool(request, this.#metadata, (error, response) => {
        if (error !== null) reject(error);
        else resolve(JSON.parse(Buffer.from(response.value?.body ?? []).toString()));
      });
    });
  }

  health(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#health.check({ service: "" }, (error, response) =>
        error === null ? resolve(response.status) : reject(error),
      );
    });
  }

  [Symbol.dispose](): void {
    this.#bridge.close();
    this.#health.close();
  }
}

describe("snakepit serve", () => {
  test("serves the host of a configuration until SIGTERM, and exits with 0", async () => {
    project.writeConfig(
      'defineConfig({ worker: python("./tools.py"), size: 2, serve: { gateway: { socketPath: "./tools.sock" } } })',
    );
    const { command, ready } = await serve();
    expect(ready).toMatchObject({
      pid: command.child.pid,
      gateway: [`unix:${project.path("tools.sock")}`],
      pools: { default: { size: 2, tools: 8 } },
    });
    using client = new Client(ready.gateway[0]);
    await until("the host is ready", async () => (await client.health()) === SERVING);
    expect(await client.execute("add", { a: 2, b: 40 })).toBe(42);
    expect(processesWith("SNAKEPIT_RUN_ID", ready.runId)).not.toEqual([]);
    command.child.kill("SIGTERM");
    const ended = await command.ended;
    expect(ended).toMatchObject({ status: 0, signal: null, stderr: "" });
    expect(states(ended.stdout)).toEqual(["ready", "draining", "stopped"]);
    expect(existsSync(project.path("tools.sock"))).toBe(false);
    expect(processesWith("SNAKEPIT_RUN_ID", ready.runId)).toEqual([]);
  });

  test("serves the dashboard, its probes and the metrics, also without a gateway", async () => {
    project.writeConfig(
      `defineConfig({ worker: python("./tools.py"), size: 1, serve: { dashboard: { token: "${TOKEN}" } } })`,
    );
    const { command, ready } = await serve();
    const url = ready.dashboard ?? "";
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(ready.gateway).toEqual([]);
    expect((await fetch(new URL("readyz", url))).status).toBe(200);
    expect((await fetch(new URL("metrics", url))).status).toBe(401);
    const metrics = await fetch(new URL("metrics", url), { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toContain("snakepit_pool_workers");
    expect(await (await fetch(url)).text()).toContain("<title>Snakepit");
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("opens the dashboard of a Python file, and prints its URL with the token", async () => {
    const { command, ready } = await serve("--worker", "./tools.py", "--dashboard-port", "0");
    const [, origin = "", token = ""] = /^(http:\/\/127\.0\.0\.1:\d+)\/#token=(.+)$/.exec(ready.dashboard ?? "") ?? [];
    const response = await fetch(`${origin}/api/host`, { headers: { authorization: `Bearer ${token}` } });
    expect(await response.json()).toMatchObject({ runId: ready.runId });
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("lets active calls end after a signal", async () => {
    const { command, ready } = await serve("--worker", "./tools.py", "--socket", "tools.sock", "--grace", "10m");
    using client = new Client(ready.gateway[0]);
    await until("the host is ready", async () => (await client.health()) === SERVING);
    project.write("hold", "");
    const call = client.execute("wait_while_exists", { path: project.path("hold") });
    await command.displays("waiting");
    command.child.kill("SIGINT");
    await command.displays('"state":"draining"');
    expect(command.output).toContain('"active":1');
    rmSync(project.path("hold"));
    expect(await call).toBe("ended");
    expect(await command.ended).toMatchObject({ status: 0, signal: null });
  });

  test("reports NOT_SERVING and accepts calls during the drain delay", async () => {
    project.writeConfig(
      'defineConfig({ worker: python("./tools.py"), size: 1, serve: { gateway: { socketPath: "./tools.sock" } }, health: { drainDelayMs: "1h" } })',
    );
    const { command, ready } = await serve();
    using client = new Client(ready.gateway[0]);
    command.child.kill("SIGTERM");
    await command.displays('"state":"draining"');
    expect(await client.health()).toBe(NOT_SERVING);
    expect(await client.execute("add", { a: 2, b: 40 })).toBe(42);
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 128 + constants.signals.SIGTERM });
  });

  test("cancels active calls at the end of the grace period", async () => {
    const { command, ready } = await serve("--worker", "./tools.py", "--socket", "tools.sock", "--grace", "100ms");
    using client = new Client(ready.gateway[0]);
    const failure = client.execute("wait", { seconds: 600 }).catch((error: ServiceError) => error);
    await command.displays("waiting");
    command.child.kill("SIGTERM");
    expect(await failure).toMatchObject({ code: expect.any(Number) });
    expect(await command.ended).toMatchObject({ status: 0, signal: null });
  });

  test("a second signal ends it immediately", async () => {
    const { command, ready } = await serve("--worker", "./tools.py", "--socket", "tools.sock", "--grace", "10m");
    using client = new Client(ready.gateway[0]);
    const failure = client.execute("wait", { seconds: 600 }).catch((error: ServiceError) => error);
    await command.displays("waiting");
    command.child.kill("SIGTERM");
    await command.displays('"state":"draining"');
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 128 + constants.signals.SIGTERM });
    expect(await failure).toMatchObject({ code: expect.any(Number) });
    await until("the workers have ended", () => processesWith("SNAKEPIT_RUN_ID", ready.runId).length === 0);
  });

  test("a signal during the start ends it by that signal, without processes", async () => {
    project.write("slow.py", 'print("importing", flush=True)\nimport time\ntime.sleep(600)\n');
    const command = project.start(["serve", "--worker", "./slow.py", "--socket", "tools.sock"]);
    await command.displays("importing");
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: null, signal: "SIGTERM" });
    expect(processesWith("XDG_STATE_HOME", project.path("state"))).toEqual([]);
  });

  test("listens on a port with the token of a file", async () => {
    project.write("token", `${TOKEN}\n`);
    const { command, ready } = await serve("--worker", "./tools.py", "--port", "0", "--token-file", "token");
    expect(ready.gateway[0]).toMatch(/^127\.0\.0\.1:\d+$/);
    using client = new Client(ready.gateway[0], TOKEN);
    expect(await client.execute("add", { a: 2, b: 40 })).toBe(42);
    using tokenless = new Client(ready.gateway[0]);
    await expect(tokenless.execute("add", { a: 2, b: 40 })).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    command.child.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ status: 0 });
    expect(command.output).not.toContain(TOKEN);
  });

  test("reports its states as sentences on stderr without --json", async () => {
    const args = ["serve", "--worker", "./tools.py", "--socket", "tools.sock", "--dashboard-port", "0"];
    const command = project.start(args);
    await command.displays("serving default (8 tools, ");
    command.child.kill("SIGTERM");
    const ended = await command.ended;
    expect(ended).toMatchObject({ status: 0, stdout: "" });
    // The URL is copied with all that follows it up to the next space.
    expect(ended.stderr).toMatch(/ as process \d+ on \S+tools\.sock and http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+\n/);
    expect(ended.stderr).toContain("SIGTERM: no active calls");
  });

  test("exits with 1 and the traceback if Python cannot start", async () => {
    project.write("broken.py", "raise ValueError('no model')\n");
    const ended = await project.run(["serve", "--worker", "./broken.py", "--socket", "tools.sock"]);
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^Traceback [\s\S]*ValueError: no model\n\nsnakepit: .*\(WORKER_START_FAILED\)\n$/);
  });

  test.each([
    ["an invalid address in the configuration", "serve: { gateway: { port: 0, token: 'short' } }", "serve.gateway in "],
    ["an unknown option", "serve: { gatway: {} }", "serve.gatway is not an option; did you mean `gateway`?"],
  ])("rejects %s with exit code 1", async (_, option, message) => {
    project.writeConfig(`defineConfig({ worker: python("./tools.py"), size: 1, ${option} })`);
    const ended = await project.run(["serve"]);
    expect(ended).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(message) });
    expect(ended.stderr).toContain("snakepit.config.ts");
  });

  test.each([
    ["a host without an address", ["--worker", "./tools.py"], "nothing to serve; pass --socket PATH"],
    [
      "a file without a token",
      ["--worker", "./tools.py", "--socket", "./x.sock", "--token-file", "tools.py"],
      "--token-file tools.py must contain a token of at least 32 printable ASCII characters",
    ],
    ["a port without a token", ["--worker", "./tools.py", "--port", "0"], "--port requires --token-file"],
    ["two addresses", ["--socket", "a.sock", "--port", "0", "--worker", "./tools.py"], "cannot be combined"],
    ["a token without an address", ["--worker", "./tools.py", "--token-file", "token"], "requires --port or --socket"],
    ["a missing token file", ["--worker", "./tools.py", "--port", "0", "--token-file", "no"], "cannot be read"],
  ])("rejects %s with exit code 2", async (_, args, message) => {
    const ended = await project.run(["serve", ...args]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(message) });
  });
});
