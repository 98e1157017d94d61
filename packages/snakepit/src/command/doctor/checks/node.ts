import { availableParallelism } from "node:os";
import { SnakepitError } from "@snakepit/core";
import { checkNodeVersion } from "../../../node-version.ts";
import { PACKAGE_VERSION } from "../../../package-version.ts";
import type { CheckResult } from "../finding.ts";

/** The properties of this Node.js. */
export interface NodeFacts {
  /** As in `process.versions.node`. */
  readonly version: string;
  /** As in `process.platform`. */
  readonly platform: string;
}

/** Checks the version of Node.js and the operating system. */
export function checkNode({ version, platform }: NodeFacts): CheckResult {
  const facts = `Node.js ${version} on ${platform}, ${availableParallelism()} processors; snakepit ${PACKAGE_VERSION}`;
  if (platform !== "linux" && platform !== "darwin") {
    return {
      facts,
      findings: [
        {
          severity: "error",
          problem: `the operating system must be Linux or macOS; got ${platform}`,
          reason: "Workers are connected by Unix sockets and ended as process groups",
          remedy: "run the host in WSL or in a container",
        },
      ],
    };
  }
  try {
    checkNodeVersion(version);
    return { facts, findings: [] };
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError)) throw thrown;
    const [problem = "", remedy = ""] = thrown.message.split(/; (?=install)/);
    const reason = "The packages use functions that older versions do not have";
    return { facts, findings: [{ severity: "error", problem, reason, remedy }] };
  }
}
