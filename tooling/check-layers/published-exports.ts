import type { Manifest } from "./workspace-package.ts";

/** Whether a subpath is test support, which the tests of other packages in the workspace may import. */
export function isForTests(subpath: string): boolean {
  return subpath.startsWith("./testing/");
}

/**
 * Returns the required `publishConfig.exports` of a package: its exports without test support and without the condition
 * "source". That condition refers to the TypeScript of the workspace; in a published package, bundlers that use the
 * condition would resolve to unusable files.
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
