import type { Manifest } from "./workspace-package.ts";

/** Whether a subpath leads to test support, which packages of the workspace may share in their tests. */
export function isForTests(subpath: string): boolean {
  return subpath.startsWith("./testing/");
}

/**
 * What `publishConfig.exports` of a package must be: its exports without those for tests and without the condition
 * "source". That condition leads to the TypeScript of the workspace; published, it would send bundlers that know the
 * condition to files they cannot use.
 */
export function publishedExports({ exports = {} }: Manifest): Readonly<Record<string, unknown>> {
  const published = Object.entries(exports).filter(([subpath]) => !isForTests(subpath));
  return Object.fromEntries(
    published.map(([subpath, target]) => {
      if (typeof target === "string") return [subpath, target];
      const { source: _, ...rest } = target;
      return [subpath, rest];
    }),
  );
}
