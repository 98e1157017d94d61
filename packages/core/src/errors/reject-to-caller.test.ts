import { expect, test } from "vitest";
import { rejectToCaller } from "./reject-to-caller.ts";
import { SnakepitError } from "./snakepit-error.ts";

function callThatFailsLater(error: SnakepitError): Promise<never> {
  return new Promise((resolve) => setImmediate(() => resolve(rejectToCaller(error))));
}

async function functionOfTheUser(error: SnakepitError): Promise<never> {
  return await callThatFailsLater(error);
}

test("the stack contains the functions that await the call", async () => {
  const error = new SnakepitError("INTERNAL", "it broke");
  const caught = await functionOfTheUser(error).catch((thrown: unknown) => thrown);
  expect(caught).toBe(error);
  expect(error.stack).toMatch(/^SnakepitError: it broke\n {4}at (async )?functionOfTheUser/);
});

test("an error that no function awaits keeps its original stack", async () => {
  const error = new SnakepitError("INTERNAL", "it broke");
  const original = error.stack;
  await new Promise<void>((resolve) => {
    callThatFailsLater(error).catch(() => resolve());
  });
  expect(error.stack).toBe(original);
});
