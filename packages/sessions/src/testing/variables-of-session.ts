import type { Clock, StateStore } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import { expect } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import type { SessionVariables } from "../variables/session-variables.ts";
import { Variables } from "../variables/variables.ts";
import { plainCodec } from "./memory-host.ts";

/** The session that tests of variables use. */
export const SESSION = "chat-1";

/** Variables of a session in memory, with their store and clock. */
export interface OpenVariables extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: StateStore;
  readonly host: Variables;
  readonly turns: WriteTurns;
  readonly variables: SessionVariables;
}

export async function openVariables(): Promise<OpenVariables> {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const turns = new WriteTurns();
  const host = new Variables({ store, codec: plainCodec, turns, clock, maxVariablesPerSession: 1_000 });
  await store.createSession({ id: SESSION, metadata: {}, ttlMs: 60_000 }, clock.now(), 10);
  const close = async () => {
    host.close();
    await store.close();
  };
  return { clock, store, host, turns, variables: host.of(SESSION), [Symbol.asyncDispose]: close };
}

export function variablesOn(store: StateStore, clock: Clock, maxVariablesPerSession = 1_000): Variables {
  return new Variables({ store, codec: plainCodec, turns: new WriteTurns(), clock, maxVariablesPerSession });
}

/** Resolves with the error that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<SnakepitError> {
  const thrown = await promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SnakepitError);
  return thrown as SnakepitError;
}

/** Returns `count` variables, `v0`, `v1`, …, each with its number as the value. */
export function numbered(count: number): Record<string, number> {
  return Object.fromEntries(numberedNames(count).map((name, index) => [name, index]));
}

export function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `v${index}`);
}
