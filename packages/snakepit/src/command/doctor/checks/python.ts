import { SnakepitError } from "@snakepit/core";
import { findInterpreter, type Interpreter } from "@snakepit/python-bridge";
import type { CheckResult } from "../finding.ts";
import { type PythonBuild, probePython } from "../python-probe.ts";
import type { Subject } from "../subject.ts";

/** The oldest supported version of Python. */
const OLDEST = [3, 10] as const;

/** An interpreter with which workers can run. */
export interface UsablePython {
  readonly interpreter: Interpreter;
  readonly build: PythonBuild;
}

/** The result of {@link checkPython}, and the interpreter if it is usable. */
export interface PythonCheck {
  readonly result: CheckResult;
  readonly python?: UsablePython;
}

const REASON = "Workers are processes of this interpreter";

/** Finds the interpreter as a pool does, and checks that it is Python and new enough. */
export async function checkPython(
  { python, cwd, env }: Subject,
  targetDirectory: string | undefined,
  signal: AbortSignal,
): Promise<PythonCheck> {
  let interpreter: Interpreter;
  try {
    interpreter = await findInterpreter({
      cwd,
      env,
      ...(python !== undefined && { python }),
      ...(targetDirectory !== undefined && { targetDirectory }),
    });
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError)) throw thrown;
    return { result: failed("no interpreter was found", thrown.message) };
  }
  return checkInterpreter(interpreter, await probePython(interpreter.path, env, cwd, signal));
}

/** Checks what an interpreter reported about itself. */
export function checkInterpreter(
  interpreter: Interpreter,
  probe: Awaited<ReturnType<typeof probePython>>,
): PythonCheck {
  const { path, chosenBy } = interpreter;
  if (!("version" in probe)) {
    const end = probe.status === undefined ? "it did not run" : `it exited with status ${probe.status}`;
    const output = probe.output === "" ? "" : `:\n${probe.output}`;
    return {
      result: {
        facts: `${path} (${chosenBy})`,
        findings: [
          {
            severity: "error",
            problem: `${path} (${chosenBy}) is not a working Python interpreter: ${end}${output}`,
            reason: REASON,
            remedy: `set the option python or SNAKEPIT_PYTHON to Python ${OLDEST.join(".")} or newer; \`${path} -c pass\` reproduces the problem`,
          },
        ],
      },
    };
  }
  const [major, minor] = probe.version;
  const version = probe.version.join(".");
  const facts = `${probe.implementation} ${version}, ${describeGil(probe)}, ${path} (${chosenBy})`;
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
    return { result: { facts, findings: [] }, python: { interpreter, build: probe } };
  }
  const remedy = `install Python ${OLDEST.join(".")} or newer, and name it: --python here, python("./tools.py", { python: "python3.12" }) or SNAKEPIT_PYTHON in the application`;
  const problem = `${path} (${chosenBy}) must be Python ${OLDEST.join(".")} or newer; got Python ${version}`;
  return { result: { facts, findings: [{ severity: "error", problem, reason: REASON, remedy }] } };
}

function describeGil({ isFreeThreaded, hasGil }: PythonBuild): string {
  if (!isFreeThreaded) return "with a global interpreter lock";
  return hasGil ? "free-threaded build, global interpreter lock enabled" : "free-threaded, no global interpreter lock";
}

/** The value that was found is between the rule and the remedy, if the message has one. */
function remedyStart(message: string): number {
  const first = message.indexOf("; ");
  return message.startsWith("; got ", first) ? message.indexOf("; ", first + 2) : first;
}

function failed(facts: string, message: string): CheckResult {
  const separator = remedyStart(message);
  const problem = message.slice(0, separator);
  return { facts, findings: [{ severity: "error", problem, reason: REASON, remedy: message.slice(separator + 2) }] };
}
