import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { afterAll, beforeAll } from "vitest";

/**
 * Time limits that only end a hanging test: for tests with Python, whose workers and tools take longer than the default
 * limits on a machine under load.
 */
export const LONG_TIME_LIMITS = {
  startTimeoutMs: "2m",
  queueTimeoutMs: "2m",
  executeTimeoutMs: "2m",
  cancelGraceMs: "2m",
  heartbeatTimeoutMs: "2m",
} as const;

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
