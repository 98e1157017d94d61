import { resolve } from "node:path";
import { type ResolvedConfig, resolveConfig, type SnakepitError, toSnakepitError } from "@snakepit/core";
import { findConfigFile } from "../../config-file/find-config-file.ts";
import { readConfigFile } from "../../config-file/read-config-file.ts";
import type { CheckResult } from "./finding.ts";

/** The configuration file of a project. */
export type Configuration =
  | { readonly is: "valid"; readonly file: string; readonly config: ResolvedConfig }
  | { readonly is: "invalid"; readonly file: string; readonly error: SnakepitError };

/**
 * Reads the configuration file of a project.
 *
 * @param requested the path of the file; by default it is searched.
 * @returns `undefined` if the project has none. Never rejects because of the file.
 */
export async function readConfiguration(
  requested: string | undefined,
  directory: string,
): Promise<Configuration | undefined> {
  const file = requested === undefined ? await findConfigFile(directory) : resolve(directory, requested);
  if (file === undefined) return undefined;
  try {
    return { is: "valid", file, config: resolveConfig(await readConfigFile(file)) };
  } catch (thrown) {
    return { is: "invalid", file, error: toSnakepitError(thrown) };
  }
}

/** Checks that the configuration file of the project can be loaded and is valid. */
export function checkConfiguration(configuration: Configuration): CheckResult {
  const { file } = configuration;
  switch (configuration.is) {
    case "valid": {
      const pools = Object.entries(configuration.config.pools);
      const list = pools.map(([name, { worker }]) => `${name} (${worker.target})`).join(", ");
      return { facts: `${file}: ${list}`, findings: [] };
    }
    case "invalid":
      return {
        facts: file,
        findings: [
          {
            severity: "error",
            problem: configuration.error.message,
            reason: "Programs and commands that load the file cannot start",
            remedy: "correct the file",
          },
        ],
      };
    default:
      return configuration satisfies never;
  }
}
