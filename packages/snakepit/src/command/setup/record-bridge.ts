import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { SnakepitError } from "@snakepit/core";
import type { PythonProject } from "@snakepit/python-bridge";
import { type Progress, runTool } from "./run-tool.ts";

/** The directory of a project for the wheel; belongs in version control. */
const FOLDER = "vendor";

const WHEEL = /^snakepit_bridge-.+\.whl$/;

/** The wheel of snakepit-bridge that is bundled with the npm package. */
export interface BundledWheel {
  readonly path: string;
  readonly version: string;
}

/** Finds the bundled wheel. */
export async function bundledWheel(): Promise<BundledWheel> {
  const manifest = createRequire(import.meta.url).resolve("@snakepit/python-bridge/package.json");
  const directory = join(dirname(manifest), "dist", "python");
  const names = await readdir(directory).catch(() => []);
  const name = names.find((each) => each.endsWith(".whl"));
  const version = name?.split("-")[1];
  if (name === undefined || version === undefined) {
    throw new SnakepitError(
      "INTERNAL",
      `${directory} must contain a wheel of snakepit-bridge; got none; reinstall the npm package (in Snakepit's own workspace: pnpm --filter @snakepit/python-bridge run build:wheel)`,
    );
  }
  return { path: join(directory, name), version };
}

export interface RecordOptions {
  readonly project: PythonProject;
  readonly wheel: BundledWheel;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** Returns whether `pyproject.toml` lists a bundled wheel of any version. */
export async function isRecorded({ directory }: PythonProject): Promise<boolean> {
  return (await readFile(join(directory, "pyproject.toml"), "utf8")).includes(`${FOLDER}/snakepit_bridge-`);
}

/**
 * Adds the bridge to a project: copies the wheel and runs the project's manager, which lists it in `pyproject.toml`,
 * locks and installs it. Replaces a wheel of another version.
 *
 * @throws SnakepitError `WORKER_START_FAILED` with the output of the manager; the wheel is removed again then.
 */
export async function recordBridge({ project, wheel, env, progress }: RecordOptions): Promise<void> {
  const { manager, directory } = project;
  const folder = join(directory, FOLDER);
  const name = basename(wheel.path);
  const before = (await readdir(folder).catch(() => [])).filter((each) => WHEEL.test(each));
  progress.step(`Adding snakepit-bridge ${wheel.version} to ${join(directory, "pyproject.toml")} with ${manager}`);
  await mkdir(folder, { recursive: true });
  await copyFile(wheel.path, join(folder, name));
  const run = async (...command: readonly string[]) => {
    const { status, tail } = await runTool(command, { output: progress.output, cwd: directory, env });
    if (status === 0) return;
    throw new SnakepitError(
      "WORKER_START_FAILED",
      `${command.join(" ")} failed in ${directory}${status === undefined ? `; install ${manager} or put it on PATH` : ""}:\n${tail}`,
    );
  };
  try {
    await MANAGERS[manager](directory, name, run);
  } catch (thrown) {
    if (!before.includes(name)) await rm(join(folder, name));
    throw thrown;
  }
  for (const other of before) if (other !== name) await rm(join(folder, other));
}

type Run = (...command: readonly string[]) => Promise<void>;

/** Lists a wheel in `pyproject.toml` by its relative path, for each manager. */
const MANAGERS: Readonly<
  Record<PythonProject["manager"], (directory: string, wheel: string, run: Run) => Promise<void>>
> = {
  uv: (_directory, wheel, run) => run("uv", "add", `./${FOLDER}/${wheel}`),
  async poetry(directory, wheel, run) {
    const manifest = join(directory, "pyproject.toml");
    const edit = async (change: (content: string) => string) =>
      await writeFile(manifest, change(await readFile(manifest, "utf8")));
    if ((await readFile(manifest, "utf8")).includes(`${FOLDER}/snakepit_bridge-`)) {
      // poetry does not add a package that is listed already.
      await edit((content) => content.replaceAll(/snakepit_bridge-[^"'/\s]+\.whl/g, wheel));
    } else {
      await run("poetry", "add", "--no-interaction", "--lock", `./${FOLDER}/${wheel}`);
      await edit((content) => withRelativePath(content, directory, wheel));
    }
    await run("poetry", "lock", "--no-interaction");
    await run("poetry", "install", "--no-interaction", "--no-root");
  },
};

/**
 * Replaces the absolute URL that poetry writes to `[project]`, which is invalid on other machines, by a relative path
 * in the table of poetry.
 */
function withRelativePath(manifest: string, directory: string, wheel: string): string {
  const url = pathToFileURL(join(directory, FOLDER, wheel)).href;
  const absolute = `"snakepit-bridge @ ${url}"`;
  if (!manifest.includes(absolute)) return manifest;
  const listed = manifest.replace(absolute, '"snakepit-bridge"');
  const source = `snakepit-bridge = {path = "${FOLDER}/${wheel}"}\n`;
  const table = "[tool.poetry.dependencies]\n";
  if (listed.includes(table)) return listed.replace(table, table + source);
  return `${listed.trimEnd()}\n\n${table}${source}`;
}
