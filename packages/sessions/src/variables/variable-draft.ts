import { describeValue, nearestName, SnakepitError } from "@snakepit/core";
import { isPlainObject } from "../json/why-not-json.ts";
import { defineVariable, type VariableDefinition } from "./types/variable-definition.ts";
import { checkVariableMetadata, type VariableMetadata } from "./variable-metadata.ts";

const PROPERTIES = ["type", "value", "constraints", "metadata"];

/** A new variable with a valid definition and a value that has not been checked. */
export interface ReadDraft {
  readonly definition: VariableDefinition;
  readonly metadata: VariableMetadata;
  readonly value: unknown;
}

/**
 * Reads the draft of a variable from untyped input.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function readDraft(name: string, draft: unknown): ReadDraft {
  if (!isPlainObject(draft)) {
    throw invalidDraft(
      name,
      `the definition must be an object with ${PROPERTIES.join(", ")}; got ${describeValue(draft)}`,
    );
  }
  for (const property of Object.keys(draft)) {
    if (PROPERTIES.includes(property)) continue;
    const nearest = nearestName(property, PROPERTIES);
    const hint = nearest === undefined ? `use ${PROPERTIES.join(", ")}` : `did you mean ${nearest}?`;
    throw invalidDraft(name, `${property} is not a property of a variable; ${hint}`);
  }
  const definition = defineVariable(name, draft["type"], draft["constraints"]);
  const metadata = draft["metadata"] ?? {};
  checkVariableMetadata(name, metadata);
  return { definition, metadata, value: draft["value"] };
}

function invalidDraft(name: string, problem: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `variable "${name}": ${problem}`, {
    details: { variable: name, reason: "definition" },
  });
}
