import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { majorOf } from "./node-version.mjs";
import { fetchNpmPackage, npmPackageFolder } from "./npm-package.mjs";
import { SetupError } from "./setup-error.mjs";
import { pinnedNode } from "./workspace.mjs";

/**
 * @returns {string} the Node.js for development: the one that SNAKEPIT_NODE names, otherwise the running one if it is
 * new enough, otherwise a fetched one
 */
export function nodeProgram() {
  const named = process.env["SNAKEPIT_NODE"];
  if (named !== undefined && named !== "") return named;
  const pinned = pinnedNode();
  if (majorOf(process.versions.node) >= majorOf(pinned)) return process.execPath;
  return join(npmPackageFolder("node", pinned), "node_modules/node/bin/node");
}

/** @returns {string} the folder of that program */
export function nodeFolder() {
  return dirname(nodeProgram());
}

/** @returns {boolean} */
export function hasNode() {
  return existsSync(nodeProgram());
}

/** Fetches the pinned Node.js from npm and checks that it runs on this machine. */
export async function fetchNode() {
  const version = pinnedNode();
  if (nodeProgram() === process.env["SNAKEPIT_NODE"]) {
    throw new SetupError(
      `SNAKEPIT_NODE must name an existing program; got ${nodeProgram()}.`,
      "set SNAKEPIT_NODE to the program of a Node.js 22.18 or newer, or unset it.",
    );
  }
  await fetchNpmPackage("node", version);
  const tried = await runTool(nodeProgram(), ["--version"], { env: toolEnvironment() });
  if (tried.status === 0 && tried.stdout.trim() === `v${version}`) return;
  throw new SetupError(
    `the Node.js ${version} from npm does not run on this machine.`,
    `install Node.js ${majorOf(version)} yourself (https://nodejs.org, or your version manager) and run the command again.`,
    { output: tried.tail },
  );
}
