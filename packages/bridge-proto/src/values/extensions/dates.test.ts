import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { decodeValue } from "../decode-value.ts";
import { encodeValue } from "../encode-value.ts";
import { PlainDate } from "./plain-date.ts";
import { PlainTime } from "./plain-time.ts";
import { TimeDelta } from "./time-delta.ts";
import { ZonedDate } from "./zoned-date.ts";

function roundTrip(value: unknown): unknown {
  return decodeValue(encodeValue(value).body);
}

describe("a Date", () => {
  it.each([0, -1, 1_700_000_000_123, Date.UTC(9999, 11, 31, 23, 59, 59, 999)])("is returned as a Date: %d", (ms) => {
    const received = roundTrip(new Date(ms));
    expect(received).toEqual(new Date(ms));
    expect(received).not.toBeInstanceOf(ZonedDate);
  });
});

describe("ZonedDate", () => {
  it("is a Date that keeps microseconds, offset and zone", () => {
    const date = new ZonedDate(Date.UTC(2024, 5, 1, 10), {
      microseconds: 7,
      offsetSeconds: 7200,
      zone: "Europe/Berlin",
    });
    expect(date).toBeInstanceOf(Date);
    expect(date.toISOString()).toBe("2024-06-01T10:00:00.000Z");
    expect(date.toZonedString()).toBe("2024-06-01T12:00:00.000007+02:00[Europe/Berlin]");
    const received = roundTrip(date) as ZonedDate;
    expect(received).toBeInstanceOf(ZonedDate);
    expect(received.toZonedString()).toBe(date.toZonedString());
    expect(received.isNaive).toBe(false);
  });

  it("can be naive", () => {
    const received = roundTrip(new ZonedDate(Date.UTC(2024, 0, 1), { offsetSeconds: null })) as ZonedDate;
    expect(received.isNaive).toBe(true);
    expect(received.toZonedString()).toBe("2024-01-01T00:00:00.000000");
  });

  it("supports offsets with seconds and microseconds", () => {
    const date = new ZonedDate(0, { offsetSeconds: -1172.000001 });
    expect((roundTrip(date) as ZonedDate).offsetSeconds).toBe(-1172.000001);
    expect(date.toZonedString()).toMatch(/-00:19:32\.000001$/);
  });

  it.each([
    ["microseconds beyond 999", () => new ZonedDate(0, { microseconds: 1000 })],
    ["an offset of a day", () => new ZonedDate(0, { offsetSeconds: 86_400 })],
    ["a zone without an offset", () => new ZonedDate(0, { offsetSeconds: null, zone: "Europe/Berlin" })],
    ["an empty zone", () => new ZonedDate(0, { zone: "" })],
    ["an invalid moment", () => new ZonedDate(Number.NaN)],
    ["a wall clock beyond the year 9999", () => new ZonedDate(Date.UTC(9999, 11, 31, 23), { offsetSeconds: 7200 })],
  ])("rejects %s", (_, make) => {
    expect(make).toThrow(SnakepitError);
  });
});

describe("PlainDate", () => {
  it("is a calendar day", () => {
    const received = roundTrip(new PlainDate(2024, 2, 29)) as PlainDate;
    expect(received).toEqual(new PlainDate(2024, 2, 29));
    expect(JSON.stringify({ received })).toBe('{"received":"2024-02-29"}');
    expect(String(new PlainDate(7, 1, 2))).toBe("0007-01-02");
  });

  it.each([
    [2023, 2, 29],
    [0, 1, 1],
    [10_000, 1, 1],
    [2024, 13, 1],
    [2024, 1, 1.5],
  ])("rejects %d-%d-%d", (year, month, day) => {
    expect(() => new PlainDate(year, month, day)).toThrow(SnakepitError);
    expect(() => new PlainDate(year, month, day)).toThrow("; write for example new PlainDate(2024, 2, 29)");
  });
});

describe("PlainTime", () => {
  it.each([
    [new PlainTime(0, 0), "00:00:00"],
    [new PlainTime(23, 59, { second: 59, microsecond: 999_999 }), "23:59:59.999999"],
    [new PlainTime(9, 30, { offsetSeconds: -5400 }), "09:30:00-01:30"],
    [new PlainTime(9, 30, { offsetSeconds: 0 }), "09:30:00+00:00"],
    [new PlainTime(9, 30, { zone: "Europe/Berlin" }), "09:30:00[Europe/Berlin]"],
  ])("is returned unchanged: %s", (time, text) => {
    expect(String(time)).toBe(text);
    expect(roundTrip(time)).toEqual(time);
  });

  it("rejects parts outside their range", () => {
    expect(() => new PlainTime(24, 0)).toThrow(/the hour of a time must be an integer from 0 to 23; got 24/);
    expect(() => new PlainTime(0, 0, { microsecond: 1e6 })).toThrow(SnakepitError);
  });
});

describe("TimeDelta", () => {
  it("is normalized as in Python", () => {
    expect(new TimeDelta(0, 0, -1)).toMatchObject({ days: -1, seconds: 86_399, microseconds: 999_999 });
    expect(new TimeDelta(1, 90_000, 1_500_000)).toMatchObject({ days: 2, seconds: 3601, microseconds: 500_000 });
    expect(roundTrip(new TimeDelta(-999_999_999))).toEqual(new TimeDelta(-999_999_999));
  });

  it("converts from and to other units", () => {
    expect(TimeDelta.fromMs(1500.25)).toEqual(new TimeDelta(0, 1, 500_250));
    expect(TimeDelta.fromMs(-0.001)).toEqual(new TimeDelta(0, 0, -1));
    expect(new TimeDelta(1, 1, 500).totalMs).toBe(86_401_000.5);
    expect(String(new TimeDelta(1, 90, 500_000))).toBe("P1DT90.500000S");
    expect(String(new TimeDelta(0, -1))).toBe("-P0DT1S");
  });

  it("rejects fractions, and more days than Python supports", () => {
    expect(() => new TimeDelta(0.5)).toThrow(SnakepitError);
    expect(() => new TimeDelta(1_000_000_000)).toThrow(SnakepitError);
  });
});
