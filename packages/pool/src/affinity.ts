import type { ResolvedPoolConfig } from "@snakepit/core";

/**
 * How a call keeps to the worker that executed the last call of its session.
 *
 * - `hint`: that worker when it can take the call now, else the least loaded, else whichever becomes free;
 * - `strict-queue`: that worker, however long it takes;
 * - `strict-fail`: that worker, or `SESSION_WORKER_UNAVAILABLE` at once when it is busy.
 *
 * Where no worker is remembered (the session is new or has been ended, or the worker is gone or about to go) any worker
 * takes the call, whatever the mode.
 */
export type Affinity = ResolvedPoolConfig["affinity"];
