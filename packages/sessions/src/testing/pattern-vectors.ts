import { readFileSync } from "node:fs";

/** A pattern with a string that does or does not match it, or an invalid pattern. */
export type PatternVector = {
  readonly name: string;
  readonly pattern: string;
  /** What Python's stand-in for a host does where it differs from a host. */
  readonly standIn?: "accepts" | "rejects" | "hangs";
} & ({ readonly value: string; readonly matches: boolean } | { readonly invalid: true });

export function readPatternVectors(): readonly PatternVector[] {
  return JSON.parse(readFileSync(new URL("../../vectors/patterns.json", import.meta.url), "utf8"));
}
