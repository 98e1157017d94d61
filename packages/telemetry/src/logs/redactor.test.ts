import { describe, expect, test } from "vitest";
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

  test("custom names and patterns are redacted, and a pattern at every match", () => {
    const redactor = createRedactor({ keys: ["Patient"], patterns: [/x\d/] });
    expect(redactor.text("patient=Ada x1 x2")).toBe("patient=*** *** ***");
  });
});
