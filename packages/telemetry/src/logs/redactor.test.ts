import { describe, expect, test } from "vitest";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createRedactor } from "./redactor.ts";

describe("a string", () => {
  test.each([
    ["password=hunter2", "password=***"],
    ["PGPASSWORD: hunter2, next", "PGPASSWORD: ***, next"],
    ['{"client_secret": "a b c", "user": "ada"}', '{"client_secret": ***, "user": "ada"}'],
    ["Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"],
    ["sent Bearer abcdefghijkl to them", "sent Bearer *** to them"],
    ["https://ada:hunter2@example.org/x", "https://ada:***@example.org/x"],
    ["GET /x?api_key=hunter2&y=1", "GET /x?api_key=***&y=1"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"],
    ["ValueError: token=hunter2", "ValueError: token=***"],
    ["a: b: password = hunter2, c: d", "a: b: password = ***, c: d"],
    ["password=secret=hunter2", "password=***"],
    ["AKIAABCDEFGHIJKLMNOP", "***"],
    ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nafter", "***\nafter"],
  ])("%j is redacted to %j", (text, redacted) => {
    expect(createRedactor().text(text)).toBe(redacted);
  });

  test.each(["max_tokens=512", "tokenizer: bert", "epoch 3: loss=0.1", "see http://host:80/path", "a ratio of 1:2"])(
    "%j has no secret and stays unchanged",
    (text) => {
      expect(createRedactor().text(text)).toBe(text);
    },
  );

  test("is redacted in time linear in its length", () => {
    const redactor = createRedactor();
    for (const text of ["a=".repeat(200_000), "a".repeat(400_000), "token=".repeat(100_000), "a: ".repeat(200_000)]) {
      expect(redactor.text(text).length).toBeLessThanOrEqual(text.length);
    }
  });

  test("custom names and patterns are redacted, and a pattern at every match", () => {
    const redactor = createRedactor({ keys: ["Patient"], patterns: [/x\d/] });
    expect(redactor.text("patient=Ada x1 x2")).toBe("patient=*** *** ***");
  });
});

describe("a record", () => {
  const redacted = (facts: object) => {
    const logger = recordingLogger();
    createRedactor().logger(logger).info(facts, "message");
    return logger.records[0]?.facts;
  };

  test("has no secret in the errors of other libraries and in their causes", () => {
    const cause = Object.assign(new Error("token=hunter2"), { apiKey: "hunter2" });
    const error = new Error("no", { cause: new Error("also no", { cause }) });
    expect(redacted({ err: error })).toMatchObject({
      err: {
        name: "Error",
        message: "no",
        cause: { message: "also no", cause: { message: "token=***", apiKey: "***" } },
      },
    });
    expect(JSON.stringify(redacted({ err: error }))).not.toContain("hunter2");
    expect(redacted({ err: new Error("no", { cause: "token=hunter2" }) })).toMatchObject({
      err: { cause: "token=***" },
    });
  });

  test("has no secret at any depth, and ends with cycles", () => {
    let nested: object = { password: "hunter2", list: [["token=hunter2"]] };
    for (let depth = 0; depth < 20; depth++) {
      expect(JSON.stringify(redacted({ nested }))).not.toContain("hunter2");
      nested = depth % 2 === 0 ? { nested } : [nested];
    }
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(JSON.stringify(redacted({ cycle }))).toContain('"[Object]"');
    const error = new Error("no");
    error.cause = error;
    expect(JSON.stringify(redacted({ err: error }))).toContain("no");
  });
});
