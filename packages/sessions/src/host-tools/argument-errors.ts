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
  return rejected(tool, undefined, `: arguments must be a map by name; got ${describeValue(args)}`);
}

export function unknownArgument(tool: string, name: string, known: readonly string[]): SnakepitError {
  const nearest = nearestName(name, known);
  const parameters = known.length === 0 ? "none" : known.join(", ");
  const hint = nearest === undefined ? ";" : `; did you mean "${nearest}"?`;
  return rejected(tool, name, ` has no argument "${name}"${hint} parameters: ${parameters}`);
}

export function missingArguments(tool: string, names: readonly string[]): SnakepitError {
  const listed = names.map((name) => `"${name}"`).join(", ");
  return rejected(tool, names[0], ` requires argument${names.length === 1 ? "" : "s"} ${listed}`);
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

function rejected(tool: string, argument: string | undefined, problem: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `host tool "${tool}"${problem}`, { details: { tool, argument } });
}

/** `items[0].name` */
function pathString(path: readonly PropertyKey[]): string {
  return path.map((step, index) => (index === 0 ? String(step) : stepString(step))).join("");
}

function stepString(step: PropertyKey): string {
  if (typeof step === "number" || /^\d+$/.test(String(step))) return `[${String(step)}]`;
  return IDENTIFIER.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
}
