import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import { EXIT, type Invocation } from "../command.ts";
import { MisuseError } from "../parse-command-line.ts";
import { adapterFiles, className } from "./templates/adapter.ts";
import { basicFiles } from "./templates/basic.ts";
import type { ProjectFiles } from "./templates/project.ts";
import { webFiles } from "./templates/web.ts";

/** The values of the options of `snakepit new`. */
export interface NewValues {
  readonly template: "basic" | "web" | undefined;
  readonly json: boolean;
}

const APP_TEMPLATES = { basic: basicFiles, web: webFiles } as const;

/** Runs `snakepit new`. */
export async function runNew({ values, positionals, terminal }: Invocation<NewValues>): Promise<number> {
  const [kind, name = ""] = positionals;
  if (kind === "adapter" && values.template !== undefined) throw new MisuseError("--template is an option of new app");
  const created =
    kind === "adapter" ? await newAdapter(name, resolve(".")) : await newApp(name, values.template ?? "basic");
  if (values.json) {
    terminal.stdout.write(`${JSON.stringify({ directory: created.directory, files: created.files })}\n`);
    return EXIT.ok;
  }
  const files = created.files.map((file) => `  ${relative(".", join(created.directory, file))}\n`).join("");
  terminal.stdout.write(`Created:\n${files}\nNext:\n${created.next.map((line) => `  ${line}\n`).join("")}`);
  return EXIT.ok;
}

interface Created {
  /** Absolute path. */
  readonly directory: string;
  /** Relative to the directory. */
  readonly files: readonly string[];
  /** Commands and hints for the user. */
  readonly next: readonly string[];
}

/** The rules of npm for the name of a package, without a scope. */
const PACKAGE_NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/;

async function newApp(path: string, template: keyof typeof APP_TEMPLATES): Promise<Created> {
  const directory = resolve(path);
  const name = basename(directory);
  if (!PACKAGE_NAME.test(name)) {
    throw new MisuseError(
      `the name of the application must be lowercase letters, digits, "-", "_" and "." and begin with a letter or digit; got "${name}"`,
    );
  }
  const existing = await entriesOf(directory);
  const [first] = existing.filter((entry) => entry !== ".git");
  if (first !== undefined) {
    throw new MisuseError(`${directory} must be a new or empty directory; it contains ${first}`);
  }
  const files = APP_TEMPLATES[template](name);
  await write(directory, files);
  const shown = quoted(relative(".", directory));
  return {
    directory,
    files: Object.keys(files),
    next: [...(shown === "" ? [] : [`cd ${shown}`]), "npm install", "npm run setup", "npm start", "npm test"],
  };
}

/** Returns a path as a word of a shell. */
function quoted(path: string): string {
  return /^[\w./@%+-]*$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** The keywords of Python (https://docs.python.org/3/reference/lexical_analysis.html#keywords) in lowercase. */
const KEYWORDS =
  /^(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;
const MODULE_NAME = /^[a-z_][a-z0-9_]{0,99}$/;

async function newAdapter(name: string, directory: string): Promise<Created> {
  if (!MODULE_NAME.test(name) || KEYWORDS.test(name) || className(name) === "") {
    throw new MisuseError(
      `the name of an adapter must be a Python module name of lowercase letters, digits and "_", for example image_model; got "${name}"`,
    );
  }
  const files = adapterFiles(name);
  const existing = await entriesOf(directory);
  const conflict = Object.keys(files).find((file) => existing.includes(file));
  if (conflict !== undefined) {
    throw new MisuseError(`${join(directory, conflict)} exists; choose another name, or remove the file`);
  }
  await write(directory, files);
  const worker = `python("./${name}.py:${className(name)}")`;
  return {
    directory,
    files: Object.keys(files),
    next: [
      `npx snakepit call describe --worker ./${name}.py:${className(name)} --args '{"text": "hello world"}'`,
      `const pit = await Snakepit.start({ worker: ${worker} });`,
      "npx snakepit setup --venv .venv --with pytest",
      `.venv/bin/python -m pytest test_${name}.py`,
    ],
  };
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new MisuseError(`${directory} must be a directory; it is a file`);
    throw new MisuseError(`${directory} cannot be read: ${message}`);
  }
}

/** Writes new files; fails for a file that exists, also for one that was created a moment ago. */
async function write(directory: string, files: ProjectFiles): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(directory, name), content, { flag: "wx" });
    }
  } catch (thrown) {
    const remedy = "choose a directory in which this user can create files";
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `files cannot be created in ${directory}: ${(thrown as Error).message}; ${remedy}`,
      { cause: thrown },
    );
  }
}
