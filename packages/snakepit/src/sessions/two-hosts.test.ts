import { join } from "node:path";
import { expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";

const TOOLS = `${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`;
const config = { worker: python(TOOLS), size: 1, logger: false } as const;

test("a host tool that calls another host passes on its deadline but not its session", async () => {
  await using one = await Snakepit.start(config);
  await using other = await Snakepit.start(config);
  one.hostTools.register([
    hostTool({ name: "elsewhere", description: "Adds elsewhere.", run: () => other.execute("add", { a: 1, b: 2 }) }),
    hostTool({
      name: "hold_elsewhere",
      description: "Waits elsewhere.",
      run: () => other.execute("hold", { seconds: 60 }, { timeoutMs: "1m" }),
    }),
  ]);
  const session = await one.session("s");
  expect(await session.execute("ask", { name: "elsewhere", args: {} })).toBe(3);
  await expect(session.execute("ask", { name: "hold_elsewhere", args: {} }, { timeoutMs: 300 })).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
  });
  expect(await other.execute("add", { a: 2, b: 2 })).toBe(4);
});
