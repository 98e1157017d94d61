import { invalidConfig, nearestName, type ToolDescriptor } from "@snakepit/core";

/**
 * Checks that the tool of `healthCheck` can be called without arguments: a check that always fails would replace every
 * worker again and again.
 *
 * @throws SnakepitError `INVALID_CONFIG`
 */
export function checkHealthTool(pool: string, name: string | undefined, tools: readonly ToolDescriptor[]): void {
  if (name === undefined) return;
  const tool = tools.find((each) => each.name === name);
  const problem = tool === undefined ? unknownTool(pool, name, tools) : unsuitable(tool);
  if (problem === undefined) return;
  throw invalidConfig([{ path: "healthCheck.tool", ...problem }]);
}

function unknownTool(pool: string, name: string, tools: readonly ToolDescriptor[]) {
  const names = tools.map((each) => each.name);
  const nearest = nearestName(name, names);
  const remedy = nearest === undefined ? `the tools are ${names.join(", ")}` : `did you mean "${nearest}"?`;
  return { problem: `must be a tool of pool "${pool}"; got "${name}"`, remedy };
}

function unsuitable({ name, streaming, parameters }: ToolDescriptor) {
  if (streaming)
    return { problem: `must not be a streaming tool; got "${name}"`, remedy: "use a tool that returns a value" };
  const required = parameters.filter((each) => each.required).map((each) => each.name);
  if (required.length === 0) return undefined;
  const problem = `must be a tool without required parameters; got "${name}", which requires ${required.join(", ")}`;
  return { problem, remedy: "give them defaults, or write a tool for the check" };
}
