import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberedNames, type OpenVariables, openVariables, rejectionOf } from "../testing/variables-of-session.ts";

let opened: OpenVariables;
let variables: OpenVariables["variables"];

beforeEach(async () => {
  opened = await openVariables();
  ({ variables } = opened);
});
afterEach(() => opened[Symbol.asyncDispose]());

describe("many variables", () => {
  beforeEach(async () => {
    for (const name of ["model.size", "model.kind", "count"]) {
      await variables.register(name, { type: "integer", value: 1, constraints: { max: 10 } });
    }
  });

  test("are listed by a pattern, ordered by name", async () => {
    const names = async (pattern?: string) => (await variables.list(pattern)).map(({ name }) => name);
    expect(await names()).toEqual(["count", "model.kind", "model.size"]);
    expect(await names("model.*")).toEqual(["model.kind", "model.size"]);
    expect(await names("model.?ize")).toEqual(["model.size"]);
    expect(await names("count")).toEqual(["count"]);
    expect(await names("none*")).toHaveLength(0);
    expect((await rejectionOf(variables.list("*".repeat(257)))).details["reason"]).toBe("name");
  });

  test("are listed across pages", async () => {
    await Promise.all(numberedNames(350).map((name) => variables.register(name, { type: "boolean", value: true })));
    const listed = (await variables.list("v*")).map(({ name }) => name);
    expect(listed).toEqual(numberedNames(350).sort());
  });

  test("are read together; missing ones are omitted", async () => {
    expect(await variables.getMany(["count", "nothing", "model.kind"])).toEqual({ count: 1, "model.kind": 1 });
    const described = await variables.describeMany(["model.kind", "nothing", "count"]);
    expect(described.map(({ name, value }) => [name, value])).toEqual([
      ["count", 1],
      ["model.kind", 1],
    ]);
  });

  test("are set independently", async () => {
    const { version } = await variables.describe("count");
    const outcomes = await variables.setMany({ count: 5, "model.kind": 11, missing: 1 });
    expect(outcomes["count"]).toEqual({ is: "set", name: "count", version: version + 1 });
    expect(outcomes["model.kind"]).toMatchObject({ is: "failed", error: { details: { reason: "range" } } });
    expect(outcomes["missing"]).toMatchObject({ is: "failed", error: { details: { reason: "unknown" } } });
    expect(await variables.getMany(["count", "model.kind"])).toEqual({ count: 5, "model.kind": 1 });
  });

  test("are set atomically", async () => {
    await variables.setMany({ count: 2, "model.kind": 2 }, { atomic: true });
    expect((await rejectionOf(variables.setMany({ count: 3, "model.kind": 11 }, { atomic: true }))).message).toBe(
      'variable "model.kind" must be at most 10; got 11',
    );
    expect((await rejectionOf(variables.setMany({ count: 3, missing: 1 }, { atomic: true }))).details["reason"]).toBe(
      "unknown",
    );
    expect(await variables.getMany(["count", "model.kind"])).toEqual({ count: 2, "model.kind": 2 });
  });

  test("are set at their expected versions", async () => {
    const [count = 0, kind = 0, size = 0] = (await variables.list()).map(({ version }) => version);
    const writes = [
      { name: "count", value: 3, version: count },
      { name: "model.kind", value: 3, version: kind + 7 },
      { name: "model.size", value: 3 },
    ];
    const atomic = await variables.writeMany(writes, { atomic: true });
    expect(
      atomic.map((outcome) => (outcome.is === "failed" ? outcome.error.details["reason"] : outcome.version)),
    ).toEqual(["batch", "version", "batch"]);
    const each = await variables.writeMany(writes);
    expect(
      each.map((outcome) => (outcome.is === "failed" ? outcome.error.details["reason"] : outcome.version)),
    ).toEqual([count + 1, "version", size + 1]);
  });

  test("must not be set twice in one batch", async () => {
    const twice = [
      { name: "count", value: 2 },
      { name: "count", value: 3 },
    ];
    expect((await rejectionOf(variables.writeMany(twice))).message).toBe(
      'variable "count" occurs twice in the batch; set it once',
    );
  });

  test("may be an empty list", async () => {
    expect(await variables.setMany({}, { atomic: true })).toEqual({});
    expect(await variables.getMany([])).toEqual({});
    expect(await variables.deleteMany([])).toEqual([]);
  });

  test("are deleted together", async () => {
    expect([...(await variables.deleteMany(["count", "missing", "model.kind"]))].sort()).toEqual([
      "count",
      "model.kind",
    ]);
    expect(await variables.list()).toHaveLength(1);
  });
});
