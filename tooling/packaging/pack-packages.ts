import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

/** A packed package. */
export interface PackedPackage {
  readonly name: string;
  /** Absolute path. */
  readonly tarball: string;
  /** Its subpaths that can be imported, "." first. */
  readonly subpaths: readonly string[];
}

/** Packs every published package into `folder`, like `pnpm publish`. Requires the build. */
export async function packPackages(folder: string): Promise<readonly PackedPackage[]> {
  const manifests = globSync("packages/*/package.json", { cwd: root }).sort();
  return await Promise.all(manifests.map((path) => packPackage(join(root, dirname(path)), folder)));
}

async function packPackage(source: string, folder: string): Promise<PackedPackage> {
  const { name, publishConfig } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as Manifest;
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], { cwd: source });
  const { filename } = JSON.parse(stdout) as { readonly filename: string };
  const subpaths = Object.keys(publishConfig.exports).filter((subpath) => subpath !== "./package.json");
  return { name, tarball: resolve(folder, filename), subpaths };
}

interface Manifest {
  readonly name: string;
  readonly publishConfig: { readonly exports: Readonly<Record<string, unknown>> };
}
