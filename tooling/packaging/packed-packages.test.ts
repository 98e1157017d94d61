import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PackedPackage, packPackages } from "./pack-packages.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

// An empty project outside the workspace, into which npm installs what would be published.
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
    await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: project });
  }, 180_000);

  afterAll(() => rmSync(project, { recursive: true }));

  test.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("type-check in a consumer with $moduleResolution resolution", async (resolution) => {
    const compilerOptions = { ...resolution, target: "es2022", strict: true, noEmit: true, types: ["node"] };
    write("tsconfig.json", JSON.stringify({ compilerOptions }));
    await run(join(root, "node_modules/.bin/tsc"), ["-p", project]).catch((failure: { stdout: string }) =>
      expect.fail(failure.stdout),
    );
  });

  test("load in Node.js, every subpath", async () => {
    const program = packed.flatMap(specifiers).map((specifier) => `await import(${JSON.stringify(specifier)});`);
    await run(process.execPath, ["--input-type=module", "--eval", program.join("\n")], { cwd: project });
  });

  test("contain the build, the licence and no tests", async () => {
    for (const { tarball } of packed) {
      const files = await filesIn(tarball);
      expect(files).toEqual(expect.arrayContaining(["package/dist/index.js", "package/LICENSE"]));
      expect(files.filter((file) => /\.test\.|\/testing\/|tsbuildinfo|__pycache__/.test(file))).toEqual([]);
    }
  });

  test("run the first example of the README, once setup has prepared Python", { timeout: 180_000 }, async () => {
    const readme = readFileSync(join(root, "packages/snakepit/README.md"), "utf8");
    write("tools.py", firstBlock(readme, "python"));
    write("main.ts", firstBlock(readme, "ts"));
    // As on a user's machine: the workspace's own environment is not there.
    const { VIRTUAL_ENV: _environment, SNAKEPIT_PYTHON: _python, ...env } = process.env;
    env["PATH"] = withoutWorkspaceEnvironment(env["PATH"] ?? "");
    env["XDG_STATE_HOME"] = join(project, "state");
    await run("npx", ["snakepit", "setup"], { cwd: project, env });
    const { stdout } = await run(process.execPath, ["main.ts"], { cwd: project, env });
    expect(stdout).toBe("42\n3\n2\n1\n");
    expect(existsSync(join(project, ".venv"))).toBe(true);
  });

  test("bring the wheel of the Python package", async () => {
    const bridge = packed.find(({ name }) => name === "@snakepit/python-bridge");
    expect(await filesIn(bridge!.tarball)).toContainEqual(
      expect.stringMatching(/^package\/dist\/python\/snakepit_bridge-.*\.whl$/),
    );
  });

  function write(name: string, text: string): void {
    writeFileSync(join(project, name), text);
  }
});

/** Else setup would install the packed wheel over the sources that all other tests run on. */
function withoutWorkspaceEnvironment(path: string): string {
  const entries = path.split(delimiter);
  return entries.filter((entry) => !entry.startsWith(join(root, ".venv"))).join(delimiter);
}

async function filesIn(tarball: string): Promise<readonly string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  return stdout.trim().split("\n");
}

function firstBlock(markdown: string, language: string): string {
  const start = markdown.indexOf(`\`\`\`${language}\n`) + language.length + 4;
  return markdown.slice(start, markdown.indexOf("```", start));
}

function importsOfEverything(packed: readonly PackedPackage[]): string {
  const names = packed.flatMap(specifiers);
  const imports = names.map((specifier, index) => `import * as module${index} from ${JSON.stringify(specifier)};`);
  return [...imports, `export const all = [${names.map((_, index) => `module${index}`).join(", ")}];`, ""].join("\n");
}

function specifiers({ name, subpaths }: PackedPackage): readonly string[] {
  return subpaths.map((subpath) => name + subpath.slice(1));
}
