import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type BuildResult, build } from "esbuild";

/** The oldest Node.js that the packages support. */
const TARGET = "node22.18";

/** What a package loads its code from; the declarations come from the compiler. */
interface Manifest {
  readonly bin?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly publishConfig: { readonly exports: Readonly<Record<string, string | { readonly default: string }>> };
}

/**
 * Bundles the modules of a package into `dist`: one file for each entry point, and one for each part that the sources
 * import dynamically. Other packages stay imports, ours included, so that a program never contains two copies of one.
 * Nothing is minified, and a comment before each module names its source file: a stack trace is readable without source
 * maps, which would be a tenth of all files. Removes the files of earlier bundles.
 */
export async function bundlePackage(folder: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const dist = join(folder, "dist");
  const result = await build({
    absWorkingDir: folder,
    entryPoints: entryPoints(manifest).map((output) => output.replace("./dist/", "./src/").replace(/\.js$/, ".ts")),
    outbase: "src",
    outdir: "dist",
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    format: "esm",
    target: TARGET,
    packages: "external",
    // Subpath imports, whose conditions are for bundlers of programs.
    external: Object.keys(manifest.imports ?? {}),
    metafile: true,
    logLevel: "error",
  });
  const written = outputsOf(result, folder);
  for (const file of written) {
    if (file.endsWith(".js")) writeFileSync(file, withClassNames(readFileSync(file, "utf8")));
  }
  for (const file of globSync("**/*.{js,js.map}", { cwd: dist, exclude: ["python", "page"] })) {
    if (!written.has(join(dist, file))) rmSync(join(dist, file));
  }
}

/**
 * Restores the names of the classes of a bundle, which errors and printed values show: esbuild writes a class
 * that refers to itself as `var Uuid = class _Uuid`. (Its option `keepNames` would rename each closure when it is
 * created.) The spaces keep the columns.
 */
export function withClassNames(bundle: string): string {
  const names = new Set([...bundle.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name));
  return bundle.replace(/(?<![\w$.])_(\w+)\b/g, (written, name: string) => (names.has(name) ? ` ${name}` : written));
}

/** Returns the files that users, commands and the package itself load by path. */
function entryPoints({ bin = {}, imports = {}, publishConfig }: Manifest): readonly string[] {
  const exported = Object.values(publishConfig.exports).flatMap((target) =>
    typeof target === "string" ? [] : [target.default],
  );
  const imported = Object.values(imports).flatMap((target) => {
    // A plain path is a file that the package generates.
    if (typeof target === "string") return [];
    const { source: _, ...targets } = target;
    return Object.values(targets);
  });
  return [...new Set([...exported, ...Object.values(bin), ...imported])];
}

function outputsOf({ metafile }: BuildResult<{ metafile: true }>, folder: string): ReadonlySet<string> {
  return new Set(Object.keys(metafile.outputs).map((path) => resolve(folder, path)));
}

/** Returns the folders of the published packages. */
export function publishedFolders(): readonly string[] {
  const root = resolve(import.meta.dirname, "../..");
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((path) => join(root, dirname(path)));
}
