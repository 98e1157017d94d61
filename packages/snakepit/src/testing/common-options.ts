import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { afterAll, beforeAll } from "vitest";

/** Returns the common options of the hosts in a test file: a separate registry, and no logger. */
export function commonOptions(): () => { readonly registry: { readonly path: string }; readonly logger: false } {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-api-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  return () => ({ registry: { path: join(directory, "registry.db") }, logger: false });
}

/** Resolves with the error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<SnakepitError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof SnakepitError) return thrown;
    throw thrown;
  }
  throw new Error("the promise must reject; it resolved");
}
