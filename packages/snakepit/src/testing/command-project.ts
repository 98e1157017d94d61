import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { snakepit } from "./in-terminal.ts";

/** The package, as a configuration file of a test imports it. */
export const PACKAGE = pathToFileURL(join(import.meta.dirname, "../index.ts")).href;

/** The end of a command and its output. */
export interface EndedCommand {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary directory with files, in which commands of `snakepit` run. */
export class CommandProject implements AsyncDisposable {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-project-")));
  readonly #running = new Set<ChildProcessWithoutNullStreams>();

  /** Returns the absolute path of a file. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Writes a file, and the directories above it. */
  write(name: string, content: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  /** Writes a configuration file whose default export is this expression. */
  writeConfig(expression: string, name = "snakepit.config.ts"): void {
    this.write(name, `import { defineConfig, python } from "${PACKAGE}";\n\nexport default ${expression};\n`);
  }

  /** Starts a command in the directory, or in one below it. */
  start(args: readonly string[], below = "."): RunningCommand {
    const [program = "", ...rest] = snakepit(...args);
    const env = { ...process.env, XDG_STATE_HOME: this.path("state") };
    const child = spawn(program, rest, { cwd: this.path(below), env });
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
    return new RunningCommand(child);
  }

  /** Runs a command until it ends. */
  async run(args: readonly string[], { input = "", below = "." } = {}): Promise<EndedCommand> {
    const command = this.start(args, below);
    command.child.stdin.end(input);
    return await command.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      child.kill("SIGKILL");
      await once(child, "close");
    }
    rmSync(this.directory, { recursive: true });
  }
}

/** A running command. */
export class RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<EndedCommand>;
  /** The output so far. */
  output = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (piece: string) => {
        this.output += piece;
      });
    }
    this.ended = this.#end();
  }

  async #end(): Promise<EndedCommand> {
    const { child } = this;
    const [[status, signal], stdout, stderr] = await Promise.all([
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { status, signal, stdout, stderr };
  }

  /** Waits until the output contains a string; rejects if the command ends first. */
  async displays(expected: string): Promise<void> {
    const found = Promise.withResolvers<void>();
    const check = () => {
      if (this.output.includes(expected)) found.resolve();
    };
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", check);
    check();
    const early = this.ended.then(({ stdout, stderr }) => {
      if (stdout.includes(expected) || stderr.includes(expected)) return;
      throw new Error(`the command ended without displaying ${expected}:\n${stdout}${stderr}`);
    });
    await Promise.race([found.promise, early]);
  }
}
