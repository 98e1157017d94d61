import { spawn } from "node:child_process";
import type { Check } from "./checks.ts";

/** The result of a check. */
export interface CheckResult {
  readonly check: Check;
  readonly passed: boolean;
  readonly output: string;
  readonly durationMs: number;
}

/** Runs a check and captures its output. */
export function runCheck(check: Check): Promise<CheckResult> {
  const start = performance.now();
  const [program, ...args] = check.command;
  return new Promise((done) => {
    const output: string[] = [];
    const end = (passed: boolean) =>
      done({ check, passed, output: output.join(""), durationMs: performance.now() - start });
    const child = spawn(program, args, { cwd: check.folder, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
    }
    child.on("error", (cause) => {
      output.push(`${program} cannot be run: ${cause.message}\n`);
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
