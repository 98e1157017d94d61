// Lets a Node.js older than 24, which SNAKEPIT_NODE names, run the TypeScript sources of the repository: the examples and some
// tests have `using` declarations, which such a Node.js cannot parse. Published packages have none, see their `target`.
import { readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { majorOf } from "./node-version.mjs";

const OLDEST_WITH_USING = 24;
const DECLARATION = /\busing\s+\w+\s*=/;

if (majorOf(process.versions.node) < OLDEST_WITH_USING) {
  registerHooks({
    load: (url, context, nextLoad) => {
      if (!url.startsWith("file:") || !/\.m?ts$/.test(url) || url.includes("/node_modules/"))
        return nextLoad(url, context);
      const source = readFileSync(fileURLToPath(url), "utf8");
      return DECLARATION.test(source)
        ? { format: "module", source: lower(source), shortCircuit: true }
        : nextLoad(url, context);
    },
  });
}

/** @param {string} source */
function lower(source) {
  // Loaded on demand: most processes run no such file.
  const { transformSync } = createRequire(import.meta.url)("esbuild");
  const options = /** @type {const} */ ({ loader: "ts", target: "node22", sourcemap: "inline", tsconfigRaw: "{}" });
  return transformSync(source, options).code;
}
