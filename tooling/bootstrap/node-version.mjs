/** The oldest Node.js that the bootstrap runs on. The rest of the project uses a newer one; see node-runtime.mjs. */
const OLDEST_MAJOR = 20;

/**
 * @param {string} version of the running Node.js, as in `process.versions.node`
 * @returns {string | undefined} the message for the user if the version is too old
 */
export function nodeTooOld(version) {
  if (majorOf(version) >= OLDEST_MAJOR) return undefined;
  return [
    `This is Node.js ${version}; setting up Snakepit requires Node.js ${OLDEST_MAJOR} or newer.`,
    "Install a newer one from https://nodejs.org or with your version manager, and run the command again.",
  ].join("\n");
}

/**
 * @param {string} version
 * @returns {number}
 */
export function majorOf(version) {
  return Number.parseInt(version, 10);
}
