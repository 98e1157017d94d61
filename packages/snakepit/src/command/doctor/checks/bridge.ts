import { PROTOCOL_VERSION } from "@snakepit/bridge-proto/values";
import type { Interpreter } from "@snakepit/python-bridge";
import type { CheckResult, Finding, Repair } from "../finding.ts";
import type { BridgeState } from "../python-probe.ts";

/** What is known about the bridge of an interpreter. */
export interface BridgeFacts {
  readonly interpreter: Interpreter;
  /** Whether packages can be installed without changes to the system. */
  readonly isEnvironment: boolean;
  readonly bridge: BridgeState;
  /** The version of the wheel that is bundled with this npm package. */
  readonly expected: string;
  /** The command that installs the bundled version so that a pool finds it. */
  readonly command: string;
}

const REASON = "Workers run this Python package, which communicates with the host";

/**
 * Checks that the bundled version of snakepit-bridge is installed.
 *
 * @param install installs it; absent if the pool would not find the result.
 */
export function checkBridge(facts: BridgeFacts, install: Repair | undefined): CheckResult {
  const finding = findingOf(facts);
  return {
    facts: describe(facts.bridge),
    findings: finding === undefined ? [] : [{ ...finding, ...(install !== undefined && { repair: install }) }],
  };
}

function findingOf({ interpreter, isEnvironment, bridge, expected, command }: BridgeFacts): Finding | undefined {
  const name = `${interpreter.path} (${interpreter.chosenBy})`;
  const remedy =
    isEnvironment || !interpreter.isChoice
      ? command
      : `${command}, and use the new environment: python("./tools.py", { python: ".venv" })`;
  switch (bridge.is) {
    case "missing":
      return {
        severity: "error",
        problem: `the package snakepit-bridge is not installed in ${name}`,
        reason: REASON,
        remedy,
      };
    case "broken":
      return {
        severity: "error",
        problem: `the package snakepit-bridge of ${name} cannot be imported: ${bridge.problem}`,
        reason: REASON,
        remedy,
      };
    case "installed": {
      if (bridge.version === expected) return undefined;
      const isIncompatible = bridge.protocol !== PROTOCOL_VERSION;
      const protocols = isIncompatible ? ` (protocol ${bridge.protocol} instead of ${PROTOCOL_VERSION})` : "";
      return {
        severity: isIncompatible ? "error" : "warning",
        problem: `snakepit-bridge in ${bridge.file} must be version ${expected}; got ${bridge.version}${protocols}`,
        reason: isIncompatible
          ? "Host and workers cannot communicate"
          : "Each npm package is tested with the version that it contains; another one may lack features and corrections",
        remedy,
      };
    }
    default:
      return bridge satisfies never;
  }
}

function describe(bridge: BridgeState): string {
  switch (bridge.is) {
    case "missing":
      return "not installed";
    case "broken":
      return "installed, but cannot be imported";
    case "installed":
      return `snakepit-bridge ${bridge.version} in ${bridge.file}`;
    default:
      return bridge satisfies never;
  }
}
