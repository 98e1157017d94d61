// Runs before each test file: marks the processes of that file with its name.
import { relative } from "node:path";
import { expect } from "vitest";
import { FILE_MARK } from "./leftover-processes.ts";

const { testPath } = expect.getState();
if (testPath !== undefined) process.env[FILE_MARK] = relative(process.cwd(), testPath);
