import { expect, test } from "vitest";
import { postgresqlFault } from "./postgresql-fault.ts";

test.each([
  ["timeout exceeded when trying to connect", /none of this host's connections was free/],
  ["timeout expired", /the server does not answer/],
  ["Connection terminated unexpectedly", /the connection was lost/],
  ['password authentication failed for user "me"', /rejected the user or password/],
  ["something new", /^something new$/],
])("an error of the driver without a code, %j, has a reason", (message, reason) => {
  expect(postgresqlFault(new Error(message)).reason).toMatch(reason);
});

test("a code decides before the message", () => {
  const refused = Object.assign(new Error("password"), { code: "ECONNREFUSED" });
  expect(postgresqlFault(refused).reason).toBe("the server does not answer");
});
