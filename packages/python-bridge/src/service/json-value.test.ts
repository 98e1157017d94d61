import { describe, expect, it } from "vitest";
import { decodeJson, encodeJson } from "./json-value.ts";

describe("values as JSON", () => {
  it("go there and back", () => {
    const value = { text: "héllo", list: [1, 2.5, -0.1, true, null], nested: { empty: {}, none: [] } };
    expect(decodeJson(encodeJson(value))).toEqual(value);
  });

  it("may be integers of any kind that a number holds exactly", () => {
    expect(encodeJson({ n: 12n }).toString()).toBe('{"n":12}');
  });

  it.each([
    [{ a: [1, Number.NaN] }, "result.a[1]", /NaN/],
    [[Number.POSITIVE_INFINITY], "result[0]", /Infinity/],
    [{ big: 2n ** 60n }, "result.big", /2\^53/],
    [new Float64Array(1), "result", /Float64Array/],
    [{ when: new Date(0) }, "result.when", /Date/],
    [new Map(), "result", /Map/],
    [{ f: undefined }, "result.f", /undefined/],
  ])("are refused where JSON cannot hold them: %o", (value, path, message) => {
    expect(() => encodeJson(value)).toThrow(
      expect.objectContaining({
        code: "SERIALIZATION",
        message: expect.stringMatching(message),
        details: { path },
      }),
    );
  });

  it("are refused when they are nested without end", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => encodeJson(cycle)).toThrow(expect.objectContaining({ code: "SERIALIZATION" }));
  });

  it.each([Buffer.from("{"), Buffer.from([0x22, 0xff, 0x22])])("are refused when they are not JSON: %o", (text) => {
    expect(() => decodeJson(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
