import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";

// Checks what GitHub and Renovate read: each file against its schema, and the workflows for what makes them unsafe,
// such as an action that is not pinned by its commit, or input that becomes part of a command. Both tools work without
// a network.
const ROOT = resolve(import.meta.dirname, "../..");

/** The schemas, by their names in check-jsonschema, and the files that each one is for. */
const SCHEMAS: Readonly<Record<string, string>> = {
  "github-workflows": ".github/workflows/*.yml",
  "github-issue-forms": ".github/ISSUE_TEMPLATE/!(config).yml",
  "github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
  renovate: ".github/renovate.json",
};

const commands = Object.entries(SCHEMAS).map(([schema, files]) => {
  const found = globSync(files, { cwd: ROOT });
  if (found.length === 0) throw new Error(`no file matches ${files}`);
  return ["check-jsonschema", "--builtin-schema", `vendor.${schema}`, ...found];
});
commands.push(["zizmor", "--offline", "--no-progress", "--quiet", ".github"]);

const outputs = await Promise.all(commands.map(run));
for (const output of outputs) if (output !== "") console.error(output);
if (outputs.some((output) => output !== "")) process.exitCode = 1;

/** Returns what a command that failed wrote; of one that succeeded, an empty string. */
async function run([program = "", ...args]: readonly string[]): Promise<string> {
  try {
    await promisify(execFile)(program, args, { cwd: ROOT });
    return "";
  } catch (thrown) {
    const {
      stdout = "",
      stderr = "",
      message,
    } = thrown as Error & { readonly stdout?: string; readonly stderr?: string };
    return `${stdout}${stderr}`.trim() || message;
  }
}
