import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describeValue, rejectUnknownOptions, type SnakepitConfig, SnakepitError } from "@snakepit/core";
import { CONFIG_FILE_NAMES, findConfigFile } from "./find-config-file.ts";
import { readConfigFile } from "./read-config-file.ts";

/** Options of {@link loadConfig}. */
export interface LoadConfigOptions {
  /** The configuration file; by default it is searched. */
  readonly file?: string | URL | undefined;
  /** Where the search begins, and what a relative `file` is relative to. Default: the working directory. */
  readonly directory?: string | undefined;
}

/** A configuration and its file. */
export interface LoadedConfig {
  /** Absolute path of the configuration file. */
  readonly file: string;
  readonly config: SnakepitConfig;
}

/**
 * Loads the configuration file of the project: `snakepit.config.ts`, `.mts`, `.js` or `.mjs` in the working directory,
 * or in the nearest parent up to the root of the project. The default export is a configuration, or a function that
 * returns one. Relative paths in it are relative to its directory, which is also the working directory of the workers
 * unless `python(…, { cwd })` sets another one.
 *
 * @throws SnakepitError `INVALID_CONFIG` when no file exists, when it cannot be loaded, and with every mistake in the
 *   configuration; `INVALID_ARGUMENT` for invalid options.
 * @example
 * await using pit = await Snakepit.start(await loadConfig());
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<SnakepitConfig> {
  return (await loadConfigFile(options)).config;
}

/** Loads a configuration as {@link loadConfig} does; resolves with the path of the file, too. */
export async function loadConfigFile(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  rejectUnknownOptions("loadConfig", options, ["file", "directory"]);
  const directory = resolve(checkedPath("directory", options.directory) ?? ".");
  const requested = checkedPath("file", options.file);
  const file = requested === undefined ? await findConfigFile(directory) : resolve(directory, requested);
  if (file === undefined) throw missingConfig(directory);
  return { file, config: await readConfigFile(file) };
}

/** Returns the error for a directory without a configuration file. */
function missingConfig(directory: string): SnakepitError {
  const [first, ...others] = CONFIG_FILE_NAMES;
  const message = `no configuration file exists in ${directory} and its parents up to the root of the project; create ${first} (or ${others.join(", ")}) with: export default defineConfig({ worker: python("./tools.py") })`;
  return new SnakepitError("INVALID_CONFIG", message, { details: { directory } });
}

function checkedPath(name: string, value: string | URL | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && value !== "" && !/^file:/i.test(value)) return value;
  try {
    if (value !== "") return fileURLToPath(value);
  } catch {
    // Not a URL of a file on this machine.
  }
  throw new SnakepitError("INVALID_ARGUMENT", `${name} must be a path or a URL of a file; got ${describeValue(value)}`);
}
