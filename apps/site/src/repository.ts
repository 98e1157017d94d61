import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the clone. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** The address of the repository, as package.json has it: `https://github.com/owner/name`. */
export const REPOSITORY = readRepository();

/** Returns the address of a file, or a folder, of the main branch. */
export function sourceAddress(path: string, kind: "blob" | "tree" = "blob"): string {
  return `${REPOSITORY}/${kind}/main/${path}`;
}

function readRepository(): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly repository: { readonly url: string };
  };
  return manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
}
