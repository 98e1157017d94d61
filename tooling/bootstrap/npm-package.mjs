import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { SetupError, toolFailure } from "./setup-error.mjs";
import { TOOLS } from "./workspace.mjs";

/**
 * @param {string} name
 * @param {string} version
 * @returns {string} the folder into which `fetchNpmPackage` installs the package
 */
export function npmPackageFolder(name, version) {
  return join(TOOLS, `${name}-${version}`);
}

/**
 * Installs one package from npm into a separate folder in `.tools`. If the folder exists, it is complete.
 * @param {string} name
 * @param {string} version
 */
export async function fetchNpmPackage(name, version) {
  const folder = npmPackageFolder(name, version);
  if (existsSync(folder)) return;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const options = ["--no-save", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  // Both packages install their program as an optional dependency or by an install script; this overrides the user's
  // npmrc.
  options.push("--include=optional", "--ignore-scripts=false");
  // A missing network should be reported in seconds, not in minutes.
  options.push("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000");
  const result = await runNpm(["install", "--prefix", unfinished, ...options, `${name}@${version}`], unfinished);
  if (result.status !== 0) {
    throw toolFailure(`fetching ${name} ${version} from npm`, result, "see the output of npm above.");
  }
  renameSync(unfinished, folder);
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function runNpm(args, cwd) {
  const env = toolEnvironment();
  const cli = process.env["npm_execpath"];
  // `npm run` sets this variable to its own path; so do pnpm and yarn.
  if (cli !== undefined && basename(cli) === "npm-cli.js") {
    return await runTool(process.execPath, [cli, ...args], { env, cwd });
  }
  try {
    return await runTool("npm", args, { env, cwd });
  } catch (cause) {
    throw new SetupError("npm was not found.", "install Node.js with npm (https://nodejs.org).", { cause });
  }
}
