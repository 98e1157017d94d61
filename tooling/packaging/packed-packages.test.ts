import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchNpmPackage, npmPackageFolder } from "../bootstrap/npm-package.mjs";
import { type Bundler, esbuild, vite, webpackBundler } from "./bundle-app.ts";
import { npmInstall, userEnvironment } from "./consumer-project.ts";
import { codeBlocks, writeSamples } from "./document-samples.ts";
import { type PackedPackage, packPackages } from "./pack-packages.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const TESTDATA = join(import.meta.dirname, "testdata");
/** The newest Node.js of the last major version that is too old. */
const OLD_NODE = "20.20.2";
const EVERY_STRICTNESS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  erasableSyntaxOnly: true,
};

// An empty project outside of the workspace, into which npm installs the packed packages.
describe("the packed packages", () => {
  let project: string;
  let packed: readonly PackedPackage[];

  beforeAll(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-consumer-")));
    mkdirSync(join(project, "tarballs"));
    packed = await packPackages(join(project, "tarballs"));
    const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
    // Ours depend on each other by version, which no registry has before the release.
    const manifest = { name: "consumer", private: true, type: "module", dependencies, overrides: dependencies };
    // The types of the oldest Node.js that we support: our declarations must not need newer ones.
    const devDependencies = { "@types/node": "~22.18.0" };
    write("package.json", JSON.stringify({ ...manifest, devDependencies }));
    write("consumer.ts", importsOfEverything(packed));
    await npmInstall(project);
  }, 600_000);

  afterAll(() => rmSync(project, { recursive: true }));

  test.each([
    { module: "nodenext", moduleResolution: "nodenext", lib: ["esnext"], ...EVERY_STRICTNESS },
    { module: "esnext", moduleResolution: "bundler", strict: true },
  ])("type-check in a consumer with $moduleResolution resolution", async (options) => {
    // Not the declarations of TypeScript itself, which no package changes.
    const compilerOptions = { ...options, target: "es2022", noEmit: true, types: ["node"], skipDefaultLibCheck: true };
    write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    await compile(project);
  });

  test("compile the samples of the documents under every strictness flag", async () => {
    writeSamples(join(project, "samples"));
    const compilerOptions = {
      ...{ module: "nodenext", target: "esnext", lib: ["esnext"], noEmit: true, allowImportingTsExtensions: true },
      // The test above checks the same declarations under the same flags.
      ...{ types: ["node"], ...EVERY_STRICTNESS, skipLibCheck: true },
    };
    write("samples/tsconfig.json", JSON.stringify({ compilerOptions, include: ["."] }));
    await compile(join(project, "samples"));
  });

  test("load in Node.js, every subpath", async () => {
    const program = packed.flatMap(specifiers).map((specifier) => `await import(${JSON.stringify(specifier)});`);
    await run(process.execPath, ["--input-type=module", "--eval", program.join("\n")], { cwd: project });
  });

  test("do not print the names of classes with an underscore, which the bundler adds", async () => {
    const program = packed.flatMap(specifiers).map(
      (specifier) => `for (const [name, value] of Object.entries(await import(${JSON.stringify(specifier)}))) {
        if (value?.name === "_" + name) console.log(name);
      }`,
    );
    const options = ["--input-type=module", "--eval", program.join("\n")];
    expect((await run(process.execPath, options, { cwd: project })).stdout).toBe("");
  });

  test("contain the build, the licence and no tests", async () => {
    for (const { tarball } of packed) {
      const files = await filesIn(tarball);
      expect(files).toEqual(expect.arrayContaining(["package/dist/index.js", "package/LICENSE"]));
      expect(files.filter((file) => /\.test\.|\/testing\/|tsbuildinfo|__pycache__/.test(file))).toEqual([]);
    }
  });

  test("run the first example of each README, once setup has prepared Python", { timeout: 600_000 }, async () => {
    const env = userEnvironment(join(project, "state"));
    await run("npx", ["snakepit", "setup"], { cwd: project, env });
    expect(existsSync(join(project, ".venv"))).toBe(true);
    const doctor = await run("npx", ["snakepit", "doctor", "--json"], { cwd: project, env });
    expect(JSON.parse(doctor.stdout)).toMatchObject({ errors: 0 });
    for (const [document, prints] of [
      ["README.md", "42\n"],
      ["packages/snakepit/README.md", "42\n3\n2\n1\n"],
      ["packages/gateway/README.md", "42\n"],
      ["packages/dashboard/README.md", "[ 'add' ]\n"],
    ] as const) {
      const readme = readFileSync(join(root, document), "utf8");
      write("tools.py", codeBlocks(readme, "python")[0] ?? "");
      write("main.ts", codeBlocks(readme, "ts")[0] ?? "");
      const { stdout, stderr } = await run(process.execPath, ["main.ts"], { cwd: project, env });
      expect({ stdout, stderr }).toEqual({ stdout: prints, stderr: "" });
    }
  });

  // Outside of the project, whose packages would be found.
  describe("of snakepit alone", () => {
    let place: string;
    let minimal: string;

    beforeAll(async () => {
      place = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-minimal-")));
      minimal = await install("minimal", { snakepit: tarballOf("snakepit") }, place);
      copyFileSync(join(TESTDATA, "tools.py"), join(minimal, "tools.py"));
    }, 600_000);

    afterAll(() => rmSync(place, { recursive: true }));

    test("are at most 25 packages of 15 MB, without gRPC and PostgreSQL", async () => {
      const manifests = globSync("node_modules/{*,@*/*}/package.json", { cwd: minimal });
      expect(manifests.length).toBeLessThanOrEqual(25);
      const { stdout } = await run("du", ["-sk", "node_modules"], { cwd: minimal });
      expect(Number.parseInt(stdout, 10)).toBeLessThanOrEqual(15 * 1024);
      for (const name of ["@snakepit/gateway", "@snakepit/dashboard", "@grpc/grpc-js", "pg", "kysely"]) {
        expect(existsSync(join(minimal, "node_modules", name))).toBe(false);
      }
    });

    test("name the package that a feature needs, and the command that installs it", async () => {
      const missing = (what: string, name: string) =>
        `UNSUPPORTED_PLATFORM: loading ${what} failed: the optional package ${name} is not installed; run: npm install ${name}`;
      expect(await runTestdata("optional-packages.mjs", minimal)).toEqual({
        call: null,
        serve: missing("the gRPC server", "@snakepit/gateway"),
        dashboard: missing("the dashboard", "@snakepit/dashboard"),
        transport: missing("the gRPC transport", "@grpc/grpc-js"),
        registry: missing("the PostgreSQL driver", "pg"),
        store: missing("the PostgreSQL driver", "pg"),
      });
    });

    test("have these features once the packages are installed", async () => {
      const optional = {
        "@snakepit/gateway": tarballOf("@snakepit/gateway"),
        "@snakepit/dashboard": tarballOf("@snakepit/dashboard"),
        "@grpc/grpc-js": "^1.14.7",
        pg: "^8.23.1",
      };
      const complete = await install("complete", { snakepit: tarballOf("snakepit"), ...optional }, place);
      copyFileSync(join(TESTDATA, "tools.py"), join(complete, "tools.py"));
      expect(await runTestdata("optional-packages.mjs", complete)).toEqual({
        ...{ call: null, serve: null, dashboard: null, transport: null },
        registry: expect.stringMatching(/^REGISTRY_UNAVAILABLE: .*127\.0\.0\.1:1/),
        store: expect.stringMatching(/^REGISTRY_UNAVAILABLE: .*127\.0\.0\.1:1/),
      });
    });

    test.each<[string, Bundler]>([
      ["esbuild", esbuild({ format: "esm", banner: documentedBanner() })],
      ["Vite", vite],
      [
        "webpack",
        webpackBundler(["@snakepit/gateway", "@snakepit/dashboard", "@grpc/grpc-js", "pg", "@opentelemetry/api"]),
      ],
    ])("run in a bundle of %s", async (_, bundle) => {
      const folder = mkdtempSync(join(tmpdir(), "snakepit-bundle-"));
      try {
        for (const name of ["minimal-app.mjs", "tools.py"]) copyFileSync(join(TESTDATA, name), join(minimal, name));
        const file = await bundle(join(minimal, "minimal-app.mjs"), folder);
        copyFileSync(join(TESTDATA, "tools.py"), join(folder, "tools.py"));
        const { stdout } = await run(process.execPath, [file], { cwd: folder });
        expect(stdout).toBe("42\n");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe("without the OpenTelemetry API, an optional peer dependency", () => {
    test("trace nothing", async () => {
      expect(existsSync(join(project, "node_modules/@opentelemetry"))).toBe(false);
      expect(await runTestdata("untraced-app.mjs", project)).toEqual({ traced: false, errors: [] });
    });

    test("log what to install when an SDK is set up", async () => {
      expect(await runTestdata("untraced-app.mjs", project, "--sdk")).toEqual({
        traced: false,
        errors: [expect.stringMatching(/^loading @opentelemetry\/api failed: .*install it next to the SDK$/)],
      });
    });
  });

  // A separate project with copies of our packages: with the oldest API that we support, then with the newest that the
  // SDK supports, or the other way round.
  describe.each(["1.3.0", "1.9.1"])("in an application with the OpenTelemetry API %s", (api) => {
    let application: string;

    beforeAll(async () => {
      application = await install("traced", {
        ...{ "@opentelemetry/api": api, "@opentelemetry/sdk-trace-base": "^2.0.0" },
        ...{ "@snakepit/core": tarballOf("@snakepit/core"), "@snakepit/telemetry": tarballOf("@snakepit/telemetry") },
      });
    }, 600_000);

    test("use its copy of the API and trace calls", async () => {
      expect(await runTestdata("traced-app.mjs", application)).toEqual(["snakepit.queue", "snakepit.execute predict"]);
      const copies = globSync("**/@opentelemetry/api/package.json", { cwd: application });
      expect(copies.map((copy) => version(join(application, copy)))).toEqual([api]);
    });

    test("throw errors that are instances of SnakepitError in every copy of @snakepit/core", async () => {
      const second = join(application, "node_modules/@snakepit/core/dist/index.js");
      expect(await runTestdata("two-copies.mjs", project, second)).toEqual({
        ...{ isOneClass: false, ofSecondInFirst: true, ofFirstInSecond: true, subclassOfSecondInFirst: true },
        ...{ inSubclass: false, unchanged: true, others: [false, false, false, false] },
      });
    });

    test.runIf(api === "1.9.1").each<[string, Bundler]>([
      ["esbuild", esbuild({ format: "esm", banner: documentedBanner() })],
      ["Vite", vite],
      ["webpack", webpackBundler([])],
    ])("trace calls in a bundle of %s, which contains the API", async (_, bundle) => {
      const folder = mkdtempSync(join(tmpdir(), "snakepit-bundle-"));
      try {
        copyFileSync(join(TESTDATA, "traced-app.mjs"), join(application, "traced-app.mjs"));
        const file = await bundle(join(application, "traced-app.mjs"), folder);
        const { stdout } = await run(process.execPath, [file], { cwd: folder });
        expect(JSON.parse(stdout)).toEqual(["snakepit.queue", "snakepit.execute predict"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  test("include the wheel of the Python package", async () => {
    const bridge = packed.find(({ name }) => name === "@snakepit/python-bridge");
    expect(await filesIn(bridge!.tarball)).toContainEqual(
      expect.stringMatching(/^package\/dist\/python\/snakepit_bridge-.*\.whl$/),
    );
  });

  describe("in a bundle that is run outside of the project, without node_modules (E4)", () => {
    test.each<[string, Bundler]>([
      ["esbuild, as a minified ES module", esbuild({ format: "esm", banner: documentedBanner(), minify: true })],
      ["esbuild, as CommonJS", esbuild({ format: "cjs" })],
      ["Vite", vite],
      ["webpack", webpackBundler(["pg", "@opentelemetry/api"])],
    ])("made by %s execute, stream, keep sessions and serve", async (_, bundle) => {
      await using deployment = await deploy(bundle);
      const { app } = deployment;
      const [line] = (await once(createInterface(app.stdout), "line", { signal: deployment.ended })) as [string];
      expect(JSON.parse(line)).toEqual({
        ...{ sum: 42, chunks: [3, 2, 1], remembered: 5, doubled: 42, rejected: "INVALID_ARGUMENT" },
        address: "unix:./bridge.sock",
      });
      const client = await run(
        process.execPath,
        ["grpc-client.mjs", `unix:${join(deployment.folder, "bridge.sock")}`],
        {
          cwd: project,
        },
      );
      expect(JSON.parse(client.stdout)).toEqual({
        version: version("packages/snakepit/package.json"),
        status: 1,
        services: ["grpc.health.v1.Health", "snakepit.bridge.v1.BridgeService"],
      });
      app.stdin.end();
      expect(await once(app, "close")).toEqual([0, null]);
    });

    test("made by esbuild as an ES module without require() name the missing option", async () => {
      await using deployment = await deploy(esbuild({ format: "esm" }));
      const message = await deployment.stderr;
      expect(message).toMatch(/^UNSUPPORTED_PLATFORM: loading the gRPC server failed: /);
      expect(message).toContain(`--banner:js='${documentedBanner()}'`);
    });
  });

  test("report an old Node.js on that Node.js (E5)", async () => {
    await fetchNpmPackage("node", OLD_NODE);
    const node = join(npmPackageFolder("node", OLD_NODE), "node_modules/node/bin/node");
    const message = `Node.js must be version 22.18 or newer; got ${OLD_NODE}; install a newer version`;
    write(
      "old.mjs",
      `import { python, Snakepit } from "snakepit";
       const config = { worker: python("./tools.py") };
       for (const start of [() => Snakepit.start(config), () => Snakepit.run(() => {}, config)]) {
         await start().catch(({ code, message }) => console.log(code, message));
       }`,
    );
    const { stdout } = await run(node, ["old.mjs"], { cwd: project });
    expect(stdout.trim().split("\n")).toEqual(
      Array(2).fill(expect.stringContaining(`UNSUPPORTED_PLATFORM ${message}`)),
    );
    const command = run(node, ["node_modules/.bin/snakepit", "setup"], { cwd: project });
    await expect(command).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^snakepit: .*\n$/),
    });
    await expect(command).rejects.toThrow(message);
  });

  /** Creates a project in a folder below `parent`, or changes its dependencies; resolves with its path. */
  async function install(
    name: string,
    dependencies: Readonly<Record<string, string>>,
    parent = project,
  ): Promise<string> {
    const folder = join(parent, name);
    mkdirSync(folder, { recursive: true });
    const ours = Object.fromEntries(packed.map((each) => [each.name, `file:${each.tarball}`]));
    const overrides = { ...ours, ...dependencies };
    const manifest = { name, private: true, type: "module", dependencies, overrides };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    await npmInstall(folder);
    return folder;
  }

  function tarballOf(name: string): string {
    return `file:${packed.find((each) => each.name === name)!.tarball}`;
  }

  /** Runs a program of testdata in a folder and returns what it prints, which is JSON. */
  async function runTestdata(name: string, folder: string, ...args: readonly string[]): Promise<unknown> {
    copyFileSync(join(TESTDATA, name), join(folder, name));
    const { stdout } = await run(process.execPath, [name, ...args], { cwd: folder });
    return JSON.parse(stdout);
  }

  /** Bundles the program and starts it in a separate folder below the manifest of its user. */
  async function deploy(bundle: Bundler) {
    const place = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-bundle-")));
    const folder = join(place, "app");
    for (const name of ["bundled-app.mjs", "grpc-client.mjs"]) copyFileSync(join(TESTDATA, name), join(project, name));
    const file = await bundle(join(project, "bundled-app.mjs"), folder);
    copyFileSync(join(TESTDATA, "tools.py"), join(folder, "tools.py"));
    writeFileSync(join(place, "package.json"), JSON.stringify({ name: "user", version: "7.7.7" }));
    const app = spawn(process.execPath, [file], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    const closed = once(app, "close");
    const stderr = text(app.stderr);
    const ended = new AbortController();
    closed.then(async () => ended.abort(new Error(await stderr)));
    return {
      folder,
      app,
      stderr,
      /** Aborts when the program has ended, with what it wrote to stderr. */
      ended: ended.signal,
      [Symbol.asyncDispose]: async () => {
        app.stdin.end();
        await closed;
        rmSync(place, { recursive: true });
      },
    };
  }

  /** Compiles in one thread: several check the same declarations again, each for itself. */
  async function compile(folder: string): Promise<void> {
    const tsc = run(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--singleThreaded"]);
    await tsc.catch((failure: { stdout: string }) => expect.fail(failure.stdout));
  }

  function write(name: string, text: string): void {
    writeFileSync(join(project, name), text);
  }
});

/** Returns the banner for an ES module that `docs/bundlers.md` documents for esbuild. */
function documentedBanner(): string {
  const [, banner = ""] = /--banner:js='([^']+)'/.exec(readFileSync(join(root, "docs/bundlers.md"), "utf8")) ?? [];
  return banner;
}

function version(manifest: string): string {
  return (JSON.parse(readFileSync(resolve(root, manifest), "utf8")) as { readonly version: string }).version;
}

async function filesIn(tarball: string): Promise<readonly string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  return stdout.trim().split("\n");
}

function importsOfEverything(packed: readonly PackedPackage[]): string {
  const names = packed.flatMap(specifiers);
  const imports = names.map((specifier, index) => `import * as module${index} from ${JSON.stringify(specifier)};`);
  return [...imports, `export const all = [${names.map((_, index) => `module${index}`).join(", ")}];`, ""].join("\n");
}

function specifiers({ name, subpaths }: PackedPackage): readonly string[] {
  return subpaths.map((subpath) => name + subpath.slice(1));
}
