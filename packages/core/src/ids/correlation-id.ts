import { randomBytes } from "node:crypto";

const prefix = randomBytes(6).toString("hex");
let last = 0;

/**
 * A new correlation id. It stands in a call's events, spans, logs and errors on both sides. Unique across
 * processes by a random prefix and within one by a counter, which costs far less than randomness for each call.
 */
export function newCorrelationId(): string {
  last += 1;
  return `${prefix}-${last.toString(36)}`;
}
