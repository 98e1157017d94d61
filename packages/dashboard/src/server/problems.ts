import { type ErrorCode, SnakepitError, toSnakepitError } from "@snakepit/core";
import type { ProblemMessage } from "../contract/live.ts";
import { NOT_STORED } from "./response-headers.ts";

/** The HTTP status of the error codes that requests of the dashboard can have; 500 for all others. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  QUOTA_EXCEEDED: 429,
  UNKNOWN_POOL: 404,
  UNKNOWN_SESSION: 404,
  SESSION_EXPIRED: 404,
  WORKER_CRASHED: 409,
  CANCELLED: 499,
  SHUTTING_DOWN: 503,
  REGISTRY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Returns the response for anything that was thrown. */
export function failureResponse(thrown: unknown): Response {
  const { code, message } = toSnakepitError(thrown, "INTERNAL");
  return problemResponse(STATUS[code] ?? 500, code, message);
}

/** Returns a response with a problem as JSON. */
export function problemResponse(status: number, code: string, message: string): Response {
  const body: ProblemMessage = { error: { code, message } };
  return Response.json(body, { status, headers: NOT_STORED });
}

/** Returns the response to a request without the token. */
export function unauthenticated(): Response {
  const remedy = "log in on the page, or send authorization: Bearer <token>";
  return problemResponse(401, "UNAUTHENTICATED", `the request needs the token of the dashboard; ${remedy}`);
}

/** Returns the number of a query parameter; `undefined` without it. */
export function numberOf(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `${name} must be an integer from 1 to ${most}; got ${JSON.stringify(text)}`,
  );
}
