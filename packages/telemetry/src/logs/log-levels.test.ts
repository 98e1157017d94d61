import { describe, expect, test } from "vitest";
import { recordingLogger } from "../testing/recording-logger.ts";
import { effectiveLogs, filteredLogger } from "./log-levels.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** Returns the levels that are logged for records of a source. */
function logged(logs: Parameters<typeof filteredLogger>[1], facts: object, hostLevel: "debug" | "info" = "info") {
  const target = recordingLogger();
  const logger = filteredLogger(target, logs, hostLevel);
  for (const level of LEVELS) logger[level](facts, "message");
  return target.records.map(({ level }) => level);
}

const python = (logger?: string) => ({ source: "logging", ...(logger !== undefined && { logger }) });

describe("levels of records", () => {
  test("are by default those that concern people: of the host from info, of workers all", () => {
    expect(logged({}, { pool: "p" })).toEqual(["info", "warn", "error"]);
    expect(logged({}, { source: "stdout" })).toEqual(LEVELS);
    expect(logged({}, python("app"))).toEqual(LEVELS);
    expect(logged({}, { pool: "p" }, "debug")).toEqual(LEVELS);
  });

  test("have one limit for all sources", () => {
    for (const facts of [{}, { source: "stdout" }, python("app"), python()]) {
      expect(logged({ level: "error" }, facts)).toEqual(["error"]);
      expect(logged({ level: "silent" }, facts)).toEqual([]);
    }
  });

  test("have the limit of their source, and of the nearest Python logger above", () => {
    const levels = { host: "debug", stdout: "silent", logging: "warn", "logging.urllib3": "error" } as const;
    const logs = { level: "info", levels } as const;
    expect(logged(logs, {})).toEqual(LEVELS);
    expect(logged(logs, { source: "stdout" })).toEqual([]);
    expect(logged(logs, { source: "stderr" })).toEqual(["info", "warn", "error"]);
    expect(logged(logs, python())).toEqual(["warn", "error"]);
    expect(logged(logs, python("urllib"))).toEqual(["warn", "error"]);
    expect(logged(logs, python("urllib3"))).toEqual(["error"]);
    expect(logged(logs, python("urllib3.connectionpool"))).toEqual(["error"]);
  });
});

describe("environment variables", () => {
  test("override the options", () => {
    const logs = { format: "json", level: "error", levels: { stdout: "silent" } } as const;
    expect(effectiveLogs(logs, {})).toEqual(logs);
    expect(effectiveLogs(logs, { SNAKEPIT_LOG_FORMAT: "pretty" })).toEqual({ ...logs, format: "pretty" });
    expect(effectiveLogs(logs, { SNAKEPIT_LOG_LEVEL: "DEBUG" })).toEqual({
      format: "json",
      level: "debug",
      levels: {},
    });
    expect(effectiveLogs(logs, { SNAKEPIT_LOG_LEVEL: "logging.urllib3 = error" })).toEqual({
      ...logs,
      levels: { stdout: "silent", "logging.urllib3": "error" },
    });
    expect(effectiveLogs(logs, { SNAKEPIT_LOG_LEVEL: "warn, stderr=debug" })).toEqual({
      format: "json",
      level: "warn",
      levels: { stderr: "debug" },
    });
    expect(effectiveLogs(logs, { SNAKEPIT_LOG_LEVEL: "", SNAKEPIT_LOG_FORMAT: "" })).toEqual(logs);
  });

  test.each([
    [{ SNAKEPIT_LOG_FORMAT: "xml" }, 'SNAKEPIT_LOG_FORMAT must be auto, pretty or json; got "xml"'],
    [{ SNAKEPIT_LOG_LEVEL: "loud" }, "SNAKEPIT_LOG_LEVEL must have the levels debug, info, warn, error, silent"],
    [{ SNAKEPIT_LOG_LEVEL: "stdin=debug" }, "SNAKEPIT_LOG_LEVEL must have the sources host, stdout, stderr, logging"],
  ])("%j is rejected", (env, message) => {
    expect(() => effectiveLogs({}, env)).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringContaining(message) }),
    );
  });
});
