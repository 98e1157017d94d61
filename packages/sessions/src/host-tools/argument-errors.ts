import { describeValue, nearestName, SnakepitError } from "@snakepit/core";

/** A problem with the arguments of a call. */
export interface ArgumentProblem {
  /** The path of the invalid value, starting with the argument's name; empty if the problem concerns all arguments. */
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

/** The number of problems that one message lists; `details` contains all of them. */
const LISTED_PROBLEMS = 5;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

export function argumentsNotNamed(tool: string, args: unknown): SnakepitError {
  return refused(tool, undefined, `takes its arguments as a map by name, not as ${describeValue(args)}`);
}

export function unknownArgument(tool: string, name: string, known: readonly string[]): SnakepitError {
  const nearest = nearestName(name, known);
  const takes = known.length === 0 ? "takes none" : `takes ${known.join(", ")}`;
  const hint = nearest === undefined ? "; it" : `; did you mean "${nearest}"? It`;
  return refused(tool, name, `has no argument "${name}"${hint} ${takes}`);
}

export function missingArguments(tool: string, names: readonly string[]): SnakepitError {
  const listed = names.map((name) => `"${name}"`).join(", ");
  return refused(tool, names[0], `needs argument${names.length === 1 ? "" : "s"} ${listed}`);
}

export function invalidArguments(tool: string, problems: readonly ArgumentProblem[]): SnakepitError {
  const facts = problems.map(({ path, problem }) => ({ path: pathString(path), problem }));
  const lines = facts
    .slice(0, LISTED_PROBLEMS)
    .map(({ path, problem }) => `${path === "" ? "arguments" : `argument "${path}"`}: ${problem}`);
  if (facts.length > LISTED_PROBLEMS) lines.push(`and ${facts.length - LISTED_PROBLEMS} more`);
  const [first] = problems;
  const argument = first === undefined || first.path.length === 0 ? undefined : String(first.path[0]);
  return new SnakepitError("INVALID_ARGUMENT", `host tool "${tool}": ${lines.join("; ")}`, {
    details: { tool, argument, problems: facts },
  });
}

function refused(tool: string, argument: string | undefined, problem: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `host tool "${tool}" ${problem}`, { details: { tool, argument } });
}

/** `items[0].name` */
function pathString(path: readonly PropertyKey[]): string {
  return path.map((step, index) => (index === 0 ? String(step) : stepString(step))).join("");
}

function stepString(step: PropertyKey): string {
  if (typeof step === "number" || /^\d+$/.test(String(step))) return `[${String(step)}]`;
  return IDENTIFIER.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
}
