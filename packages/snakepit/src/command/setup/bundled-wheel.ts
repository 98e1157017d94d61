import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SnakepitError } from "@snakepit/core";

/** The wheel of snakepit-bridge that the npm package carries. */
export interface BundledWheel {
  readonly path: string;
  readonly version: string;
}

/** Finds the wheel. */
export async function bundledWheel(): Promise<BundledWheel> {
  const manifest = createRequire(import.meta.url).resolve("@snakepit/python-bridge/package.json");
  const directory = join(dirname(manifest), "dist", "python");
  const names = await readdir(directory).catch(() => []);
  const name = names.find((each) => each.endsWith(".whl"));
  const version = name?.split("-")[1];
  if (name === undefined || version === undefined) {
    throw new SnakepitError(
      "INTERNAL",
      `${directory} has no wheel of snakepit-bridge; install the npm package again (in Snakepit's own workspace: pnpm --filter @snakepit/python-bridge run build:wheel)`,
    );
  }
  return { path: join(directory, name), version };
}
