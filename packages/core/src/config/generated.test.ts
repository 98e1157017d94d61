import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the generated interfaces and documentation match the option tables", () => {
  const script = join(import.meta.dirname, "../../scripts/generate-config.mjs");
  expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
});
