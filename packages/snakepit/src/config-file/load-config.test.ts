import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandProject, PACKAGE } from "../testing/command-project.ts";
import { loadConfig } from "./load-config.ts";

const run = promisify(execFile);

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
  project.write("package.json", '{"type": "module", "workspaces": []}');
});

afterEach(() => project[Symbol.asyncDispose]());

interface Loaded {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Loads the configuration in a separate process, because vitest would transform the file. */
async function load(options: object = {}): Promise<Loaded> {
  const script = `
    import { loadConfig } from ${JSON.stringify(PACKAGE)};
    const print = (value) => console.log(JSON.stringify(value));
    await loadConfig(${JSON.stringify(options)}).then(
      (config) => print({ config }),
      ({ code, message }) => print({ error: { code, message } }),
    );
  `;
  const args = [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "--eval",
    script,
  ];
  const { stdout } = await run(process.execPath, args, { cwd: project.directory });
  return JSON.parse(stdout) as Loaded;
}

describe("a configuration file", () => {
  test.each([
    ["an object", "defineConfig({ worker: python('./tools.py'), size: 3 })"],
    ["a function", "defineConfig(() => ({ worker: python('./tools.py'), size: 3 }))"],
    ["an async function", "defineConfig(async () => ({ worker: python('./tools.py'), size: 3 }))"],
  ])("may export %s", async (_, expression) => {
    project.writeConfig(expression);
    expect(await load()).toMatchObject({ config: { size: 3, worker: { language: "python", target: "./tools.py" } } });
  });

  test("may have types, and is loaded from another directory and from a URL", async () => {
    project.write(
      "config/other.mts",
      `import { python, type SnakepitConfig } from "${PACKAGE}";\nconst size: number = 3;\nexport default { worker: python("./tools.py"), size } satisfies SnakepitConfig;\n`,
    );
    expect(await load({ file: "config/other.mts" })).toMatchObject({ config: { size: 3 } });
    expect(await load({ file: "other.mts", directory: "config" })).toMatchObject({ config: { size: 3 } });
    expect(await load({ file: `file://${project.path("config/other.mts")}` })).toMatchObject({ config: { size: 3 } });
  });

  test("has paths that are relative to its directory", async () => {
    project.writeConfig(
      `defineConfig({
        pools: { a: { worker: python("./tools.py") } },
        registry: { path: "./registry.db" },
        sessions: { store: { path: "state/sessions.db" }, ttlMs: "1h" },
        socketDirectory: "run",
        serve: { gateway: [{ socketPath: "tools.sock" }, { port: 1234, token: "x".repeat(32) }] },
      })`,
      "config/snakepit.config.ts",
    );
    const at = (path: string) => project.path(`config/${path}`);
    expect(await load({ directory: "config" })).toEqual({
      config: {
        pools: { a: { worker: { language: "python", target: "./tools.py" } } },
        registry: { path: at("registry.db") },
        sessions: { store: { path: at("state/sessions.db") }, ttlMs: "1h" },
        socketDirectory: at("run"),
        serve: { gateway: [{ socketPath: at("tools.sock") }, { port: 1234, token: "x".repeat(32) }] },
      },
    });
  });

  test("keeps locations that are not files", async () => {
    const registry = { url: "postgres://localhost/app" };
    project.writeConfig(
      `defineConfig({ worker: python("./t.py"), registry: ${JSON.stringify(registry)}, sessions: { store: "memory" } })`,
    );
    expect(await load()).toMatchObject({ config: { registry, sessions: { store: "memory" } } });
  });

  test("is rejected with its path and every mistake", async () => {
    project.writeConfig("defineConfig({ worker: python('./tools.py'), sice: 4, queueLimit: -1, serve: { port: 1 } })");
    const { error } = await load();
    expect(error?.code).toBe("INVALID_CONFIG");
    const file = project.path("snakepit.config.ts");
    expect(error?.message).toContain(`the configuration file ${file} has 3 problems:`);
    for (const part of ["sice is not an option; did you mean `size`?", "queueLimit must be", "serve.port is not"]) {
      expect(error?.message).toContain(part);
    }
  });

  test.each([
    [
      "syntax that is more than types",
      "enum Size { Small = 1 }\nexport default { size: Size.Small };",
      "enums, namespaces",
    ],
    ["invalid syntax", "export default {", "cannot be loaded"],
    ["invalid syntax in a line", "const size = 1;\nexport default { size: };", "(line 2); correct the syntax"],
    [
      "a module that throws in a line",
      "\n\nthrow new Error('no token');",
      "cannot be loaded: Error: no token (line 3)",
    ],
    ["a module that throws null", "throw null;", "cannot be loaded: null"],
    ["a function that throws undefined", "export default () => { throw undefined; };", "its function threw undefined"],
    ["no default export", "export const config = {};", "has no default export"],
    ["a function without a result", "export default () => {};", "must return a configuration"],
    ["a function that throws", "export default () => { throw new Error('no token'); };", "threw Error: no token"],
    ["a module that throws", "throw new Error('no token');", "cannot be loaded: Error: no token"],
    ["a missing import", "import './missing.ts';\nexport default {};", "missing.ts"],
  ])("with %s is rejected with its path", async (_, content, message) => {
    project.write("snakepit.config.ts", content);
    const { error } = await load();
    expect(error).toMatchObject({ code: "INVALID_CONFIG", message: expect.stringContaining(message) });
    expect(error?.message).toContain(project.path("snakepit.config.ts"));
  });
});

test.each([
  ["snakepit.config.ts", "snakepit.config.mts", "import 'node:fs';\nexport default {};"],
  ["snakepit.config.js", "snakepit.config.mjs", "export default {};"],
])("%s in a project of CommonJS modules is rejected with the name that works", async (name, remedy, content) => {
  project.write("package.json", '{"type": "commonjs", "workspaces": []}');
  project.write(name, content);
  const { error } = await load();
  expect(error?.message).toContain(`; rename the file to ${remedy}, or set "type": "module"`);
});

test("a mistake in an imported file is reported with the path and line of that file", async () => {
  project.write("with space/pools.ts", "export const size = 1;\nenum Size { Small = 1 }\n");
  project.write("snakepit.config.ts", "import './with space/pools.ts';\nexport default {};");
  const { error } = await load();
  expect(error?.message).toContain(`(line 2 of ${project.path("with space/pools.ts")}); Node.js only removes types`);
});

test("a command whose configuration never settles ends with an error", async () => {
  project.writeConfig("() => new Promise(() => {})");
  const ended = await project.run(["call", "add", "--json"]);
  expect(ended).toMatchObject({ status: 1, stderr: "" });
  expect(JSON.parse(ended.stdout).error.message).toMatch(
    /waits for a promise that nothing settles; .*snakepit\.config/,
  );
});

test("a missing configuration file is reported with the names that were searched", async () => {
  await expect(loadConfig({ directory: project.directory })).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringMatching(/no configuration file exists in .*; create snakepit\.config\.ts \(or .*mjs\)/),
  });
  await expect(loadConfig({ file: project.path("missing.ts") })).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringContaining(`${project.path("missing.ts")} does not exist`),
  });
});

test.each([[{ files: "x.ts" }], [{ file: 7 }], [{ directory: "" }], [{ file: "file://host/x.ts" }]])(
  "invalid options are rejected: %j",
  async (options) => {
    await expect(loadConfig(options as object)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  },
);
