import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, GRPC_STATUS } from "./error-code.ts";

const DOCUMENT = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** Names of gRPC statuses by number. */
const STATUS_NAMES = new Map(Object.entries(GRPC_STATUS).map(([name, status]) => [status, name]));

interface Entry {
  readonly code: string;
  readonly remedy: string;
  readonly retryable: string;
}

/** The rows of the tables of codes: code, what happened, what to do, retryable. */
const ENTRIES = tableRows(4).map(([code = "", , remedy = "", retryable = ""]): Entry => ({ code, remedy, retryable }));

/** The rows of the table of gRPC statuses, code by code. */
const STATUSES = new Map(
  tableRows(2).flatMap(([status = "", codes = ""]) => codes.split(", ").map((code) => [code, status] as const)),
);

test("docs/errors.md has exactly one entry for each code", () => {
  expect(ENTRIES.map(({ code }) => code).sort()).toEqual(CODES.map((code) => `\`${code}\``).sort());
});

test.each(CODES)("the entry of %s has a remedy and is correct about retries", (code) => {
  const entry = ENTRIES.find((each) => each.code === `\`${code}\``);
  expect(entry?.remedy).not.toBe("");
  expect(entry?.retryable).toBe(ERROR_CODES[code].retryable ? "yes" : "no");
});

test("docs/errors.md lists the gRPC status of each code", () => {
  const expected = CODES.map(
    (code) => [`\`${code}\``, `\`${STATUS_NAMES.get(ERROR_CODES[code].grpcStatus)}\``] as const,
  );
  expect(new Map([...STATUSES].sort())).toEqual(new Map(expected.sort()));
});

/** Returns the rows of all tables with this number of columns that begin with a name in code. */
function tableRows(columns: number): string[][] {
  const rows = DOCUMENT.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.slice(2, -2).split(" | ")).filter((cells) => cells.length === columns);
}
