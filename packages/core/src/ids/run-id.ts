import { randomInt } from "node:crypto";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH = 7;

/**
 * A new run id: 7 characters of base 36 that name one life of one host in the registry,
 * on command lines and in `SNAKEPIT_RUN_ID`.
 */
export function newRunId(): string {
  let id = "";
  for (let i = 0; i < LENGTH; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}
