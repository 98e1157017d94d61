import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the configuration's interfaces and documentation are what the option tables say", () => {
  const script = join(import.meta.dirname, "../../scripts/generate-config.mjs");
  expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
});
