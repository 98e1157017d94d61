/** One step from a container to what it holds. */
export type PathStep =
  /** A property, or an entry of a map with a string key. */
  | string
  /** An index, or an entry of a map with a number as its key. */
  | number
  /** A key or a value of a map whose keys are neither, by its place. */
  | { readonly of: "keys" | "values"; readonly place: number };

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Of a longer path the beginning and the end are shown. */
const SHOWN_STEPS = 20;

/** Writes a path the way JavaScript would: `args.items[3]["a b"].keys()[0]`. */
export function formatPath(root: string, steps: readonly PathStep[]): string {
  const parts = steps.map(formatStep);
  if (parts.length > SHOWN_STEPS) parts.splice(SHOWN_STEPS / 2, parts.length - SHOWN_STEPS, "…");
  return root + parts.join("");
}

function formatStep(step: PathStep): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "object") return `.${step.of}()[${step.place}]`;
  return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
