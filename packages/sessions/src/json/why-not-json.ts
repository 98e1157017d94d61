/** Levels of lists and objects inside one another. */
const MAX_DEPTH = 255;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Says what JSON cannot hold of a value, with the path to it, for example `program.weights[2] is an instance of Map`; `undefined`
 * when nothing speaks against it. A property that is `undefined` is no mistake: `JSON.stringify` leaves it out.
 *
 * @param root what the value is called.
 */
export function whyNotJson(value: unknown, root: string): string | undefined {
  return objection(value, root, 0);
}

function objection(value: unknown, path: string, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${path} is ${value}`;
    case "object":
      if (value === null) return undefined;
      return depth === MAX_DEPTH
        ? `${path} lies deeper than ${MAX_DEPTH} levels, or contains itself`
        : objectionInside(value, path, depth + 1);
    default:
      return `${path} is ${describe(value)}`;
  }
}

function objectionInside(value: object, path: string, depth: number): string | undefined {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const found = objection(each, `${path}[${index}]`, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return `${path} is ${describe(value)}`;
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const step = IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    const found = objection(each, path + step, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether it is a record, of this realm or another one, and not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "object") {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an instance of an unnamed class";
  }
  return `a ${typeof value}`;
}
