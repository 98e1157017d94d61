import { resolve } from "node:path";
import { checkWorkspace } from "./check-workspace.ts";
import { formatViolation } from "./violation.ts";

const violations = checkWorkspace(resolve(import.meta.dirname, "../.."));
for (const violation of violations) console.error(formatViolation(violation));
if (violations.length > 0) process.exitCode = 1;
