import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vitepress";
import { REFERENCE, ROOT } from "./addresses.ts";
import { writeTypeScriptReference } from "./typescript-reference.ts";

/** The folder of this package, in which VitePress finds its configuration. */
export const SITE = join(ROOT, "apps/site");

/** The built site. */
export const BUILT_SITE = join(SITE, "dist");

/**
 * Writes the reference pages of both languages.
 *
 * @throws Error when a declaration or a docstring has a problem, such as a link to an unknown name
 */
export async function writeReferences(): Promise<void> {
  const folder = join(ROOT, REFERENCE);
  rmSync(folder, { recursive: true, force: true });
  const [warnings] = await Promise.all([
    writeTypeScriptReference(join(folder, "typescript")),
    promisify(execFile)("python", [join(import.meta.dirname, "python_reference.py"), join(folder, "python")]),
  ]);
  if (warnings.length > 0) throw new Error(`the TypeScript reference has warnings:\n${warnings.join("\n")}`);
}

/**
 * Builds the site with its references.
 *
 * @throws Error when a page cannot be rendered, or a link within the site is broken
 */
export async function buildSite(): Promise<void> {
  await writeReferences();
  await build(SITE);
}
