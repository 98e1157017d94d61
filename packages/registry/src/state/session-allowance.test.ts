import { expect, it } from "vitest";
import { SessionAllowance } from "./session-allowance.ts";

it("asks for a count at first", () => {
  expect(new SessionAllowance().lastTicket(10, 0)).toBeUndefined();
});

it("has as many tickets as there was room at the last count", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 7, ticket: 100, now: 0 });
  expect(allowance.lastTicket(10, 0)).toBe(103);
  expect(allowance.lastTicket(20, 5)).toBe(113);
});

it("asks for a count where there was no room", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 10, ticket: 100, now: 0 });
  expect(allowance.lastTicket(10, 0)).toBeUndefined();
  expect(allowance.lastTicket(9, 0)).toBeUndefined();
  expect(allowance.lastTicket(11, 0)).toBe(101);
});

it("asks for a count at a time before the last one, when more may have lived", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 0, ticket: 100, now: 1_000 });
  expect(allowance.lastTicket(10, 999)).toBeUndefined();
});

it("is a number that databases understand where there is no quota", () => {
  const allowance = new SessionAllowance();
  allowance.renew({ active: 7, ticket: 100, now: 0 });
  expect(allowance.lastTicket(Number.POSITIVE_INFINITY, 0)).toBe(Number.MAX_SAFE_INTEGER);
});
