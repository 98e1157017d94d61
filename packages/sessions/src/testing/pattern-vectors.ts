import { readFileSync } from "node:fs";

/** A pattern with a string that does or does not match it, or an invalid pattern. */
export type PatternVector = {
  readonly name: string;
  readonly pattern: string;
  /** The behavior of the Python host for unit tests, if it differs. */
  readonly standIn?: "accepts" | "rejects" | "hangs";
} & ({ readonly value: string; readonly matches: boolean } | { readonly invalid: true });

export function readPatternVectors(): readonly PatternVector[] {
  return JSON.parse(readFileSync(new URL("../../vectors/patterns.json", import.meta.url), "utf8"));
}
