import { types } from "node:util";
import { asNumberArray } from "../variables/types/number-array.ts";

/** Levels of lists and objects inside one another. */
const MAX_DEPTH = 255;
/** Characters of a path at its beginning, and at its end, when it is shown in part. */
const SHOWN_OF_PATH = 100;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** What JSON cannot hold of a value. */
export interface JsonObjection {
  /** Where it is, for example `metadata.weights[2]`. */
  readonly path: string;
  /** What is wrong with it there, for example `is an instance of Map`. */
  readonly problem: string;
}

/** Says what is wrong with a text, or with the name of a property. */
export type TextCheck = (text: string) => string | undefined;

/**
 * Says what JSON cannot hold of a value, with the path to it, for example `program.weights[2] is a date`; `undefined`
 * when nothing speaks against it. A property that is `undefined` is no mistake: `JSON.stringify` leaves it out.
 *
 * @param root what the value is called.
 */
export function whyNotJson(value: unknown, root: string): string | undefined {
  const objection = objectionToJson(value, root);
  return objection && `${objection.path} ${objection.problem}`;
}

/**
 * As {@link whyNotJson}, with the path by itself.
 *
 * @param checkText objects to texts and names that are not wanted although JSON can hold them.
 */
export function objectionToJson(
  value: unknown,
  root: string,
  checkText: TextCheck = () => undefined,
): JsonObjection | undefined {
  return new JsonCheck(checkText).objection(value, root);
}

class JsonCheck {
  readonly #checkText: TextCheck;
  /** The lists and objects around what is looked at. */
  readonly #around = new Set<object>();

  constructor(checkText: TextCheck) {
    this.#checkText = checkText;
  }

  objection(value: unknown, path: string): JsonObjection | undefined {
    switch (typeof value) {
      case "string":
        return objectionAt(path, this.#checkText(value));
      case "boolean":
        return undefined;
      case "number":
        return Number.isFinite(value) ? undefined : objectionAt(path, `is ${value}`);
      case "object":
        if (value === null) return undefined;
        if (this.#around.has(value)) return objectionAt(path, "contains itself");
        if (this.#around.size === MAX_DEPTH) return objectionAt(path, `lies deeper than ${MAX_DEPTH} levels`);
        return this.#objectionInside(value, path);
      default:
        return objectionAt(path, `is ${describe(value)}`);
    }
  }

  #objectionInside(value: object, path: string): JsonObjection | undefined {
    if (!Array.isArray(value) && !isPlainObject(value)) return objectionAt(path, `is ${describe(value)}`);
    this.#around.add(value);
    const found = Array.isArray(value) ? this.#objectionInList(value, path) : this.#objectionInObject(value, path);
    this.#around.delete(value);
    return found;
  }

  #objectionInList(list: readonly unknown[], path: string): JsonObjection | undefined {
    for (const [index, each] of list.entries()) {
      const found = this.objection(each, `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #objectionInObject(value: Record<string, unknown>, path: string): JsonObjection | undefined {
    for (const [name, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const step = path + (IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
      const problem = this.#checkText(name);
      const found =
        problem === undefined ? this.objection(each, step) : objectionAt(step, `has a name that ${problem}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function objectionAt(path: string, problem: string | undefined): JsonObjection | undefined {
  if (problem === undefined) return undefined;
  const isLong = path.length > 2 * SHOWN_OF_PATH;
  return { path: isLong ? `${path.slice(0, SHOWN_OF_PATH)}…${path.slice(-SHOWN_OF_PATH)}` : path, problem };
}

/** Whether it is a record, of this realm or another one, and not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** In words that fit both languages, for the value may come from either. */
function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "bigint") return "an integer of more than 53 bits";
  if (typeof value === "object") {
    if (types.isDate(value)) return "a date";
    if (types.isMap(value)) return "a map with keys of any type";
    if (types.isSet(value)) return "a set";
    const array = asNumberArray(value);
    if (array !== undefined) return `an array of ${array.dtype}`;
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return "bytes";
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an instance of an unnamed class";
  }
  return `a ${typeof value}`;
}
