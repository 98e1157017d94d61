import { randomBytes, randomInt } from "node:crypto";

const prefix = randomBytes(6).toString("hex");
let last = 0;

/**
 * Returns a new correlation ID, which a call's events, spans, logs and errors contain on both sides. A random prefix
 * makes it unique across processes. A counter makes it unique within the process, which is cheaper than randomness per
 * call.
 */
export function newCorrelationId(): string {
  last += 1;
  return `${prefix}-${last.toString(36)}`;
}

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH = 7;

/**
 * Returns a new run id: 7 characters of base 36 that identify one run of one host in the registry, on command lines
 * and in `SNAKEPIT_RUN_ID`.
 */
export function newRunId(): string {
  let id = "";
  for (let i = 0; i < LENGTH; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}
