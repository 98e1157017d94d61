import { VariableType } from "@snakepit/bridge-proto/grpc";
import { SnakepitError } from "@snakepit/core";

/** What the types of variables are called in operations. */
const NAMES: ReadonlyMap<VariableType, string> = new Map([
  [VariableType.STRING, "string"],
  [VariableType.INTEGER, "integer"],
  [VariableType.FLOAT, "float"],
  [VariableType.BOOLEAN, "boolean"],
  [VariableType.CHOICE, "choice"],
  [VariableType.MODULE, "module"],
  [VariableType.EMBEDDING, "embedding"],
  [VariableType.TENSOR, "tensor"],
]);

const TYPES = new Map(Array.from(NAMES, ([type, name]) => [name, type]));

/** @throws SnakepitError `INVALID_ARGUMENT` when there is no such type. */
export function nameOfType(type: VariableType): string {
  const name = NAMES.get(type);
  if (name !== undefined) return name;
  throw new SnakepitError("INVALID_ARGUMENT", `there is no variable type ${type}; set one of VariableType`);
}

/** The type of this name; `UNSPECIFIED` for one that the wire does not know. */
export function typeOfName(name: string): VariableType {
  return TYPES.get(name) ?? VariableType.UNSPECIFIED;
}
