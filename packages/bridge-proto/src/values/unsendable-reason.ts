import { types } from "node:util";

/** Why a value cannot be sent. */
export interface UnsendableReason {
  /** Description of the value, with its article: "a Promise", "an instance of Model". */
  readonly what: string;
  /** What the caller can do: "await it first". */
  readonly remedy: string;
}

/** Returns the description of a value that has no form on the wire, and its remedy. */
export function unsendableReason(value: unknown): UnsendableReason {
  if (typeof value === "function") {
    return { what: value.name === "" ? "a function" : `the function ${value.name}`, remedy: "send what it returns" };
  }
  if (typeof value === "symbol") return { what: "a symbol", remedy: "send its description" };
  if (types.isPromise(value)) return { what: "a Promise", remedy: "await it first" };
  if (types.isRegExp(value)) return { what: "a RegExp", remedy: "send its source" };
  if (types.isGeneratorObject(value)) {
    return { what: "a generator", remedy: "collect what it yields into an array first" };
  }
  const className = classNameOf(value);
  if (types.isNativeError(value) || value instanceof Error) {
    return { what: `an Error (${className})`, remedy: "send its message" };
  }
  if (typeof value === "object" && value !== null && "then" in value) {
    return { what: `a promise-like ${className}`, remedy: "await it first" };
  }
  return { what: `an instance of ${className}`, remedy: "send a plain object with the needed fields" };
}

function classNameOf(value: unknown): string {
  const type: unknown = Object.getPrototypeOf(value)?.constructor;
  return typeof type === "function" && type.name !== "" ? type.name : "an unnamed class";
}
