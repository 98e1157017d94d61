// Builds the page of the dashboard into one module: dist/page/assets.js exports its files by path. As a module, it
// needs no path at run time, and bundlers of applications include it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const PACKAGE = resolve(import.meta.dirname, "..");
const OUTPUT = join(PACKAGE, "dist/page");

/** The libraries that the page contains. Their licenses require that the text accompanies every copy. */
const LIBRARIES = ["preact", "uplot"];

const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" };

const { outputFiles } = await build({
  absWorkingDir: PACKAGE,
  entryPoints: { page: "page/main.tsx", style: "page/style.css" },
  outdir: "dist/page",
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  platform: "browser",
  // Browsers with `light-dark()` and `URL.parse`, which the page uses.
  target: ["chrome126", "firefox126", "safari18"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "error",
});

const [script, style] = ["js", "css"].map((extension) => {
  const file = outputFiles.find(({ path }) => path.endsWith(`.${extension}`));
  if (file === undefined) throw new Error(`the page has no .${extension} file`);
  return hashed(extension, file.text);
});
const icon = hashed("svg", readFileSync(join(PACKAGE, "page/icon.svg"), "utf8"));
const licensesFile = { path: "/assets/licenses.txt", type: "text/plain; charset=utf-8", body: licenses() };
const page = {
  path: "/",
  type: "text/html; charset=utf-8",
  body: readFileSync(join(PACKAGE, "page/index.html"), "utf8")
    .replace("/page.js", script.path)
    .replace("/style.css", style.path)
    .replace("/icon.svg", icon.path),
};

mkdirSync(OUTPUT, { recursive: true });
const entries = [page, script, style, icon, licensesFile].map(({ path, type, body }) => [path, { type, body }]);
writeFileSync(
  join(OUTPUT, "assets.js"),
  `/** The files of the page, by path. */\nexport const assets = ${JSON.stringify(Object.fromEntries(entries), null, 1)};\n`,
);
writeFileSync(
  join(OUTPUT, "assets.d.ts"),
  "/** The files of the page, by path. */\n" +
    "export declare const assets: Readonly<Record<string, { readonly type: string; readonly body: string }>>;\n",
);

/** @param {keyof typeof TYPES} extension @param {string} body */
function hashed(extension, body) {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  return { path: `/assets/${hash}.${extension}`, type: TYPES[extension], body };
}

function licenses() {
  const require = createRequire(import.meta.url);
  return LIBRARIES.map((name) => {
    const folder = dirname(require.resolve(`${name}/package.json`));
    return `${name}\n\n${readFileSync(join(folder, "LICENSE"), "utf8")}`;
  }).join("\n\n");
}
