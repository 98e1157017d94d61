import type { ToolDescriptor } from "@snakepit/core";

/** The most parameters that a warning names; it counts the others. */
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
  return `arguments are not checked, or cannot be converted, for these parameters; annotate them with what is sent: ${named.join(", ")}`;
}
