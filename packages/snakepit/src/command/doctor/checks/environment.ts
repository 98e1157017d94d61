import type { Accelerators, PythonEnvironment } from "@snakepit/python-bridge";
import { describeEnvironment, type Environment } from "../../../environment/describe-environment.ts";
import type { CheckResult, Finding, SkippedCheck } from "../finding.ts";
import type { Subject } from "../subject.ts";

/** The requirements that other checks examine. */
const CHECKED_ELSEWHERE = new Set(["python", "snakepit-bridge"]);

/** Describes what workers can use: processors, accelerators, the packages that the bridge requires. */
export async function examineEnvironment(
  { cwd, env }: Subject,
  interpreter: string,
  signal: AbortSignal,
): Promise<CheckResult | SkippedCheck> {
  return checkEnvironment(await describeEnvironment({ python: interpreter, cwd, env, signal }));
}

/** Checks the description of an environment. */
export function checkEnvironment({ host, python, problem }: Environment): CheckResult | SkippedCheck {
  // An older version of the bridge cannot describe it.
  if (python === null) return { skipped: problem ?? "Python did not describe it" };
  const { processors, accelerators, recommended, requirements } = python;
  const facts = [
    `${processors.usable} of ${processors.logical} processors`,
    describeAccelerators(accelerators),
    `profile "${recommended.profile}" for tools that compute, because ${recommended.reason}`,
  ].join("; ");
  const problems = accelerators.problems.length > 0 ? accelerators.problems : host.accelerators.problems;
  return { facts, findings: [...requirements.flatMap(findingOfRequirement), ...problems.map(findingOfDriver)] };
}

function describeAccelerators({ devices, visible }: Accelerators): string {
  const found = devices.map(({ kind, name }) => `${name} (${kind})`);
  const limits = Object.entries(visible).map(([name, value]) => `${name}=${value}`);
  const list = found.length === 0 ? "no accelerators" : found.join(", ");
  return limits.length === 0 ? list : `${list}, ${limits.join(" ")}`;
}

function findingOfRequirement({
  name,
  required,
  installed,
  satisfied,
  optional,
  remedy,
}: PythonEnvironment["requirements"][number]): Finding[] {
  if (satisfied || optional || CHECKED_ELSEWHERE.has(name)) return [];
  return [
    {
      severity: "warning",
      problem: `the package ${name} must have a version ${required}; got ${installed ?? "none"}`,
      reason: "The Python package of Snakepit was tested with these versions only",
      remedy: remedy ?? `install ${name}${required}`,
    },
  ];
}

function findingOfDriver(problem: string): Finding {
  return {
    severity: "warning",
    problem,
    reason: "Libraries probably cannot use the device either",
    remedy: "repair the driver until nvidia-smi lists the devices, or remove it",
  };
}
