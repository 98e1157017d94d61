import { hostname } from "node:os";
import { type HostIdentity, isSecretName, MASK, maskUrlSecrets } from "@snakepit/core";
import { PACKAGE_VERSION } from "../package-version.ts";

/** Returns the identity of this process as a host that was started at this time, in milliseconds since 1970. */
export function hostIdentity(runId: string, startedAt: number): HostIdentity {
  return {
    runId,
    pid: process.pid,
    startedAt,
    hostname: hostname(),
    cwd: process.cwd(),
    command: maskCommand(process.argv),
    versions: {
      snakepit: PACKAGE_VERSION,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    },
  };
}

const OPTION = /^(--?[\w.-]+)=(.*)$/s;

/** Masks the values of options whose names are those of secrets: `--token=x`, `--token x`. */
export function maskCommand(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const before = args[index - 1];
    if (before?.startsWith("-") && !before.includes("=") && isSecretName(before) && !arg.startsWith("-")) return MASK;
    const option = OPTION.exec(arg);
    if (option?.[1] !== undefined && isSecretName(option[1])) return `${option[1]}=${MASK}`;
    return maskUrlSecrets(arg);
  });
}
