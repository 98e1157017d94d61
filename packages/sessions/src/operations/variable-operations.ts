import { SnakepitError } from "@snakepit/core";
import type { SessionVariables } from "../variables/session-variables.ts";
import type { Variable, VariableDraft } from "../variables/variable.ts";
import type { VariableOutcome } from "../variables/variable-batch.ts";
import type { Fields } from "./fields.ts";
import type { Operation, OperationContext, StreamOperation } from "./operation.ts";
import { sessionOf } from "./session-of.ts";

/** What the operations on variables need. */
export interface VariableServices {
  /** The variables of a session, written by somebody. */
  variables(sessionId: string, author: string): SessionVariables;
}

type Wire = Readonly<Record<string, unknown>>;

/** Variables for workers and clients. Times are milliseconds since 1970. */
export function variableOperations({ variables }: VariableServices): Readonly<Record<string, Operation>> {
  const of = (context: OperationContext) => variables(sessionOf(context), context.author);
  return {
    "variables.register": async (fields, context) =>
      wireVariable(await of(context).register(fields.text("name"), draftOf(fields))),
    "variables.get": async (fields, context) => {
      const found = await of(context).describeMany(fields.texts("names"));
      return { variables: Object.fromEntries(found.map((variable) => [variable.name, wireVariable(variable)])) };
    },
    "variables.describe": async (fields, context) => wireDescription(await of(context).describe(fields.text("name"))),
    "variables.set": async (fields, context) => {
      const writes = fields.list("writes").map((write) => ({
        name: write.text("name"),
        value: write.value("value"),
        version: write.optionalCount("version"),
      }));
      const atomic = fields.flag("atomic");
      const outcomes = await of(context).writeMany(writes, { atomic });
      if (atomic) refuseUnlessAllSet(outcomes);
      return { outcomes: outcomes.map(wireOutcome) };
    },
    "variables.delete": async (fields, context) => ({ deleted: await of(context).deleteMany(fields.texts("names")) }),
    "variables.list": async (fields, context) => {
      const found = await of(context).list(fields.optionalText("pattern"));
      return { variables: found.map(wireDescription) };
    },
  };
}

/** Variables as they change, for workers and clients. */
export function variableStreamOperations({ variables }: VariableServices): Readonly<Record<string, StreamOperation>> {
  return {
    "variables.watch": async function* (fields, context) {
      const names = fields.optionalTexts("names") ?? fields.optionalText("pattern");
      const target = variables(sessionOf(context), context.author);
      for await (const change of target.watch(names, { signal: context.signal })) {
        const { name, deleted, version } = change;
        // With the type, for a float that is a whole number is not one to Python.
        yield deleted
          ? { name, type: null, value: null, version, deleted }
          : { name, type: change.type, value: change.value, version, deleted };
      }
    },
  };
}

function draftOf(fields: Fields): VariableDraft {
  return {
    type: fields.text("type"),
    value: fields.value("value"),
    constraints: fields.optionalMap("constraints"),
    metadata: fields.optionalMap("metadata"),
    // What it is, is checked where it is registered.
  } as VariableDraft;
}

function wireVariable({ type, value, version, constraints }: Variable): Wire {
  return { type, value, version, constraints };
}

function wireDescription(variable: Variable): Wire {
  const { name, metadata, createdAt, updatedAt, updatedBy, previous } = variable;
  return {
    ...wireVariable(variable),
    name,
    metadata,
    created_at: createdAt,
    updated_at: updatedAt,
    updated_by: updatedBy,
    previous:
      previous === undefined
        ? null
        : {
            value: previous.value,
            version: previous.version,
            updated_at: previous.updatedAt,
            updated_by: previous.updatedBy,
          },
  };
}

function wireOutcome(outcome: VariableOutcome): Wire {
  if (outcome.is === "set") return { version: outcome.version };
  const { code, message, details } = outcome.error;
  return { code, message, details };
}

/** Of an atomic batch the mistake is told that kept the others from being written, too. */
function refuseUnlessAllSet(outcomes: readonly VariableOutcome[]): void {
  const errors = outcomes.flatMap((outcome) => (outcome.is === "failed" ? outcome.error : []));
  const mistake = errors.find(({ details }) => details["reason"] !== "batch") ?? errors[0];
  if (mistake === undefined) return;
  const { code, message, details, cause } = mistake;
  throw new SnakepitError(code, message, { details, cause });
}
