import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildBundledWheel } from "../../testing/bundled-wheel.ts";
import { CommandProject } from "../../testing/command-project.ts";
import { subjectOf } from "./subject.ts";

let project: CommandProject;

beforeAll(buildBundledWheel);
beforeEach(() => {
  project = new CommandProject();
  project.write("package.json", '{"type": "module"}');
});

afterEach(() => project[Symbol.asyncDispose]());

interface Check {
  readonly check: string;
  readonly status: string;
  readonly facts?: string;
  readonly findings: readonly { readonly problem: string }[];
}

async function doctor(...args: string[]) {
  const { status, stdout } = await project.run(["doctor", "--json", ...args]);
  const { checks, error } = JSON.parse(stdout) as { readonly checks: readonly Check[]; readonly error?: object };
  expect(error).toBeUndefined();
  return { status, checks: Object.fromEntries(checks.map((each) => [each.check, each])) };
}

test("the configuration of the project is checked, and its settings are examined", async () => {
  project.writeConfig(
    `defineConfig({
      pools: { a: { worker: python("./a.py"), size: 2 }, b: { worker: python("lib.b:B"), size: { min: 1, max: 3 } } },
      registry: { path: "./state.db" },
      sessions: { store: { path: "./sessions.db" } },
    })`,
  );
  const { checks } = await doctor();
  expect(checks["configuration"]).toMatchObject({
    status: "ok",
    facts: `${project.path("snakepit.config.ts")}: a (./a.py), b (lib.b:B)`,
  });
  expect(checks["registry"]?.facts).toContain(project.path("state.db"));
  expect(checks["store"]?.facts).toContain(project.path("sessions.db"));
});

test("options take precedence over the configuration", async () => {
  project.write(
    "snakepit.config.mjs",
    `const worker = { language: "test", target: "test", createLauncher: () => Promise.reject(new Error("unused")) };
     export default {
       pools: { a: { worker, size: 2 }, b: { worker, size: { min: 1, max: 3 } } },
       registry: { path: "./state.db" },
       socketDirectory: "run",
     };`,
  );
  const none = { python: undefined, registry: undefined, store: undefined, fix: false, json: false };
  const values = { ...none, config: project.path("snakepit.config.mjs") };
  expect(
    await subjectOf({ ...values, "socket-directory": undefined, "pool-size": undefined }, undefined),
  ).toMatchObject({
    poolSize: { workers: 5, isGiven: true },
    registry: { path: project.path("state.db") },
    store: undefined,
    socketDirectory: project.path("run"),
  });
  const options = { ...values, registry: "./other.db", "socket-directory": "/run", "pool-size": 7 };
  expect(await subjectOf(options, undefined)).toMatchObject({
    poolSize: { workers: 7, isGiven: true },
    registry: { path: "./other.db" },
    socketDirectory: "/run",
  });
});

test("a configuration that cannot be loaded is an error with all mistakes", async () => {
  project.writeConfig('defineConfig({ worker: python("./a.py"), sice: 2, queueLimit: -1 })', "other.config.ts");
  const { status, checks } = await doctor("--config", "other.config.ts");
  expect(status).toBe(1);
  expect(checks["configuration"]?.status).toBe("error");
  const [finding] = checks["configuration"]?.findings ?? [];
  for (const part of ["other.config.ts has 2 problems", "sice", "queueLimit"]) expect(finding?.problem).toContain(part);
});

test("a project without a configuration has no such check", async () => {
  expect((await doctor()).checks["configuration"]).toBeUndefined();
});
