/** A value that somebody wrote, as a message shows it: `"soon"`, `0`, `a list`, `an object`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return describeKind(value);
}

/** What kind of thing a value is, without the value, which may be a secret. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object") return describeObject(value);
  return `a ${typeof value}`;
}

/** Names of properties and classes are no secrets, and the wrong ones are most often the mistake. */
function describeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `an object of class ${value.constructor?.name || "without a name"}`;
  }
  const names = Object.keys(value);
  if (names.length === 0) return "an object without properties";
  return `an object with ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}
