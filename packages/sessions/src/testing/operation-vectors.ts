import { readFileSync } from "node:fs";
import type { OperationName } from "@snakepit/core";

/** A request and its expected outcome. An object matches if it has the listed properties; others are not compared. */
export interface OperationVector {
  readonly method: OperationName;
  readonly payload?: unknown;
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Paths, such as `variables.t`, that must be absent from the answer. */
  readonly absent?: readonly string[];
  /** The first values of a stream. */
  readonly values?: readonly unknown[];
  /** Whether the stream ends after these values. */
  readonly ends?: boolean;
  readonly error?: { readonly code: string; readonly details: Readonly<Record<string, unknown>> };
}

/**
 * Requests that are made in sequence on a new host. The session `s` has the metadata
 * `{ user: "me" }`. The host tools are `echo(value)`, which returns its argument, `fail()`, which throws, and
 * `count(to)`, which streams the numbers below `to`.
 */
export interface OperationCase {
  readonly name: string;
  readonly requests: readonly OperationVector[];
}

/** Returns the cases that the host and the Python host for unit tests share. */
export function readOperationVectors(): readonly OperationCase[] {
  return JSON.parse(readFileSync(new URL("../../vectors/operations.json", import.meta.url), "utf8"));
}
