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

/** Whether a source file is a test or support for tests: neither is published. */
export function isTestCode(file: string): boolean {
  return /\.test(-d)?\.ts$/.test(file) || /(^|\/)(testing|tests?|testdata)\//.test(file);
}

/** Whether a subpath is test support, which the tests of other packages in the workspace may import. */
export function isForTests(subpath: string): boolean {
  return subpath.startsWith("./testing/");
}
