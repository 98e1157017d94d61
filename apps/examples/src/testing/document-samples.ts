import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import type { ProgramProcess } from "./program-process.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const PYTHON = process.env["SNAKEPIT_PYTHON"] ?? join(ROOT, ".venv/bin/python");
const NODE_OPTIONS = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
const run = promisify(execFile);

const BLOCK = /^```(python|ts|js|sh)\n(.*?)^```$/gms;
const FILE = /^(?:#|\/\/) ([\w.-]+\.(?:py|ts|js|sh))\n/;
const PRINTS = /(?:\/\/|#) → (.*)$/gm;

/** A file that a document shows in a code block. */
export interface Sample {
  /** The file name in the comment on its first line: `tools.py`. */
  readonly file: string;
  readonly text: string;
  /** Its expected output, line by line, from the comments that begin with `→`. */
  readonly prints: readonly string[];
}

/** Returns the content of a document, given by its path from the root of the repository. */
export function documentText(document: string): string {
  return readFileSync(join(ROOT, document), "utf8");
}

/**
 * Returns the samples of a document, given by its path from the root of the repository: its Python and TypeScript
 * blocks, in order, and the JavaScript and shell blocks that name a file.
 *
 * @throws Error for a Python or TypeScript block whose first line does not name its file: it could not be tested.
 */
export function samplesOf(document: string): readonly Sample[] {
  return Array.from(documentText(document).matchAll(BLOCK)).flatMap(([, language = "", text = ""]) => {
    const file = FILE.exec(text)?.[1];
    if (file === undefined && (language === "sh" || language === "js")) return [];
    if (file === undefined) throw new Error(`a sample does not name its file in the first line:\n${text}`);
    return { file, text, prints: Array.from(text.matchAll(PRINTS), (match) => match[1] ?? "") };
  });
}

/** A temporary folder with the samples of a document as files, which run as a user runs them. */
export class SampleFolder implements Disposable {
  readonly #samples: readonly Sample[];
  readonly #path = mkdtempSync(join(tmpdir(), "snakepit-document-"));
  readonly #env: NodeJS.ProcessEnv;

  /**
   * @param document its path from the root of the repository.
   * @param env environment variables of the samples, in addition to those of the tests.
   */
  constructor(document: string, env: Readonly<Record<string, string>> = {}) {
    this.#samples = samplesOf(document);
    this.#env = sampleEnvironment(env);
    symlinkSync(join(ROOT, "apps/examples/node_modules"), join(this.#path, "node_modules"));
    // Otherwise Vite resolves the workspace links and transforms our packages, which users install as dependencies.
    this.add("vitest.config.js", "export default { resolve: { preserveSymlinks: true } };");
    // The limit is below that of a test in vitest, which these tests do not have.
    for (const { file, text } of this.#samples)
      this.add(file, text.replace('executeTimeoutMs: "4s"', 'executeTimeoutMs: "2m"'));
  }

  /** Adds a file that the document assumes to exist. */
  add(file: string, text: string): void {
    writeFileSync(join(this.#path, file), text);
  }

  /** Returns the sample with this file name. */
  sample(file: string): Sample {
    const found = this.#samples.find((each) => each.file === file);
    if (found === undefined) throw new Error(`the document has no ${file}`);
    return found;
  }

  /** Returns the path of a sample's file. */
  path({ file }: Sample): string {
    return join(this.#path, file);
  }

  /** Runs a sample and returns its output as lines. */
  async output({ file }: Sample): Promise<string[]> {
    const [program = "", ...args] = commandFor(file);
    const { stdout } = await run(program, args, { cwd: this.#path, env: this.#env });
    return linesOf(stdout);
  }

  /** Runs a TypeScript sample in a process that other samples share, and returns its output as lines. */
  async outputIn(process: ProgramProcess, sample: Sample): Promise<string[]> {
    return linesOf(await process.output(this.path(sample)));
  }

  /** Runs the tests in a sample and returns the report of pytest, vitest or `node --test`. */
  async testReport({ file }: Sample): Promise<string> {
    const [program = "", ...args] = testCommandFor(file);
    const { stdout } = await run(program, args, { cwd: this.#path, env: { ...this.#env, NO_COLOR: "1" } });
    return stdout;
  }

  /** Starts a sample that runs until it is killed. */
  start({ file }: Sample): ChildProcessByStdio<null, Readable, null> {
    const [program = "", ...args] = commandFor(file);
    return spawn(program, args, { cwd: this.#path, env: this.#env, stdio: ["ignore", "pipe", "inherit"] });
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }
}

/** Returns the environment of samples, with these variables in addition to those of the tests. */
export function sampleEnvironment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const PATH = [dirname(PYTHON), process.env["PATH"]].join(delimiter);
  return { ...process.env, ...env, PATH, SNAKEPIT_PYTHON: PYTHON };
}

/**
 * Returns a TCP port for the server of a sample. It was free when it was probed, and the system does not assign it to
 * other tests, which do not listen on a fixed port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer().listen(port, "127.0.0.1");
    const isFree = await once(probe, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** Returns whether a sample consists of tests, according to its file name. */
export function isTest({ file }: Sample): boolean {
  return /^test_\w+\.py$|[.-]test\.ts$/.test(file);
}

function linesOf(output: string): string[] {
  return output === "" ? [] : output.trimEnd().split("\n");
}

function testCommandFor(file: string): string[] {
  if (file.endsWith(".py")) return [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", file];
  if (file.endsWith(".node-test.ts")) return [process.execPath, ...NODE_OPTIONS, "--test", file];
  const vitest = [process.execPath, join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--no-cache"];
  return [...vitest, "--test-timeout=300000", "--hook-timeout=300000", file];
}

function commandFor(file: string): string[] {
  if (file.endsWith(".ts")) return [process.execPath, ...NODE_OPTIONS, file];
  return file.endsWith(".py") ? [PYTHON, file] : ["sh", file];
}
