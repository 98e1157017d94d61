import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmInstall, userEnvironment } from "./consumer-project.ts";
import { type PackedPackage, packPackages } from "./pack-packages.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

// The packed command creates projects outside of the workspace, which install the packed packages.
describe("the projects of snakepit new", () => {
  let place: string;
  let env: NodeJS.ProcessEnv;
  let packed: readonly PackedPackage[];

  beforeAll(async () => {
    place = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-new-")));
    // Another environment is active, which has no pytest and no bridge.
    const active = join(place, "active");
    await run("python3", ["-m", "venv", "--without-pip", active], { env: userEnvironment(place) });
    env = { ...userEnvironment(join(place, "state")), VIRTUAL_ENV: active };
    mkdirSync(join(place, "tarballs"));
    packed = await packPackages(join(place, "tarballs"));
    // The command, and the packages of projects that are created below and do not install their own.
    const devDependencies = { "@types/node": "^22.18.0", typescript: "^7.0.2" };
    writeFileSync(join(place, "package.json"), JSON.stringify({ name: "place", private: true, devDependencies }));
    await installTarballs(place);
  }, 600_000);

  afterAll(() => rmSync(place, { recursive: true }));

  test("basic runs, passes its tests and is called and measured from the command line", {
    timeout: 600_000,
  }, async () => {
    const app = await createApp("basic-app", "basic");
    await installTarballs(app);
    await npmIn(app, "run", "setup");
    const npm = (...args: string[]) => npmIn(app, ...args);
    expect((await npm("start")).stdout).toBe("{ the: 2, snake: 1, in: 1, pit: 1 }\n3\n2\n1\n");
    const tested = await npm("test");
    expect(tested.stdout).toMatch(/3 passed[\s\S]*pass 3/);

    // The commands of its README.
    const commands = [...readFileSync(join(app, "README.md"), "utf8").matchAll(/^npx (snakepit (call|bench) .*)$/gm)];
    expect(commands.map(([, , command]) => command)).toEqual(["call", "bench"]);
    const [call = "", bench = ""] = commands.map(([line]) => line);
    expect(JSON.parse((await run("sh", ["-c", call], { cwd: app, env })).stdout)).toMatchObject({ the: 2, snake: 1 });
    const short = `${bench} --duration 2s --warm-up 100ms --concurrency 2 --json`;
    expect(JSON.parse((await run("sh", ["-c", short], { cwd: app, env })).stdout)).toMatchObject({
      tool: "count_words",
      runs: [{ concurrency: 2, errors: {} }],
    });

    // An adapter in the same project.
    await snakepit(["new", "adapter", "image_model"], app);
    const described = await snakepit(
      [
        ...["call", "describe", "--worker", "./image_model.py:ImageModel", "--python", ".venv"],
        ...["--args", '{"text": "hello world"}', "--json"],
      ],
      app,
    );
    expect(JSON.parse(described)).toEqual({ words: 2, characters: 11, calls: 1 });
    expect((await npm("run", "test:python")).stdout).toContain("4 passed");
    await checkPython(app);
  });

  test("web serves requests, passes its tests and ends with its workers", { timeout: 600_000 }, async () => {
    const app = await createApp("web-app", "web");
    await npmIn(app, "run", "setup");
    await npmIn(app, "test");
    const server = spawn(process.execPath, ["main.ts"], {
      cwd: app,
      env: { ...env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let listening = "";
    for await (const line of createInterface(server.stdout)) {
      listening += line;
      if (/port: \d+/.test(listening)) break;
    }
    const [, port] = /port: (\d+)/.exec(listening) ?? [];
    const response = await fetch(`http://localhost:${port}/words?text=a+b+A`);
    expect(await response.json()).toEqual({ a: 2, b: 1 });
    server.kill("SIGTERM");
    expect(await once(server, "close")).toEqual([null, "SIGTERM"]);
  });

  async function createApp(name: string, template: string): Promise<string> {
    const app = join(place, name);
    await snakepit(["new", "app", app, "--template", template], place);
    return app;
  }

  /** Runs a script of a project; a failure shows its output. */
  async function npmIn(app: string, ...args: readonly string[]) {
    const script = run("npm", ["--silent", ...args], { cwd: app, env });
    return await script.catch(({ stdout, stderr }: { stdout: string; stderr: string }) => expect.fail(stdout + stderr));
  }

  async function snakepit(args: readonly string[], cwd: string): Promise<string> {
    return (await run(process.execPath, [join(place, "node_modules/.bin/snakepit"), ...args], { cwd, env })).stdout;
  }

  /** Installs the packed packages in place of versions that no registry has before the release. */
  async function installTarballs(folder: string): Promise<void> {
    const path = join(folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { readonly dependencies?: object };
    const overrides = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
    const dependencies = { ...manifest.dependencies, snakepit: overrides["snakepit"] };
    writeFileSync(path, JSON.stringify({ ...manifest, dependencies, overrides }));
    await npmInstall(folder);
  }

  /** Checks the Python files of a project as strictly as ours; tests need no docstrings. */
  async function checkPython(app: string): Promise<void> {
    const bin = join(root, ".venv/bin");
    const ruff = ["--config", join(root, "ruff.toml"), "--no-cache"];
    await run(join(bin, "ruff"), ["check", ...ruff, "--extend-ignore", "S101,D103", "."], { cwd: app });
    await run(join(bin, "ruff"), ["format", ...ruff, "--check", "."], { cwd: app });
    const mypy = ["--strict", "--cache-dir", join(place, "mypy"), "--python-executable", join(bin, "python")];
    const files = ["tools.py", "image_model.py", "test_tools.py", "test_image_model.py"];
    await run(join(bin, "mypy"), [...mypy, ...files], { cwd: app });
  }
});
