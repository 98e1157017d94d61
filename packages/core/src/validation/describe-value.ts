/** Maximum number of characters of a string in a message. */
const SHOWN_CHARACTERS = 60;
/** Maximum number of properties of an object in a message. */
const SHOWN_PROPERTIES = 5;

/** Whether a value is a plain object of this realm or another: neither an array nor an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

/** Returns a message of the form `<path> must be <rule>; got <value>; <remedy>`. */
export function mustBe(path: string, rule: string, value: unknown, remedy?: string): string {
  return `${path} must be ${rule}; got ${describeValue(value)}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** Describes a value for a message: `"soon"`, `0`, `an array`, `an object with size`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS - 1)}…` : value);
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return describeKind(value);
}

/** Describes the kind of a value for a message that must not contain the value, because it may be a secret. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object") return describeObject(value);
  return `a ${typeof value}`;
}

/** Names of properties and classes are not secret, and they identify the most frequent mistakes. */
function describeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `an object of class ${value.constructor?.name || "without a name"}`;
  }
  const names = Object.keys(value);
  if (names.length === 0) return "an object without properties";
  const more = names.length > SHOWN_PROPERTIES ? ", …" : "";
  return `an object with ${names.slice(0, SHOWN_PROPERTIES).join(", ")}${more}`;
}

/** One step of a path, from a container to one of its parts. */
export type PathStep =
  /** A property, or an entry of a map with a string key. */
  | string
  /** An index, or an entry of a map with a number as its key. */
  | number
  /** A key or a value of a map whose keys are neither, by its position. */
  | { readonly of: "keys" | "values"; readonly place: number };

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Maximum number of steps of a path in a message; a longer path is abbreviated in the middle. */
const SHOWN_STEPS = 20;

/** Maximum length of a key in a path; a longer key is abbreviated at its end. */
const SHOWN_KEY = 100;

/** Formats a path in JavaScript syntax: `args.items[3]["a b"].keys()[0]`. */
export function formatPath(root: string, steps: readonly PathStep[]): string {
  const parts = steps.map(formatStep);
  if (parts.length > SHOWN_STEPS) parts.splice(SHOWN_STEPS / 2, parts.length - SHOWN_STEPS, "…");
  return root + parts.join("");
}

function formatStep(step: PathStep): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "object") return `.${step.of}()[${step.place}]`;
  const key = step.length > SHOWN_KEY ? `${step.slice(0, SHOWN_KEY - 1)}…` : step;
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether a function has returned a promise. */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && typeof (value as Partial<PromiseLike<T>>).then === "function";
}
