import { types } from "node:util";
import { formatPath, isPlainObject, type PathStep } from "@snakepit/core";
import { asNumberArray } from "../variables/types/number-array.ts";

/** The maximum nesting of arrays and objects. */
const MAX_DEPTH = 255;
/** A part of a value that JSON cannot represent. */
export interface JsonProblem {
  /** The path of the part, for example `metadata.weights[2]`. */
  readonly path: string;
  /** The problem, for example `is an instance of Map`. */
  readonly problem: string;
}

/** Returns the problem of a string or of the name of a property. */
export type StringCheck = (value: string) => string | undefined;

/**
 * Returns the first part of a value that JSON cannot represent, with its path, for example `program.weights[2] is a
 * date`; `undefined` if JSON can represent the value. A property that is `undefined` is accepted: `JSON.stringify`
 * omits it.
 *
 * @param root the name of the value, which begins the path.
 */
export function whyNotJson(value: unknown, root: string): string | undefined {
  const problem = jsonProblem(value, root);
  return problem && `${problem.path} ${problem.problem}`;
}

/**
 * Like {@link whyNotJson}, but returns the path separately.
 *
 * @param checkString rejects additional strings and names that JSON could represent.
 */
export function jsonProblem(
  value: unknown,
  root: string,
  checkString: StringCheck = () => undefined,
): JsonProblem | undefined {
  return new JsonCheck(root, checkString).problem(value);
}

class JsonCheck {
  readonly #root: string;
  readonly #checkString: StringCheck;
  /** The arrays and objects that contain the current value. */
  readonly #ancestors = new Set<object>();
  /** The path of the current value. */
  readonly #steps: PathStep[] = [];

  constructor(root: string, checkString: StringCheck) {
    this.#root = root;
    this.#checkString = checkString;
  }

  problem(value: unknown): JsonProblem | undefined {
    switch (typeof value) {
      case "string":
        return this.#problemHere(this.#checkString(value));
      case "boolean":
        return undefined;
      case "number":
        return Number.isFinite(value) ? undefined : this.#problemHere(`is ${value}`);
      case "object":
        if (value === null) return undefined;
        if (this.#ancestors.has(value)) return this.#problemHere("contains itself");
        if (this.#ancestors.size === MAX_DEPTH) return this.#problemHere(`is nested deeper than ${MAX_DEPTH} levels`);
        return this.#problemInside(value);
      default:
        return this.#problemHere(`is ${describe(value)}`);
    }
  }

  #problemInside(value: object): JsonProblem | undefined {
    if (!Array.isArray(value) && !isPlainObject(value)) return this.#problemHere(`is ${describe(value)}`);
    this.#ancestors.add(value);
    const found = Array.isArray(value) ? this.#problemInList(value) : this.#problemInObject(value);
    this.#ancestors.delete(value);
    return found;
  }

  #problemInList(list: readonly unknown[]): JsonProblem | undefined {
    for (const [index, each] of list.entries()) {
      const found = this.#problemAt(index, each);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #problemInObject(value: Record<string, unknown>): JsonProblem | undefined {
    for (const [name, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const found = this.#problemAt(name, each, this.#checkString(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #problemAt(step: PathStep, value: unknown, nameProblem?: string): JsonProblem | undefined {
    this.#steps.push(step);
    const found = nameProblem === undefined ? this.problem(value) : this.#problemHere(`has a name that ${nameProblem}`);
    this.#steps.pop();
    return found;
  }

  #problemHere(problem: string | undefined): JsonProblem | undefined {
    return problem === undefined ? undefined : { path: formatPath(this.#root, this.#steps), problem };
  }
}

/** Describes a value in terms that fit both languages, because it may come from either. */
function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  // Large integers of Python arrive as bigint; a program in TypeScript may also pass a small one.
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? "a bigint" : "an integer of more than 53 bits";
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
