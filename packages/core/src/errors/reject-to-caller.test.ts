import { expect, test } from "vitest";
import { rejectToCaller } from "./reject-to-caller.ts";
import { SnakepitError } from "./snakepit-error.ts";

function callThatFailsLater(error: SnakepitError): Promise<never> {
  return new Promise((resolve) => setImmediate(() => resolve(rejectToCaller(error))));
}

async function functionOfTheUser(error: SnakepitError): Promise<never> {
  return await callThatFailsLater(error);
}

test("the stack shows the functions that await the call", async () => {
  const error = new SnakepitError("INTERNAL", "it broke");
  const caught = await functionOfTheUser(error).catch((thrown: unknown) => thrown);
  expect(caught).toBe(error);
  expect(error.stack).toMatch(/^SnakepitError: it broke\n {4}at (async )?functionOfTheUser/);
});

test("an error that no function awaits keeps the stack it was born with", async () => {
  const error = new SnakepitError("INTERNAL", "it broke");
  const born = error.stack;
  await new Promise<void>((resolve) => {
    callThatFailsLater(error).catch(() => resolve());
  });
  expect(error.stack).toBe(born);
});
