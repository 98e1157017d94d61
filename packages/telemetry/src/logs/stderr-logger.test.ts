import { expect, test } from "vitest";
import { stderrLogger } from "./stderr-logger.ts";

test("prefixes worker output with the worker id and host records with their level, and omits debug records of the host", () => {
  const lines: string[] = [];
  const logger = stderrLogger((line) => lines.push(line));
  logger.info({ workerId: "default-1", source: "stdout" }, "hello");
  logger.debug({ workerId: "default-1", source: "logging", logger: "app" }, "details");
  logger.warn({ pool: "default" }, "something happened");
  logger.debug({ pool: "default" }, "something else");
  expect(lines).toEqual([
    "[default-1] hello\n",
    "[default-1] DEBUG app: details\n",
    "[snakepit] WARN something happened\n",
  ]);
});
