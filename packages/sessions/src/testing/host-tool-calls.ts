import { type EncodedValue, SnakepitError } from "@snakepit/core";
import { callHostTool } from "../host-tools/call-host-tool.ts";
import type { HostTool } from "../host-tools/host-tool.ts";
import type { HostToolCall } from "../host-tools/host-tool-call.ts";
import { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import { streamHostTool } from "../host-tools/stream-host-tool.ts";
import { whyNotJson } from "../json/why-not-json.ts";

/** Returns the call of a host tool by a worker. */
export function hostToolCall(tool: string, args: unknown = {}, more: Partial<HostToolCall> = {}): HostToolCall {
  return {
    tool,
    args,
    sessionId: undefined,
    pool: "default",
    workerId: "default-1",
    correlationId: "c-1",
    lineage: { correlationId: "c-1", pool: "default", tool: "ask", parent: undefined },
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    ...more,
  };
}

/** Encodes a value as JSON. */
export function encodeJson(value: unknown, root: string): EncodedValue {
  const problem = value === undefined ? undefined : whyNotJson(value, root);
  if (problem !== undefined) throw new SnakepitError("SERIALIZATION", problem, { details: { path: root } });
  const body = new TextEncoder().encode(JSON.stringify(value ?? null));
  return { body, buffers: [], byteLength: body.byteLength };
}

export function decodeJson({ body }: EncodedValue): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}

/** Registers one tool, calls it and returns its result. */
export async function callAlone(tool: HostTool, args?: unknown, more?: Partial<HostToolCall>): Promise<unknown> {
  const registry = new HostToolRegistry();
  registry.register([tool]);
  return decodeJson(await callHostTool(registry, hostToolCall(tool.name, args, more), encodeJson));
}

/** Registers one tool and streams it. */
export function streamAlone(
  tool: HostTool,
  args?: unknown,
  more?: Partial<HostToolCall>,
): AsyncIterableIterator<EncodedValue, void> {
  const registry = new HostToolRegistry();
  registry.register([tool]);
  return streamHostTool(registry, hostToolCall(tool.name, args, more), encodeJson);
}

/** Resolves with the error that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<SnakepitError> {
  const thrown = await promise.then(
    () => new Error("it did not reject"),
    (reason: unknown) => reason,
  );
  if (thrown instanceof SnakepitError) return thrown;
  throw thrown;
}
