import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

test("temporary files of tests and persistent files of their hosts are in a directory of the run", () => {
  expect(basename(tmpdir())).toMatch(/^snakepit-tests-\w+$/);
  expect(process.env["XDG_STATE_HOME"]).toBe(join(tmpdir(), "state"));
  expect(statSync(join(tmpdir(), "state")).isDirectory()).toBe(true);
});
