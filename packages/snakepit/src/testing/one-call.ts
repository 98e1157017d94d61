// Reports that it runs. Then, for each configuration that the parent sends: starts a host, makes a call, closes the
// host and answers with the result. Ends when the parent disconnects.
import { execSync } from "node:child_process";
import { python, Snakepit, type SnakepitConfig, SnakepitError } from "../index.ts";
import type { CallRequest, OneCall } from "./call-process.ts";

/** Longer than a machine under load takes. */
const LIMITS = { startTimeoutMs: "2m", queueTimeoutMs: "2m", executeTimeoutMs: "2m", heartbeatTimeoutMs: "2m" };

process.on("message", async ({ config, before, after, env = {} }: CallRequest) => {
  const original = { ...process.env };
  change(env);
  if (before !== undefined) execSync(before);
  const result = await outcome(config as Record<string, unknown>);
  if (after !== undefined) execSync(after);
  change(Object.fromEntries(Object.keys(env).map((name) => [name, original[name]])));
  process.send?.(result);
});
process.send?.("running");

function change(env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

async function outcome({ transport, startMethod, ...config }: Record<string, unknown>): Promise<OneCall> {
  try {
    const worker = python(new URL("tools.py", import.meta.url), { transport, startMethod } as object);
    const pit = await Snakepit.start({ ...LIMITS, worker, size: 1, logger: false, ...config } as SnakepitConfig);
    try {
      await pit.ready();
      return { value: await pit.execute("echo", { value: "answer" }) };
    } finally {
      await pit.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError)) throw thrown;
    const { code, message, details } = thrown;
    return { code, message, details };
  }
}
