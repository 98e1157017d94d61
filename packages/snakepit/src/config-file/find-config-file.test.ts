import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommandProject } from "../testing/command-project.ts";
import { findConfigFile } from "./find-config-file.ts";

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
  // The root of the test; it is never searched beyond.
  project.write("pnpm-workspace.yaml", "");
  project.write("app/src/main.ts", "");
});

afterEach(() => project[Symbol.asyncDispose]());

const find = (below = "app/src") => findConfigFile(project.path(below));

test("the file of the nearest directory is found", async () => {
  project.write("snakepit.config.ts", "");
  expect(await find()).toBe(project.path("snakepit.config.ts"));
  project.write("app/snakepit.config.mjs", "");
  expect(await find()).toBe(project.path("app/snakepit.config.mjs"));
  project.write("app/src/snakepit.config.js", "");
  expect(await find()).toBe(project.path("app/src/snakepit.config.js"));
});

test("TypeScript takes precedence over JavaScript in the same directory", async () => {
  for (const extension of ["mjs", "js", "mts", "ts"]) {
    project.write(`app/snakepit.config.${extension}`, "");
    expect(await find()).toBe(project.path(`app/snakepit.config.${extension}`));
  }
});

test("a directory of that name is not a file", async () => {
  project.write("app/snakepit.config.ts/file", "");
  expect(await find()).toBeUndefined();
});

test.each([
  [".git", ""],
  ["pnpm-workspace.yaml", ""],
  ["package.json", '{"workspaces": ["packages/*"]}'],
])("parents beyond a root with %s are not searched", async (name, content) => {
  project.write("snakepit.config.ts", "");
  project.write("app/package.json", "{}");
  expect(await find()).toBe(project.path("snakepit.config.ts"));
  project.write(join("app", name), content);
  expect(await find()).toBeUndefined();
});

test("without a root, parents up to the nearest package are searched", async () => {
  await using outside = new CommandProject();
  outside.write("snakepit.config.ts", "");
  outside.write("app/src/main.ts", "");
  const findOutside = () => findConfigFile(outside.path("app/src"));
  expect(await findOutside()).toBeUndefined();
  outside.write("app/package.json", "{}");
  expect(await findOutside()).toBeUndefined();
  outside.write("app/snakepit.config.ts", "");
  expect(await findOutside()).toBe(outside.path("app/snakepit.config.ts"));
});
