import type { CharacterSet, PatternNode } from "./pattern-syntax.ts";

/** One step of a pattern. Steps that name none go on with the one after them. */
export type PatternStep =
  | { readonly is: "character"; readonly set: CharacterSet }
  | { readonly is: "start" }
  | { readonly is: "end" }
  /** Goes on at both places. */
  | { readonly is: "fork"; readonly to: number; readonly orTo: number }
  | { readonly is: "jump"; readonly to: number }
  | { readonly is: "match" };

/** The steps that find what a pattern describes, the first one first. */
export function compilePattern(pattern: PatternNode): readonly PatternStep[] {
  const steps: PatternStep[] = [];
  append(steps, pattern);
  steps.push({ is: "match" });
  return steps;
}

function append(steps: PatternStep[], node: PatternNode): void {
  switch (node.is) {
    case "character":
    case "start":
    case "end":
      steps.push(node);
      break;
    case "sequence":
      for (const part of node.parts) append(steps, part);
      break;
    case "alternatives":
      appendAlternatives(steps, node.options);
      break;
    case "repeat":
      appendRepeat(steps, node.part, node.min, node.max);
      break;
    default:
      node satisfies never;
  }
}

function appendAlternatives(steps: PatternStep[], options: readonly PatternNode[]): void {
  const ends: number[] = [];
  for (const [index, option] of options.entries()) {
    if (index === options.length - 1) {
      append(steps, option);
      break;
    }
    const fork = reserve(steps);
    append(steps, option);
    ends.push(reserve(steps));
    steps[fork] = { is: "fork", to: fork + 1, orTo: steps.length };
  }
  for (const end of ends) steps[end] = { is: "jump", to: steps.length };
}

function appendRepeat(steps: PatternStep[], part: PatternNode, min: number, max: number): void {
  for (let times = 0; times < min; times++) append(steps, part);
  if (max === Number.POSITIVE_INFINITY) {
    const fork = reserve(steps);
    append(steps, part);
    steps.push({ is: "jump", to: fork });
    steps[fork] = { is: "fork", to: fork + 1, orTo: steps.length };
    return;
  }
  const forks: number[] = [];
  for (let times = min; times < max; times++) {
    forks.push(reserve(steps));
    append(steps, part);
  }
  for (const fork of forks) steps[fork] = { is: "fork", to: fork + 1, orTo: steps.length };
}

/** Keeps a place for a step whose target is not known yet. */
function reserve(steps: PatternStep[]): number {
  return steps.push({ is: "match" }) - 1;
}
