// Runs before each test file: what that file starts carries its name.
import { relative } from "node:path";
import { expect } from "vitest";
import { FILE_MARK } from "./marks.ts";

const { testPath } = expect.getState();
if (testPath !== undefined) process.env[FILE_MARK] = relative(process.cwd(), testPath);
