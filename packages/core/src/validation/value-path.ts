/** One step from a container to a part of it. */
export type PathStep =
  /** A property, or an entry of a map with a string key. */
  | string
  /** An index, or an entry of a map with a number as its key. */
  | number
  /** A key or a value of a map whose keys are neither, by its position. */
  | { readonly of: "keys" | "values"; readonly place: number };

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Steps of a path that are shown; of a longer one the beginning and the end. */
const SHOWN_STEPS = 20;

/** Formats a path as JavaScript writes it: `args.items[3]["a b"].keys()[0]`. */
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
