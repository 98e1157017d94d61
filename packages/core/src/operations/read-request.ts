import { type BaseIssue, type GenericSchema, safeParse } from "valibot";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { describeValue, isPlainObject } from "../validation/describe-value.ts";
import type {
  OperationContext,
  OperationContexts,
  OperationName,
  OperationPayloads,
  OperationWith,
} from "./operation-types.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

const operations: { readonly [Name in OperationName]: Operation } = OPERATIONS;

/** The operations of a kind that workers may call. */
type WorkerOperationOf<Kind extends Operation["kind"]> = OperationWith<{
  readonly callers: "workers and clients";
  readonly kind: Kind;
}>;

/**
 * Returns the operation that a worker requests.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` for an operation that is unknown, reserved for clients, or of the other
 *   kind.
 */
export function workerOperation<Kind extends Operation["kind"]>(method: string, kind: Kind): WorkerOperationOf<Kind> {
  if (isWorkerOperation(method, kind)) return method;
  throw new SnakepitError("INVALID_ARGUMENT", rejectionReason(method), { details: { method } });
}

function isWorkerOperation<Kind extends Operation["kind"]>(
  method: string,
  kind: Kind,
): method is WorkerOperationOf<Kind> {
  return isOperation(method) && operations[method].callers !== "clients" && operations[method].kind === kind;
}

function isOperation(method: string): method is OperationName {
  return Object.hasOwn(operations, method);
}

function rejectionReason(method: string): string {
  if (!isOperation(method)) return `unknown operation "${method}"; host and worker may have different versions`;
  const { callers, kind } = operations[method];
  if (callers === "clients") return `the operation "${method}" is reserved for clients; workers cannot call it`;
  return kind === "stream"
    ? `the operation "${method}" returns a stream; one value was requested`
    : `the operation "${method}" returns one value; a stream was requested`;
}

const checked: {
  readonly [Name in OperationName]: { readonly payload: GenericSchema<unknown, OperationPayloads[Name]> };
} = OPERATIONS;

/**
 * Validates the payload of a request and fills in the defaults.
 *
 * @param payload an object with the fields of the operation; `undefined` and `null` are treated as an empty object.
 * @throws SnakepitError `INVALID_ARGUMENT` that names the operation and the field.
 */
export function readPayload<Name extends OperationName>(name: Name, payload: unknown): OperationPayloads[Name] {
  return read(name, checked[name].payload, payload ?? {});
}

function read<Payload>(name: string, schema: GenericSchema<unknown, Payload>, payload: unknown): Payload {
  if (!isPlainObject(payload)) throw invalid(name, `payload must be an object; got ${describeValue(payload)}`);
  const result = safeParse(schema, payload, { abortEarly: true });
  if (result.success) return result.output;
  throw invalid(name, problemOf(result.issues[0]));
}

function problemOf(issue: BaseIssue<unknown>): string {
  const path = pathOf(issue);
  if (issue.type === "object" && issue.input === undefined) return `${path} is missing`;
  return `${path} must be ${issue.message}; got ${describeValue(issue.input)}`;
}

/** Returns the path of the field, such as `writes[0].name`. */
function pathOf({ path }: BaseIssue<unknown>): string {
  return (path ?? [])
    .map(({ key }, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${key}`))
    .join("");
}

function invalid(method: string, problem: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `${method}: ${problem}`, { details: { method } });
}

/** Whether the context has the session that the operation requires, if it requires one. */
export function hasRequiredSession<Name extends OperationName>(
  name: Name,
  context: OperationContext,
): context is OperationContexts[Name] {
  return context.sessionId !== undefined || operations[name].session !== "required";
}
