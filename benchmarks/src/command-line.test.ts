import { describe, expect, test } from "vitest";
import { parseCommand } from "./command-line.ts";

const GROUPS = ["latency", "arrays"];

function parse(...argv: string[]) {
  return parseCommand(argv, GROUPS);
}

describe("rows with a floor", () => {
  test("are all measured without arguments", () => {
    expect(parse()).toEqual({ is: "floors", groups: GROUPS, json: undefined });
  });

  test("can be selected and saved", () => {
    expect(parse("--only", "arrays", "--json", "file")).toEqual({ is: "floors", groups: ["arrays"], json: "file" });
  });

  test("an unknown group is rejected with the known ones", () => {
    expect(() => parse("--only", "chunkz")).toThrow(/unknown group "chunkz"[\s\S]*latency, arrays/);
  });

  test.each(["--rounds", "--seconds", "--markdown"])(
    "%s is rejected: it belongs to the comparison with peers",
    (option) => {
      expect(() => parse(option, "2")).toThrow(`${option} requires --peers`);
    },
  );
});

describe("the comparison with peers", () => {
  test("measures all rows and peers in three rounds without further arguments", () => {
    expect(parse("--peers")).toEqual({
      is: "peers",
      rows: [],
      peers: [],
      rounds: 3,
      seconds: 2,
      json: undefined,
      markdown: undefined,
    });
  });

  test("can be limited to rows and peers; --peer implies --peers", () => {
    const options =
      "--peer zeromq --peer grpc --only mixed --only chunks --rounds 1 --seconds 0.5 --json a --markdown b";
    expect(parse(...options.split(" "))).toEqual({
      is: "peers",
      rows: ["mixed", "chunks"],
      peers: ["zeromq", "grpc"],
      rounds: 1,
      seconds: 0.5,
      json: "a",
      markdown: "b",
    });
  });

  test("an unknown row is rejected with the known ones", () => {
    expect(() => parse("--peers", "--only", "latency")).toThrow(/unknown row "latency".*latency-p50, throughput-1x64/);
  });

  test("an unknown peer is rejected with the known ones", () => {
    expect(() => parse("--peer", "celery")).toThrow(/unknown peer "celery".*child_process, .*grpc/);
  });

  test.each(["0", "1.5", "two"])("%s rounds are rejected", (rounds) => {
    expect(() => parse("--peers", "--rounds", rounds)).toThrow("--rounds must be a positive integer");
  });

  test.each(["0", "Infinity", "two"])("%s seconds are rejected", (seconds) => {
    expect(() => parse("--peers", "--seconds", seconds)).toThrow("--seconds must be a positive number");
  });
});

test("--help lists groups, rows and peers", () => {
  const command = parse("--help");
  expect(command).toMatchObject({
    is: "help",
    usage: expect.stringMatching(/latency, arrays[\s\S]*script-first-result[\s\S]*aiohttp/),
  });
});
