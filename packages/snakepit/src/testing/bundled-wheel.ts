import { execFileSync } from "node:child_process";
import { join } from "node:path";

const BRIDGE = join(import.meta.dirname, "../../../python-bridge");

/** Builds the wheel that `snakepit setup` and `doctor` use, unless it is up to date. A new clone has none. */
export function buildBundledWheel(): void {
  execFileSync(process.execPath, [join(BRIDGE, "scripts/build-wheel.mjs")], { stdio: "pipe" });
}
