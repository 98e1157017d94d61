import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { PythonFacts } from "../command/setup/python-facts.ts";

/**
 * Writes a program that reports the properties of an interpreter, for versions and faults that machines rarely have.
 */
export function writeFakeInterpreter(path: string, facts: Partial<PythonFacts>): string {
  const all: PythonFacts = {
    version: "3.12.1",
    prefix: dirname(dirname(path)),
    isEnvironment: false,
    hasPip: true,
    hasEnsurepip: true,
    ...facts,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify(all)}'\n`);
  chmodSync(path, 0o755);
  return path;
}
