import {
  type OperationAnswers,
  type OperationContexts,
  type OperationHandlers,
  type OperationOf,
  SnakepitError,
} from "@snakepit/core";
import { reserveAfterConflicts } from "../updates/write-contention.ts";
import { turnOf, type WriteTurns } from "../updates/write-turns.ts";
import type { SessionVariables } from "../variables/session-variables.ts";
import type { Variable } from "../variables/variable.ts";
import { firstFailure, type VariableOutcome } from "../variables/variable-batch.ts";

/** The services that the handlers of variables use. */
export interface VariableServices {
  /** Returns the variables of a session; writes are attributed to `author`, and to the call with `correlationId`. */
  variables(sessionId: string, author: string, correlationId?: string): SessionVariables;
  /** The turns of the writes of the host, in which updates reserve variables after a conflict. */
  readonly turns: WriteTurns;
}

type WriteOutcome = OperationAnswers["variables.set"]["outcomes"][number];

/** Returns the handlers for the variables of a session. */
export function variableHandlers(services: VariableServices): OperationHandlers<OperationOf<"variables">> {
  const variablesOf = ({ sessionId, author, correlationId }: OperationContexts["variables.set"]) =>
    services.variables(sessionId, author, correlationId);
  const within = <T>(reservation: number | null | undefined, work: () => T) =>
    services.turns.within(reservation ?? undefined, work);
  return {
    "variables.register": async ({ name, reservation, ...draft }, context) => {
      const { type, value, constraints, metadata } = draft;
      const register = () => variablesOf(context).registerDynamic(name, { type, value, constraints, metadata });
      return variableAnswer(await within(reservation, register));
    },
    "variables.get": async ({ names }, context) => {
      const found = await variablesOf(context).describeMany(names);
      return { variables: Object.fromEntries(found.map((variable) => [variable.name, variableAnswer(variable)])) };
    },
    "variables.describe": async ({ name }, context) => descriptionAnswer(await variablesOf(context).describe(name)),
    "variables.set": async ({ writes, atomic, reservation }, context) => {
      const checked = writes.map(({ name, value, version }) => ({ name, value, version: version ?? undefined }));
      const outcomes = await within(reservation, () => variablesOf(context).writeMany(checked, { atomic }));
      if (atomic) throwUnlessAllWritten(outcomes);
      return { outcomes: outcomes.map(outcomeAnswer) };
    },
    "variables.delete": async ({ names, reservation }, context) => ({
      deleted: await within(reservation, () => variablesOf(context).deleteMany(names)),
    }),
    "variables.reserve": async function* ({ name, conflicts, reservation }, context) {
      const key = turnOf(context.sessionId, "variable", name);
      using reserved = await within(reservation, () =>
        reserveAfterConflicts(services.turns, key, conflicts, context.signal),
      );
      yield { ...variableAnswer(await variablesOf(context).describe(name)), reservation: reserved.id };
      await reserved.released;
    },
    "variables.list": async ({ pattern }, context) => {
      const found = await variablesOf(context).list(pattern ?? undefined);
      return { variables: found.map(descriptionAnswer) };
    },
    "variables.watch": async function* ({ names, pattern }, context) {
      const watched = names ?? pattern ?? undefined;
      for await (const change of variablesOf(context).watch(watched, { signal: context.signal })) {
        const { name, deleted, version } = change;
        // Includes the type, because Python distinguishes a float with an integral value from an integer.
        yield deleted
          ? { name, type: null, value: null, version, deleted }
          : { name, type: change.type, value: change.value, version, deleted };
      }
    },
  };
}

function variableAnswer({ type, value, version, constraints }: Variable): OperationAnswers["variables.register"] {
  return { type, value, version, constraints };
}

function descriptionAnswer(variable: Variable): OperationAnswers["variables.describe"] {
  const { name, metadata, createdAt, updatedAt, updatedBy, previous } = variable;
  return {
    ...variableAnswer(variable),
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

function outcomeAnswer(outcome: VariableOutcome): WriteOutcome {
  if (outcome.is === "set") return { version: outcome.version };
  const { code, message, details } = outcome.error;
  return { code, message, details };
}

/** Throws the error that prevented an atomic batch from being written. */
function throwUnlessAllWritten(outcomes: readonly VariableOutcome[]): void {
  const failure = firstFailure(outcomes);
  if (failure === undefined) return;
  const { code, message, details, cause } = failure;
  throw new SnakepitError(code, message, { details, cause });
}
