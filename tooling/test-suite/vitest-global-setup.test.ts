import { statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { relative } from "node:path";
import { expect, test } from "vitest";

test("what hosts of tests keep between runs is apart from what the user's hosts keep", () => {
  const state = process.env["XDG_STATE_HOME"] ?? homedir();
  expect(relative(tmpdir(), state)).toMatch(/^snakepit-tests-\w+$/);
  expect(statSync(state).isDirectory()).toBe(true);
});
