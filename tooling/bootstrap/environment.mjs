import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { FETCHED_PROGRAMS, ROOT, TOOLS, VENV } from "./workspace.mjs";

/** Variables that `npm run` sets for its child; package managers that we start would read them as their settings. */
const OF_NPM_RUN =
  /^(npm_(command|execpath|node_execpath|lifecycle_.*|package_.*)|npm_config_(local_prefix|global_prefix|prefix|user_agent)|INIT_CWD)$/;

/** Variables that redirect Python from the virtual environment to another location. */
const OF_OTHER_PYTHONS = ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "SNAKEPIT_PYTHON", "PIP_USER"];

/** Lets an older Node.js, which SNAKEPIT_NODE may name, run our sources. */
const EXPLICIT_RESOURCES = new URL("./explicit-resources.mjs", import.meta.url).href;

/**
 * Returns the environment for tools of the set-up.
 * @param {readonly string[]} [pathFirst] folders to put before PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(pathFirst = []) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_NPM_RUN.test(name)));
  for (const name of OF_OTHER_PYTHONS) delete env[name];
  env["PATH"] = [...pathFirst, env["PATH"] ?? ""].join(delimiter);
  useWritableHome(env);
  env["TURBO_TELEMETRY_DISABLED"] = "1";
  env["DO_NOT_TRACK"] = "1";
  return env;
}

/**
 * Returns the environment for the commands of the project: `.venv` is activated, and its tools are on PATH.
 * @param {readonly string[]} toolFolders
 * @returns {NodeJS.ProcessEnv}
 */
export function activatedEnvironment(toolFolders) {
  const env = toolEnvironment([join(VENV, "bin"), ...toolFolders, join(ROOT, "node_modules/.bin")]);
  env["PATH"] = [env["PATH"], FETCHED_PROGRAMS].join(delimiter);
  env["VIRTUAL_ENV"] = VENV;
  if (env["SNAKEPIT_NODE"]) env["NODE_OPTIONS"] = `${env["NODE_OPTIONS"] ?? ""} --import=${EXPLICIT_RESOURCES}`.trim();
  return env;
}

// Package managers keep their caches in the home folder; a user without one still gets a working set-up.
/** @param {NodeJS.ProcessEnv} env */
function useWritableHome(env) {
  const home = env["HOME"] || homedir();
  env["HOME"] = home;
  try {
    accessSync(home, constants.W_OK);
  } catch {
    const substitute = join(TOOLS, "home");
    mkdirSync(substitute, { recursive: true });
    env["HOME"] = substitute;
    // `npm run` derived this path from the missing home folder.
    if (env["npm_config_cache"]?.startsWith(home)) delete env["npm_config_cache"];
  }
}
