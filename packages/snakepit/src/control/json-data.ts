import { type EffectiveConfig, isPlainObject } from "@snakepit/core";

/**
 * Converts a configuration to plain JSON data. Numbers that JSON cannot represent become strings, options that are not
 * set are absent, and other objects are described by their kind.
 */
export function plainConfiguration(config: EffectiveConfig): Readonly<Record<string, unknown>> {
  return plain(config) as Readonly<Record<string, unknown>>;
}

function plain(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (!isPlainObject(value)) return typeof value === "object" && value !== null ? value.constructor.name : value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each)]));
}
