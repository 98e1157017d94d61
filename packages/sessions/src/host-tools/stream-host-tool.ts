import type { EncodeValue } from "./call-host-tool.ts";
import type { HostToolCall } from "./host-tool-call.ts";
import { cancelled, failureOf, notIterable, wrongMethod } from "./host-tool-errors.ts";
import type { HostToolRegistry } from "./host-tool-registry.ts";
import type { RegisteredTool } from "./inspect-tool.ts";
import { Invocation } from "./invocation.ts";
import { ToolChunks } from "./tool-chunks.ts";

/**
 * Runs a host tool that yields chunks. Each `next()` resumes the tool; the first one starts it. The tool is closed
 * (`return()`, so that its `finally` runs) when the consumer leaves the loop or the caller stops waiting, even between
 * two chunks. The close is not awaited and does not belong to the call: calls made during the close are not cancelled.
 *
 * @throws SnakepitError from the iterator: as `callHostTool`.
 */
export function streamHostTool<Encoded>(
  registry: HostToolRegistry,
  call: HostToolCall,
  encode: EncodeValue<Encoded>,
): AsyncIterableIterator<Encoded, void> {
  const invocation = new Invocation(call, registry, true);
  const chunks = chunksOf(registry, call, encode, invocation);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => chunks.next(),
    return() {
      // A consumer may leave while it waits for a chunk; a plain generator would first wait for that chunk.
      invocation.giveUp(cancelled(call.tool, undefined));
      return chunks.return();
    },
  };
}

async function* chunksOf<Encoded>(
  registry: HostToolRegistry,
  call: HostToolCall,
  encode: EncodeValue<Encoded>,
  invocation: Invocation,
): AsyncGenerator<Encoded, void> {
  const tool = registry.require(call.tool, call.sessionId);
  if (!tool.descriptor.streaming) throw wrongMethod(call.tool, false);
  try {
    invocation.begin();
    const chunks = await begin(tool, call, invocation);
    invocation.onGivenUp(() => chunks.close());
    for (let index = 0; ; index++) {
      invocation.check();
      const result = await invocation.waitFor(invocation.run(() => chunks.next()));
      if (result.done === true) return;
      yield encode(result.value, `host tool "${call.tool}": chunk[${index}]`);
    }
  } catch (thrown) {
    const failure = failureOf(call.tool, thrown);
    // If a chunk could not be encoded, the tool is still suspended and must be closed.
    invocation.giveUp(failure);
    throw failure;
  } finally {
    invocation.answered();
  }
}

async function begin(tool: RegisteredTool, call: HostToolCall, invocation: Invocation): Promise<ToolChunks> {
  const args = await invocation.waitFor(invocation.run(async () => tool.checkArguments(call.args)));
  const returned = await invocation.waitFor(invocation.run(async () => tool.run(args, invocation)));
  const chunks = ToolChunks.of(returned);
  if (chunks === undefined) throw notIterable(call.tool);
  return chunks;
}
