import type { ToolDescriptor } from "@snakepit/core";
import type { HostToolContext, JsonSchema } from "./host-tool.ts";

/** What is told of a host tool. It is JSON. */
export interface HostToolDescriptor extends ToolDescriptor {
  /** JSON Schema (draft 2020-12) of the arguments; absent when anything is taken, or the schema's library offers none. */
  readonly jsonSchema: JsonSchema | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly exposedToPython: boolean;
}

/** A tool that was found to be in order. */
export interface RegisteredTool {
  readonly descriptor: HostToolDescriptor;
  /**
   * Gives the arguments as the tool gets them, or a promise of them.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` that names the argument; also as a rejection.
   */
  checkArguments(args: unknown): unknown;
  run(args: unknown, context: HostToolContext): unknown;
}
