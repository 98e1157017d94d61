import { dirname, join } from "node:path";
import { build as buildWithEsbuild } from "esbuild";
import { build as buildWithVite } from "vite";
import webpack from "webpack";

/** Bundles a program into a folder; resolves with the name of the file to run. */
export type Bundler = (entry: string, folder: string) => Promise<string>;

export interface EsbuildOptions {
  readonly format: "esm" | "cjs";
  /** What is put before the code; nothing by default. */
  readonly banner?: string;
  readonly minify?: boolean;
}

export function esbuild({ format, banner = "", minify = false }: EsbuildOptions): Bundler {
  return async (entry, folder) => {
    const file = format === "esm" ? "app.mjs" : "app.cjs";
    await buildWithEsbuild({
      ...{ entryPoints: [entry], outfile: join(folder, file), bundle: true, platform: "node", format, minify },
      ...{ banner: { js: banner }, logLevel: "error", absWorkingDir: dirname(entry) },
    });
    return file;
  };
}

/** A server build without external packages. */
export const vite: Bundler = async (entry, folder) => {
  await buildWithVite({
    ...{ root: dirname(entry), configFile: false, logLevel: "error" },
    build: { ssr: entry, outDir: folder, rolldownOptions: { output: { entryFileNames: "app.mjs" } } },
    ssr: { noExternal: true },
  });
  return "app.mjs";
};

/**
 * For production, but not minified, which takes long.
 *
 * @param missing optional packages that are not installed.
 */
export function webpackBundler(missing: readonly string[]): Bundler {
  return async (entry, folder) => await bundleWithWebpack(entry, folder, missing);
}

async function bundleWithWebpack(entry: string, folder: string, missing: readonly string[]): Promise<string> {
  const compiler = webpack({
    ...{ mode: "production", target: "node22", entry, context: dirname(entry) },
    optimization: { minimize: false },
    output: { path: folder, filename: "app.cjs" },
    resolve: { alias: Object.fromEntries(missing.map((name) => [name, false])) },
  });
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    compiler?.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
  const problems = [...errors, ...warnings].map(({ message }) => message);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return "app.cjs";
}
