import { resolve } from "node:path";
import type { SnakepitConfig } from "@snakepit/core";
import { python } from "@snakepit/python-bridge";
import { CONFIG_FILE_NAMES, findConfigFile } from "../../config-file/find-config-file.ts";
import { readConfigFile } from "../../config-file/read-config-file.ts";
import { MisuseError } from "../parse-command-line.ts";

/** The values of `HOST_SOURCE_OPTIONS`. */
export interface HostSource {
  readonly config: string | undefined;
  readonly worker: string | undefined;
  readonly python: string | undefined;
}

/** The configuration of the host that a command starts. */
export interface HostConfigOf {
  /** Absolute path of the configuration file; absent with `--worker`. */
  readonly file?: string;
  readonly config: SnakepitConfig;
}

/**
 * Returns the configuration that the options select.
 *
 * @param workerSize the number of workers with `--worker`. Default: that of the configuration.
 * @throws MisuseError if the options contradict each other, or if no configuration exists.
 * @throws SnakepitError `INVALID_CONFIG`.
 */
export async function hostConfig(source: HostSource, workerSize?: number): Promise<HostConfigOf> {
  const { config: file, worker, python: interpreter } = source;
  if (worker !== undefined) {
    if (file !== undefined) throw new MisuseError("a configuration file and --worker cannot be combined; pass one");
    const spec = python(worker, interpreter === undefined ? {} : { python: interpreter });
    return { config: { worker: spec, ...(workerSize !== undefined && { size: workerSize }) } };
  }
  if (interpreter !== undefined) {
    throw new MisuseError(
      "--python requires --worker; set the interpreter of a configuration in python(…, { python })",
    );
  }
  const directory = resolve(".");
  const found = file === undefined ? await findConfigFile(directory) : resolve(file);
  if (found === undefined) {
    throw new MisuseError(
      `no ${CONFIG_FILE_NAMES[0]} exists in ${directory} and its parents up to the root of the project; create one, or pass --worker ./tools.py`,
    );
  }
  return { file: found, config: await readConfigFile(found) };
}
