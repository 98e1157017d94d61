import { execFileSync, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { withClassNames } from "./bundle-package.ts";

const root = resolve(import.meta.dirname, "../..");

test("a class that refers to itself keeps its name and its columns", () => {
  const bundle =
    'var Uuid = class _Uuid extends Base {\n  copy() {\n    return new _Uuid(this._Uuid, "x", _other);\n  }\n};';
  const named = withClassNames(bundle);
  expect(named).toBe(
    'var Uuid = class  Uuid extends Base {\n  copy() {\n    return new  Uuid(this._Uuid, "x", _other);\n  }\n};',
  );
  expect(named.length).toBe(bundle.length);
});

test("no class of the built packages has another name than in its source", () => {
  const files = globSync("packages/*/dist/**/*.js", { cwd: root, exclude: ["**/python/**"] });
  expect(files.length).toBeGreaterThan(0);
  const renamed = files.filter((file) => /\bclass _[A-Z]/.test(readFileSync(join(root, file), "utf8")));
  expect(renamed).toEqual([]);
});

test("errors and values of the built packages print their names", () => {
  const program = `
    import { inspect } from "node:util";
    import { SnakepitError, TimeDelta } from ${JSON.stringify(join(root, "packages/snakepit/dist/index.js"))};
    console.log(inspect(new SnakepitError("INTERNAL", "x")).split(":")[0], inspect(new TimeDelta(1, 2, 3)));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(output.trim()).toBe("SnakepitError [INTERNAL] TimeDelta { days: 1, seconds: 2, microseconds: 3 }");
});

test("an error prints its name in a minified program", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { SnakepitError } from ${JSON.stringify(join(root, "packages/core/dist/index.js"))};
        throw new SnakepitError("INTERNAL", "it broke");`,
      resolveDir: import.meta.dirname,
    },
    ...{ bundle: true, minify: true, platform: "node", format: "esm", write: false },
  });
  const [program] = outputFiles ?? [];
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-"], {
    input: program?.text ?? "",
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^SnakepitError: it broke$/m);
});
