import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of a package.json that the rules check. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly publishConfig?: { readonly exports?: unknown };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Path from the root of the workspace. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Paths of the TypeScript sources from the root of the workspace. */
  readonly sources: readonly string[];
}

/** Returns the packages that need a rank: those under packages/ and apps/, and the benchmarks. */
export function readWorkspace(root: string): readonly WorkspacePackage[] {
  const folders = globSync(["packages/*", "apps/*", "benchmarks"], { cwd: root }).sort();
  return folders.filter((folder) => existsSync(join(root, folder, "package.json"))).map((folder) => read(root, folder));
}

function read(root: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const sources = globSync(`${folder}/{src,test,tests}/**/*.ts`, { cwd: root }).sort();
  return { folder, manifest, sources };
}
