import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type BridgeListenOptions,
  describeValue,
  isRegistryLocation,
  isWorkerSpec,
  type PoolConfig,
  resolveConfig,
  type SnakepitConfig,
  SnakepitError,
} from "@snakepit/core";

const EXAMPLE = 'export default defineConfig({ worker: python("./tools.py") })';

/**
 * Imports a configuration file, calls its default export if that is a function, and checks the result.
 *
 * @param file absolute path.
 * @returns the configuration; relative paths are resolved against the directory of the file.
 * @throws SnakepitError `INVALID_CONFIG`.
 */
export async function readConfigFile(file: string): Promise<SnakepitConfig> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    const problem = found === undefined ? "does not exist" : "is not a file";
    throw invalid(file, `${problem}; pass the path of a file such as snakepit.config.ts`);
  }
  const exported = defaultExport(file, await importFile(file));
  const config = typeof exported === "function" ? await called(file, exported as () => unknown) : exported;
  if (config === undefined || config === null) {
    throw invalid(file, `must return a configuration; its default export returned ${describeValue(config)}`);
  }
  resolveConfig(config, `the configuration file ${file}`);
  return relativeToDirectory(config as SnakepitConfig, dirname(file));
}

async function importFile(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (thrown) {
    throw invalid(file, `cannot be loaded: ${reasonOf(thrown, file)}`, thrown);
  }
}

function reasonOf(thrown: unknown, file: string): string {
  if (!(thrown instanceof Error)) return describeValue(thrown);
  const { code } = thrown as NodeJS.ErrnoException;
  const message = `${thrown.message.trim()}${placeOf(thrown, file)}`;
  switch (code) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return `${message}; Node.js only removes types: replace enums, namespaces and parameter properties, which the option erasableSyntaxOnly of TypeScript finds`;
    case "ERR_INVALID_TYPESCRIPT_SYNTAX":
      return `${message}; correct the syntax`;
    case "ERR_NO_TYPESCRIPT":
    case "ERR_UNKNOWN_FILE_EXTENSION":
      return "this Node.js does not load TypeScript; rename the file to snakepit.config.mjs and remove its types, or use a Node.js from https://nodejs.org";
    case "ERR_MODULE_NOT_FOUND":
      return `${thrown.message}; install the package, or write the path with its extension`;
    default:
      return `${thrown.name}: ${message}${MODULE_SYNTAX.test(message) ? moduleRemedy(file) : ""}`;
  }
}

/** What Node.js reports for a module in a package with `"type": "commonjs"`. */
const MODULE_SYNTAX = /^Cannot use import statement outside a module|^Unexpected token 'export'/;

function moduleRemedy(file: string): string {
  const name = `snakepit.config${file.endsWith(".ts") ? ".mts" : ".mjs"}`;
  return `; rename the file to ${name}, or set "type": "module" in the package.json of its project`;
}

/** The place of an error of the syntax is the first line of its stack; other stacks have a line for each call. */
const PLACE = /^(?: +at (?:.* \()?)?(file:\/\/\S+?):(\d+)(?::\d+\)?)?$/gm;

/** Returns where an error is: preferably in the configuration file, otherwise in a module that it imports. */
function placeOf({ stack = "" }: Error, file: string): string {
  const places = Array.from(stack.matchAll(PLACE), ([, url = "", line]) => ({ path: fileURLToPath(url), line }));
  const place = places.find(({ path }) => path === file) ?? places[0];
  if (place === undefined) return "";
  return place.path === file ? ` (line ${place.line})` : ` (line ${place.line} of ${place.path})`;
}

function defaultExport(file: string, module: object): unknown {
  if ("default" in module && module.default !== undefined) return module.default;
  throw invalid(file, `has no default export; write ${EXAMPLE}`);
}

async function called(file: string, load: () => unknown): Promise<unknown> {
  try {
    return await load();
  } catch (thrown) {
    throw invalid(file, `failed: its function threw ${reasonOf(thrown, file)}`, thrown);
  }
}

function invalid(file: string, problem: string, cause?: unknown): SnakepitError {
  return new SnakepitError("INVALID_CONFIG", `the configuration file ${file} ${problem}`, {
    details: { file },
    ...(cause !== undefined && { cause }),
  });
}

/** Resolves the relative paths of a valid configuration. */
function relativeToDirectory(config: SnakepitConfig, directory: string): SnakepitConfig {
  const { registry, sessions, socketDirectory, serve } = config;
  const host = {
    ...(registry !== undefined && { registry: absoluteLocation(registry, directory) }),
    ...(sessions?.store !== undefined && {
      sessions: { ...sessions, store: absoluteLocation(sessions.store, directory) },
    }),
    ...(socketDirectory !== undefined && { socketDirectory: resolve(directory, socketDirectory) }),
    ...(serve?.gateway !== undefined && {
      serve: { ...serve, gateway: [serve.gateway].flat().map((each) => absoluteSocket(each, directory)) },
    }),
  };
  if (config.pools === undefined) return { ...config, ...host, ...absoluteWorker(config, directory) };
  const pools = Object.entries(config.pools).map(([name, pool]) => {
    return [name, { ...pool, ...absoluteWorker(pool, directory) }] as const;
  });
  return { ...config, ...host, pools: Object.fromEntries(pools) };
}

function absoluteWorker({ worker }: PoolConfig, directory: string): Pick<PoolConfig, "worker"> {
  return { worker: isWorkerSpec(worker) ? (worker.relativeTo?.(directory) ?? worker) : worker };
}

/** Resolves the path of a SQLite file; other locations, and custom registries and stores, are returned unchanged. */
function absoluteLocation<Location>(location: Location, directory: string): Location {
  if (!isRegistryLocation(location) || location.path === undefined) return location;
  return { ...location, path: resolve(directory, location.path) };
}

function absoluteSocket(options: BridgeListenOptions, directory: string): BridgeListenOptions {
  if (!("socketPath" in options)) return options;
  return { ...options, socketPath: resolve(directory, options.socketPath) };
}
