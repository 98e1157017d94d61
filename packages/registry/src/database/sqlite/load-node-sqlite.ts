/**
 * Returns `node:sqlite`. Node.js 22 prints a warning in each process that the module is experimental, which is no help
 * to users. Only that warning is suppressed: the module is loaded synchronously, so no other code runs in the meantime.
 */
export function loadNodeSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  const emitOriginal = emitWarning as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== "ExperimentalWarning") emitOriginal(...args);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
