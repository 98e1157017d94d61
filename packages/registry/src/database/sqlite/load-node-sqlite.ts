/**
 * Gives `node:sqlite`. Node.js 22 warns once in each process that it is experimental, on the terminal of everybody who uses
 * Snakepit and has not chosen it. That warning is left out and no other: the module is loaded at once, so that nobody
 * else's code runs meanwhile.
 */
export function loadNodeSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  const pass = emitWarning as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== "ExperimentalWarning") pass(...args);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
