import { OPERATIONS, type OperationContext, workerOperation } from "@snakepit/core";
import * as v from "valibot";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostTool } from "../host-tools/host-tool.ts";
import { MemoryHost, plainCodec } from "../testing/memory-host.ts";
import { type OperationVector, readOperationVectors } from "../testing/operation-vectors.ts";
import { workerOperations } from "./host-operations.ts";
import type { Operations } from "./operations.ts";

let host: MemoryHost;
let operations: Operations<ReturnType<typeof workerOperation>>;

beforeEach(async () => {
  host = new MemoryHost(plainCodec);
  operations = workerOperations(host);
  await host.sessions.open("s", { metadata: { user: "me" } });
  const only = (name: string, type: string) => ({
    type: "object",
    properties: { [name]: type === "any" ? {} : { type } },
    additionalProperties: false,
  });
  host.register([
    hostTool({ name: "echo", description: "", parameters: only("value", "any"), run: (args) => args["value"] }),
    hostTool({
      name: "fail",
      description: "",
      run: () => {
        throw new Error("broken");
      },
    }),
    hostTool({
      name: "count",
      description: "",
      parameters: only("to", "integer"),
      *run({ to }) {
        for (let i = 0; i < Number(to); i++) yield i;
      },
    }),
  ]);
});
afterEach(() => host[Symbol.asyncDispose]());

test.each(readOperationVectors())("$name", async ({ requests }) => {
  for (const request of requests) await check(request);
});

test("a case exists for every operation that workers may call", () => {
  const names: ReadonlySet<string> = new Set(
    readOperationVectors().flatMap(({ requests }) => requests.map(({ method }) => method)),
  );
  const ofWorkers = Object.entries(OPERATIONS).filter(([, { callers }]) => callers === "workers and clients");
  expect(ofWorkers.map(([name]) => name).filter((name) => !names.has(name))).toEqual([]);
});

async function check(request: OperationVector): Promise<void> {
  const outcome = execute(request);
  if (request.error !== undefined) {
    await expect(outcome, request.method).rejects.toMatchObject(request.error);
    return;
  }
  if (request.values !== undefined) {
    expect(await outcome).toMatchObject(request.values);
    return;
  }
  const answer = await outcome;
  expect(answer).toMatchObject(request.answer ?? {});
  for (const path of request.absent ?? []) expect(answer).not.toHaveProperty(path);
}

async function execute({ method, payload, values, ends }: OperationVector): Promise<unknown> {
  const context: OperationContext = {
    sessionId: "s",
    author: "default-1",
    correlationId: "c-1",
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
  };
  if (OPERATIONS[method].kind === "value") {
    const name = workerOperation(method, "value");
    const answer = await operations.execute(name, payload, context);
    v.assert(OPERATIONS[name].answer, answer);
    return answer;
  }
  const name = workerOperation(method, "stream");
  const taken: unknown[] = [];
  for await (const value of operations.stream(name, payload, context)) {
    v.assert(OPERATIONS[name].answer, value);
    taken.push(value);
    if (taken.length === values?.length && ends !== true) break;
  }
  return taken;
}
