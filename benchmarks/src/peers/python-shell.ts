import { once } from "node:events";
import { dirname } from "node:path";
import { PYTHON, peerFile } from "../project-files.ts";
import { type Answer, LinePool, type LineProcess } from "./json-lines.ts";
import { loadPeer } from "./peer-package.ts";

/** The parts of python-shell that are used. */
interface PythonShellModule {
  readonly PythonShell: new (script: string, options: object) => Shell;
}

interface Shell {
  readonly childProcess: NodeJS.EventEmitter & { readonly pid: number };
  send(message: object): void;
  on(event: "message", listener: (message: Answer) => void): void;
  end(callback: (error?: Error) => void): void;
}

const SCRIPT = "json_lines_worker.py";

/** A worker as python-shell starts it, in its mode for JSON. */
class ShellProcess implements LineProcess {
  readonly #shell: Shell;
  readonly pid: number;

  constructor({ PythonShell }: PythonShellModule, onAnswer: (answer: Answer) => void) {
    const scriptPath = dirname(peerFile(SCRIPT));
    this.#shell = new PythonShell(SCRIPT, { mode: "json", pythonPath: PYTHON, scriptPath });
    this.pid = this.#shell.childProcess.pid;
    this.#shell.on("message", onAnswer);
  }

  send(message: object): void {
    this.#shell.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#shell.childProcess, "exit");
    this.#shell.end(() => {});
    await exited;
  }
}

/** Starts workers with python-shell; each receives its calls ahead, without a limit. */
export function startPythonShell(workers: number): LinePool {
  const module = loadPeer<PythonShellModule>("python-shell");
  return new LinePool((onAnswer) => new ShellProcess(module, onAnswer), workers, Number.POSITIVE_INFINITY);
}
