import { type EncodedValue, isPromiseLike } from "@snakepit/core";
import type { HostToolCall } from "./host-tool-call.ts";
import { failureOf, wrongMethod } from "./host-tool-errors.ts";
import type { HostToolRegistry } from "./host-tool-registry.ts";
import { Invocation } from "./invocation.ts";

/**
 * Encodes a value; `root` names it in errors, so that these read `host tool "x": result.model: …`.
 *
 * @throws SnakepitError `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
 */
export type EncodeValue<Encoded = EncodedValue> = (value: unknown, root: string) => Encoded;

/**
 * Runs a host tool that returns one value. Settles no later than when the caller stops waiting, even if the tool still
 * runs.
 *
 * @throws SnakepitError as a rejection: `UNKNOWN_TOOL`; `INVALID_ARGUMENT` for invalid arguments and for a tool that
 *   yields chunks; `CANCELLED`, `DEADLINE_EXCEEDED`; errors of `encode`; a `SnakepitError` that the tool throws;
 *   `HOST_TOOL_EXCEPTION` for anything else that it throws, with name, message and stack in `hostException`.
 */
export async function callHostTool<Encoded>(
  registry: HostToolRegistry,
  call: HostToolCall,
  encode: EncodeValue<Encoded>,
): Promise<Encoded> {
  const tool = registry.require(call.tool, call.sessionId);
  if (tool.descriptor.streaming) throw wrongMethod(call.tool, true);
  const invocation = new Invocation(call, registry, false);
  try {
    invocation.begin();
    const checked = invocation.run(() => tool.checkArguments(call.args));
    const args = isPromiseLike(checked) ? await invocation.waitFor(checked) : checked;
    const result = invocation.run(() => tool.run(args, invocation));
    const value = isPromiseLike(result) ? await invocation.waitFor(result) : result;
    // A synchronous function may have run past its deadline.
    invocation.check();
    return encode(value, `host tool "${call.tool}": result`);
  } catch (thrown) {
    const failure = failureOf(call.tool, thrown);
    invocation.failed(failure);
    throw failure;
  } finally {
    invocation.answered();
  }
}
