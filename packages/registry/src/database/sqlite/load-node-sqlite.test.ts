import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

async function stderrOf(program: string): Promise<string> {
  const loader = JSON.stringify(new URL("load-node-sqlite.ts", import.meta.url).href);
  const source = `import { loadNodeSqlite } from ${loader}; ${program}`;
  const { stderr } = await run(process.execPath, ["--input-type=module-typescript", "--eval", source]);
  return stderr;
}

// Newer versions of Node.js do not warn, so the test emits the warning itself.
const WARNS_WHEN_LOADED = `
  const load = process.getBuiltinModule;
  process.getBuiltinModule = (name) => {
    process.emitWarning("SQLite is experimental", "ExperimentalWarning");
    process.emitWarning("something else", "DeprecationWarning");
    return load(name);
  };
`;

test("loading SQLite suppresses only the warning that it is experimental", async () => {
  const stderr = await stderrOf(`${WARNS_WHEN_LOADED} new (loadNodeSqlite().DatabaseSync)(":memory:").close();`);
  expect(stderr).toContain("DeprecationWarning: something else");
  expect(stderr).not.toMatch(/experimental/i);
});

test("later warnings are shown", async () => {
  expect(await stderrOf('loadNodeSqlite(); process.emitWarning("later", "ExperimentalWarning");')).toContain("later");
});
