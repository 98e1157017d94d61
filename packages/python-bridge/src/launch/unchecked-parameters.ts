import type { ToolDescriptor } from "@snakepit/core";

/** Parameters that a warning names; how many more there are, it says. */
const MOST_NAMED = 20;

/**
 * The warning about parameters whose annotations cannot be checked; undefined when there are none. Parameters without an
 * annotation are not among them.
 */
export function uncheckedParametersWarning(tools: readonly ToolDescriptor[]): string | undefined {
  const unchecked = tools.flatMap((tool) =>
    tool.parameters
      .filter((parameter) => parameter.unchecked !== undefined && parameter.type !== "")
      .map((parameter) => `${tool.name}.${parameter.name} (${parameter.unchecked})`),
  );
  if (unchecked.length === 0) return undefined;
  const named = unchecked.slice(0, MOST_NAMED);
  if (unchecked.length > named.length) named.push(`and ${unchecked.length - named.length} more`);
  return `arguments cannot be checked for these parameters; annotate what is sent: ${named.join(", ")}`;
}
