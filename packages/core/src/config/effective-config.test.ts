import { expect, test } from "vitest";
import type { WorkerSpec } from "../ports/worker-spec.ts";
import { maskSecrets } from "./effective-config.ts";
import { resolveConfig } from "./resolve-config.ts";

const worker: WorkerSpec = {
  language: "python",
  target: "./tools.py",
  createLauncher: () => Promise.reject(new Error("not launched here")),
};

test("masks secrets in environment variables and URLs, and nothing else", () => {
  const config = maskSecrets(
    resolveConfig({
      worker,
      size: 3,
      env: { OPENAI_API_KEY: "hunter2", MODEL_DIR: "/models", BROKER: "amqp://user:hunter2@host/v", HOME: undefined },
      registry: { url: "postgres://user:hunter2@host/db?sslpassword=hunter2" },
      redact: { patterns: [/abc/i] },
    }),
  );
  expect(config.pools["default"]).toMatchObject({
    size: 3,
    worker: { language: "python", target: "./tools.py" },
    env: { OPENAI_API_KEY: "***", MODEL_DIR: "/models", BROKER: "amqp://user:***@host/v", HOME: undefined },
  });
  expect(config.registry).toEqual({ url: "postgres://user:***@host/db?sslpassword=***" });
  expect(config.redact.patterns).toEqual(["/abc/i"]);
  expect(JSON.stringify(config)).not.toContain("hunter2");
});

test("replaces objects with names", () => {
  expect(maskSecrets(resolveConfig({ worker, logger: console }))).toMatchObject({
    logger: "custom",
    registry: "default",
    instrumentation: "OpenTelemetry",
  });
});

test("masks the credentials of servers", () => {
  const token = "hunter2".repeat(5);
  const tls = { cert: "hunter2", key: "hunter2" };
  const gateway = [{ socketPath: "/run/a.sock" }, { host: "0.0.0.0", port: 50_051, token, tls }];
  const { serve } = maskSecrets(
    resolveConfig({ worker, serve: { gateway, dashboard: { port: 7788, token }, graceMs: "1m" } }),
  );
  expect(serve).toEqual({
    gateway: [{ socketPath: "/run/a.sock" }, { host: "0.0.0.0", port: 50_051, token: "***", tls: "***" }],
    dashboard: { port: 7788, token: "***" },
    graceMs: 60_000,
  });
  expect(maskSecrets(resolveConfig({ worker })).serve).toBeUndefined();
});
