import { expect, it } from "vitest";
import { SessionAllowance } from "./session-allowance.ts";

it("requires a count at first", () => {
  expect(new SessionAllowance().lastTicket(10, 0)).toBeUndefined();
});

it("allows as many tickets as the quota left at the last count", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 7, ticket: 100, now: 0 });
  expect(allowance.lastTicket(10, 0)).toBe(103);
  expect(allowance.lastTicket(20, 5)).toBe(113);
});

it("requires a count when the quota was reached", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 10, ticket: 100, now: 0 });
  expect(allowance.lastTicket(10, 0)).toBeUndefined();
  expect(allowance.lastTicket(9, 0)).toBeUndefined();
  expect(allowance.lastTicket(11, 0)).toBe(101);
});

it("requires a count for a time before the last one, when more sessions may have been active", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 0, ticket: 100, now: 1_000 });
  expect(allowance.lastTicket(10, 999)).toBeUndefined();
});

it("returns a number that databases can represent when the quota is infinite", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 7, ticket: 100, now: 0 });
  expect(allowance.lastTicket(Number.POSITIVE_INFINITY, 0)).toBe(Number.MAX_SAFE_INTEGER);
});
