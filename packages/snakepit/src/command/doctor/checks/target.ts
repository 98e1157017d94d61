import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PythonFailure, SnakepitError } from "@snakepit/core";
import { python } from "@snakepit/python-bridge";
import { Snakepit } from "../../../snakepit.ts";
import { privateMemory } from "../../system/system-limits.ts";
import type { CheckResult, Finding } from "../finding.ts";

/** What is started. */
export interface TargetFacts {
  /** A file, module or class, as for `python()`. */
  readonly target: string;
  /** The path of the interpreter. */
  readonly interpreter: string;
  readonly socketDirectory: string | undefined;
  /** Cancels the start. */
  readonly signal: AbortSignal;
}

/** The result of {@link checkTarget}, and what its worker used. */
export interface TargetCheck {
  readonly result: CheckResult;
  /** The memory in bytes that the worker does not share with others; `undefined` if it did not start, or on macOS. */
  readonly workerMemory: number | undefined;
}

const REASON = "Each worker imports it before the first call";
const START_TIMEOUT_MS = 60_000;

/** Starts one worker with the target, as a pool does, and ends it. Nothing is written to the registry of the user. */
export async function checkTarget({ target, interpreter, socketDirectory, signal }: TargetFacts): Promise<TargetCheck> {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-doctor-"));
  try {
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const pit = await Snakepit.start(
      {
        worker: python(target, { python: interpreter }),
        size: 1,
        startTimeoutMs: START_TIMEOUT_MS,
        registry: { path: join(scratch, "registry.db") },
        logger,
        ...(socketDirectory !== undefined && { socketDirectory }),
      },
      { signal },
    );
    try {
      const tools = pit.tools().map(({ name }) => name);
      const pid = pit.workers()[0]?.pid;
      const facts = `${target} starts, with ${tools.length === 1 ? "1 tool" : `${tools.length} tools`}`;
      return { result: { facts, findings: [] }, workerMemory: pid === undefined ? undefined : privateMemory(pid) };
    } finally {
      await pit.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError) || signal.aborted) throw thrown;
    return { result: { facts: target, findings: [findingOf(target, thrown)] }, workerMemory: undefined };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Returns the finding for a target that did not start. */
export function findingOf(target: string, error: SnakepitError): Finding {
  const failure = error.python;
  if (failure === undefined) {
    return { severity: "error", problem: error.message, reason: REASON, remedy: `correct ${target}` };
  }
  const { type, message, traceback } = failure;
  const place = lastPlace(traceback);
  const missing = missingModule(failure);
  return {
    severity: "error",
    problem: `${target} does not start: ${type}: ${message}${place === undefined ? "" : `\n${place}`}`,
    reason: REASON,
    remedy:
      missing === undefined
        ? "correct the error; --json prints the whole traceback"
        : `install the package that contains ${missing} (npx snakepit setup --with PACKAGE), or add its directory with python("…", { path: […] })`,
    traceback,
  };
}

/** Returns the module whose absence caused an exception. */
function missingModule({ type, message, cause }: PythonFailure): string | undefined {
  const missing = type === "ModuleNotFoundError" ? /^No module named '([^'.]+)/.exec(message)?.[1] : undefined;
  return missing ?? (cause === undefined ? undefined : missingModule(cause));
}

/** Returns the last file, line and source line of a traceback that are not in Python itself. */
function lastPlace(traceback: string): string | undefined {
  const lines = traceback.split("\n");
  const places = lines.flatMap((line, index) => {
    const [, file = "", number = "", scope = ""] = /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?/.exec(line) ?? [];
    if (file === "" || file.startsWith("<")) return [];
    const source = lines[index + 1]?.trim() ?? "";
    return [
      { file, text: `${file}:${number}${scope === "" ? "" : ` in ${scope}`}${source === "" ? "" : `: ${source}`}` },
    ];
  });
  const own = places.filter(({ file }) => !/[/\\](snakepit_bridge|site-packages|python3\.\d+t?)[/\\]/.test(file));
  return (own.at(-1) ?? places.at(-1))?.text;
}
