import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostScope, type LauncherOptions, SnakepitError, type WorkerSpec } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
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

/** A launcher that a host has created, and the options that it passed. */
export interface CreatedLauncher {
  readonly launcher: FakeLauncher;
  readonly host: HostScope;
  readonly options: LauncherOptions;
}

/** Workers without processes, with a record of the created launchers. */
export interface FakeWorkers extends WorkerSpec {
  readonly created: CreatedLauncher[];
}

/** Returns workers without processes. By default they settle each call with the name of its tool. */
export function fakeWorkers(launcher = answering((call) => call.value(call.tool))): FakeWorkers {
  const created: CreatedLauncher[] = [];
  return {
    language: "fake",
    target: "fake workers",
    created,
    async createLauncher(host, options) {
      created.push({ launcher, host, options });
      return launcher;
    },
  };
}

/** Returns a launcher whose workers have the tool `add` and the streaming tool `count`. */
export function answering(run: (call: FakeCall) => void): FakeLauncher {
  const tool = (name: string, streaming: boolean) => ({ name, description: "", parameters: [], streaming });
  return new FakeLauncher({ tools: [tool("add", false), tool("count", true)], run });
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
