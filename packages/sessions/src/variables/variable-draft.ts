import { describeValue, nearestName, SnakepitError } from "@snakepit/core";
import { isPlainObject } from "../json/why-not-json.ts";
import { defineVariable, type VariableDefinition } from "./types/variable-definition.ts";
import { checkVariableMetadata, type VariableMetadata } from "./variable-metadata.ts";

const PROPERTIES = ["type", "value", "constraints", "metadata"];

/** A variable to be whose definition is in order. The value has not been looked at. */
export interface ReadDraft {
  readonly definition: VariableDefinition;
  readonly metadata: VariableMetadata;
  readonly value: unknown;
}

/**
 * Reads what a variable is to be, whoever wrote it: types may have been ignored.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function readDraft(name: string, draft: unknown): ReadDraft {
  if (!isPlainObject(draft)) {
    throw invalidDraft(
      name,
      `what it is to be is an object with ${PROPERTIES.join(", ")}, not ${describeValue(draft)}`,
    );
  }
  for (const property of Object.keys(draft)) {
    if (PROPERTIES.includes(property)) continue;
    const nearest = nearestName(property, PROPERTIES);
    const hint = nearest === undefined ? `it has ${PROPERTIES.join(", ")}` : `did you mean ${nearest}?`;
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
