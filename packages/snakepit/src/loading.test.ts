import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

// A program waits for every module before its first line runs; what a host needs later can load while its workers
// start.
test("importing the package loads no database driver, no gRPC library and no store of sessions", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const urls = new Set();
    registerHooks({ resolve: (name, context, next) => { const found = next(name, context); urls.add(found.url); return found; } });
    await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    console.log(JSON.stringify([...urls]));
  `;
  const args = ["--conditions=source", "--input-type=module", "--eval", script];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 24 });
  const urls = JSON.parse(stdout) as string[];
  const loaded = (part: string) => urls.filter((url) => url.includes(part));

  expect(loaded("/packages/snakepit/src/")).not.toEqual([]);
  for (const part of ["/node_modules/kysely", "/node_modules/pg/", "/node_modules/@grpc/", "/node_modules/ajv"]) {
    expect(loaded(part)).toEqual([]);
  }
  for (const part of ["/packages/registry/", "/packages/sessions/src/store/", "/packages/sessions/src/variables/"]) {
    expect(loaded(part)).toEqual([]);
  }
});
