import fc from "fast-check";
import { expect, test } from "vitest";
import { type Call, PoolWorker, UnaryCall } from "../calls/call.ts";
import { FakeWorker } from "../testing/fake-worker.ts";
import { request } from "../testing/pool-under-test.ts";
import { WaitingCalls } from "./waiting-calls.ts";

const owner = { pool: "test", affinity: "strict-queue", settle() {}, expire() {} } as const;
const watcher = { lost() {}, unresponsive() {}, drained() {} };

function newWorker(id: string): PoolWorker {
  return new PoolWorker(new FakeWorker(id, 1, {}), watcher, 0);
}

function newCall(sessionId?: string): Call {
  return new UnaryCall(owner, request("echo", { sessionId }), () => {});
}

const steps = fc.array(
  fc.record({
    is: fc.constantFrom("add", "add", "add bound", "bind", "bind", "remove", "serve", "release", "release session"),
    worker: fc.nat(1),
    sessionId: fc.constantFrom("a", "b"),
    pick: fc.nat(),
  }),
  { maxLength: 100, size: "max" },
);

test("under any operations, each queue stays in order of arrival", () => {
  fc.assert(
    fc.property(steps, (script) => {
      const waiting = new WaitingCalls();
      const workers = [newWorker("x"), newWorker("y")] as const;
      // The model: all calls in order of arrival, each with the only worker that may take it.
      const model: { readonly call: Call; waitsFor: PoolWorker | undefined }[] = [];
      const take = (call: Call) => {
        waiting.remove(call);
        model.splice(
          model.findIndex((each) => each.call === call),
          1,
        );
      };
      for (const { is, worker: index, sessionId, pick } of script) {
        const worker = workers[index] as PoolWorker;
        const first = model.find(({ waitsFor }) => waitsFor === undefined);
        switch (is) {
          case "add":
          case "add bound": {
            const entry = { call: newCall(sessionId), waitsFor: is === "add" ? undefined : worker };
            model.push(entry);
            waiting.add(entry.call, entry.waitsFor);
            break;
          }
          case "bind":
            if (first === undefined) break;
            first.waitsFor = worker;
            waiting.bind(first.call, worker);
            break;
          case "remove":
            if (model.length > 0) take(model[pick % model.length]!.call);
            break;
          case "serve": {
            const next = waiting.firstFor(worker);
            expect(next).toBe(model.find(({ waitsFor }) => waitsFor === undefined || waitsFor === worker)?.call);
            if (next !== undefined) take(next);
            break;
          }
          case "release":
          case "release session": {
            const only = is === "release" ? undefined : sessionId;
            for (const each of model) {
              if (each.waitsFor === worker && (only ?? each.call.sessionId) === each.call.sessionId) {
                each.waitsFor = undefined;
              }
            }
            waiting.release(worker, only);
            break;
          }
        }
        const queues = [undefined, ...workers].map((of) => model.flatMap((e) => (e.waitsFor === of ? [e.call] : [])));
        expect(waiting.first).toBe(queues[0]![0]);
        expect(workers.map((each) => [...each.waiting])).toEqual(queues.slice(1));
        expect(new Set(waiting)).toEqual(new Set(queues.flat()));
        expect(waiting.length).toBe(model.length);
        for (const { call, waitsFor } of model) expect(call.waitsFor).toBe(waitsFor);
      }
    }),
    { numRuns: 300 },
  );
});

test("a waiting call is found by its correlation ID in every queue", () => {
  const waiting = new WaitingCalls();
  const calls = [newCall(), newCall()] as const;
  waiting.add(calls[0], undefined);
  waiting.add(calls[1], newWorker("x"));
  for (const call of calls) expect(waiting.find(call.correlationId)).toBe(call);
  expect(waiting.find("unknown")).toBeUndefined();
});
