import { describe, expect, test } from "vitest";
import { answer, expectedAnswer, inTypeScript, readVariableVectors } from "../../testing/variable-cases.ts";

describe("the table of cases that Python shares", () => {
  test.each(readVariableVectors())("$name", (vector) => {
    expect(answer(vector)).toEqual(inTypeScript(expectedAnswer(vector)));
  });
});
