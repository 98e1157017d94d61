import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandProject } from "../../testing/command-project.ts";

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
});

afterEach(() => project[Symbol.asyncDispose]());

const BASIC_FILES = [
  "package.json",
  "tsconfig.json",
  ".gitignore",
  "README.md",
  "snakepit.config.ts",
  "main.ts",
  "main.test.ts",
  "tools.py",
  "test_tools.py",
];

// tooling/packaging/new-projects.test.ts installs and runs the projects.
describe("snakepit new app", () => {
  test("creates the files in a new directory and prints what to do next", async () => {
    const ended = await project.run(["new", "app", "apps/my-app"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(project.path("apps/my-app")).sort()).toEqual([...BASIC_FILES].sort());
    expect(ended.stdout).toContain("  apps/my-app/main.ts\n");
    expect(ended.stdout).toMatch(/Next:\n {2}cd apps\/my-app\n {2}npm install\n {2}npm run setup\n/);
    expect(JSON.parse(readFileSync(project.path("apps/my-app/package.json"), "utf8"))).toMatchObject({
      name: "my-app",
    });
  });

  test("prints the files as JSON", async () => {
    const { stdout } = await project.run(["new", "app", "my-server", "--template", "web", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      directory: project.path("my-server"),
      files: expect.arrayContaining(["server.ts", "main.ts"]),
    });
  });

  test("accepts an existing directory that is empty or a new Git repository", async () => {
    project.write("my-app/.git/HEAD", "");
    expect(await project.run(["new", "app", "."], { below: "my-app" })).toMatchObject({ status: 0 });
  });

  test("changes no existing file", async () => {
    project.write("my-app/main.ts", "mine");
    const ended = await project.run(["new", "app", "my-app"]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("it contains main.ts") });
    expect(readdirSync(project.path("my-app"))).toEqual(["main.ts"]);
    expect(readFileSync(project.path("my-app/main.ts"), "utf8")).toBe("mine");
  });

  test.each([
    ["a name that is not one of a package", ["app", "My App"], 'got "My App"'],
    ["an empty name", ["app", ""], "NAME must not be empty"],
    ["a name that begins with a dot", ["app", ".app"], 'got ".app"'],
    ["a file in place of the directory", ["app", "file"], "must be a directory; it is a file"],
    ["an unknown template", ["app", "my-app", "--template", "api"], "--template must be basic or web"],
    ["an unknown kind", ["tool", "my-app"], "KIND must be app or adapter"],
    ["a template of an adapter", ["adapter", "model", "--template", "web"], "--template is an option of new app"],
    ["an adapter with a hyphen", ["adapter", "image-model"], "for example image_model"],
    ["an adapter with the name of a keyword", ["adapter", "class"], 'got "class"'],
    ["an adapter without letters", ["adapter", "_1"], 'got "_1"'],
  ])("rejects %s with exit code 2", async (_, args, message) => {
    project.write("file", "");
    const ended = await project.run(["new", ...args]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect(readdirSync(project.directory)).toEqual(["file"]);
  });
});

test("new app quotes the directory in the commands that it prints", async () => {
  const { stdout } = await project.run(["new", "app", "my apps/first"]);
  expect(stdout).toContain("\nNext:\n  cd 'my apps/first'\n");
});

test("new app names the directory in which it cannot create files", async () => {
  symlinkSync("missing/parent", project.path("link"));
  const ended = await project.run(["new", "app", "link"]);
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain(`files cannot be created in ${project.path("link")}: `);
});

describe("snakepit new adapter", () => {
  test("creates a module with the class and its test, which can be called", async () => {
    const ended = await project.run(["new", "adapter", "image_model"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(project.directory).sort()).toEqual(["image_model.py", "test_image_model.py"]);
    expect(ended.stdout).toContain("--worker ./image_model.py:ImageModel");
    const test = "  npx snakepit setup --venv .venv --with pytest\n  .venv/bin/python -m pytest test_image_model.py\n";
    expect(ended.stdout).toContain(test);
    const target = ["--worker", "./image_model.py:ImageModel", "--args", '{"text": "hello world"}', "--json"];
    const { stdout } = await project.run(["call", "describe", ...target]);
    expect(JSON.parse(stdout)).toEqual({ words: 2, characters: 11, calls: 1 });
  });

  test("changes no existing file", async () => {
    project.write("test_model.py", "mine");
    const ended = await project.run(["new", "adapter", "model"]);
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining("test_model.py exists") });
    expect(readdirSync(project.directory)).toEqual(["test_model.py"]);
    expect(readFileSync(project.path("test_model.py"), "utf8")).toBe("mine");
  });
});
