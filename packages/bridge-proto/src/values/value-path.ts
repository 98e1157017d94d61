/** One step from a container to what it holds. */
export type PathStep =
  /** A property, or an entry of a map with a string key. */
  | string
  /** An index, or an entry of a map with a number as its key. */
  | number
  /** A key or a value of a map whose keys are neither, by its place. */
  | { readonly of: "keys" | "values"; readonly place: number };

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Writes a path the way JavaScript would: `args.items[3]["a b"].keys()[0]`. */
export function formatPath(root: string, steps: Iterable<PathStep>): string {
  let path = root;
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else if (typeof step === "object") path += `.${step.of}()[${step.place}]`;
    else path += IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  }
  return path;
}
