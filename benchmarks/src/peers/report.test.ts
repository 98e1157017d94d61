import { expect, test } from "vitest";
import type { Machine } from "../machine.ts";
import { type ComparedRow, compare } from "./comparison.ts";
import { formatComparison, formatMarkdown, IDEAL, peerFigures } from "./report.ts";
import { peerRow } from "./rows.ts";

const MACHINE: Machine = {
  processor: "A Processor",
  cores: 2,
  memoryGib: 24,
  system: "Linux 6",
  node: "24.0.0",
  python: "3.11.0",
  loops: { javaScript: 40, python: 25, systemCalls: 10 },
};

const ROWS: readonly ComparedRow[] = [
  compare(peerRow("throughput-1x64"), "snakepit", [
    new Map([
      ["snakepit", { value: 50_000, cpu: { host: 8.4, workers: 9.6 } }],
      ["child_process", { value: 25_000, cpu: { host: 20, workers: 12 } }],
      ["child_process-sequential", { value: 10_000 }],
      ["zeromq", { failure: "it is not installed" }],
    ]),
  ]),
  compare(peerRow("cpu-2ms-4x32"), "snakepit", [
    new Map([
      ["snakepit", { value: 950 }],
      ["child_process", { value: 960 }],
      [IDEAL, { value: 1_000 }],
    ]),
  ]),
];

test("the file has an element for each ID and peer, and rows of the machine", () => {
  expect(peerFigures(MACHINE, ROWS)).toEqual([
    { id: "machine-js", peer: "machine", value: 40, unit: "ms", ahead: 1 },
    { id: "machine-python", peer: "machine", value: 25, unit: "ms", ahead: 1 },
    { id: "machine-syscalls", peer: "machine", value: 10, unit: "ms", ahead: 1 },
    { id: "throughput-1x64", peer: "snakepit", value: 50_000, unit: "calls/s", ahead: 1 },
    { id: "throughput-1x64", peer: "child_process", value: 25_000, unit: "calls/s", ahead: 2 },
    { id: "cpu-2ms-4x32", peer: "snakepit", value: 950, unit: "calls/s", ahead: 1 },
    { id: "cpu-2ms-4x32", peer: "child_process", value: 960, unit: "calls/s", ahead: 950 / 960 },
  ]);
});

test("the table for a terminal names the machine, and why a peer is missing", () => {
  const table = formatComparison(MACHINE, ROWS);
  expect(table).toContain("A Processor, 2 cores, 24 GiB, Linux 6, Node.js 24.0.0, Python 3.11.0");
  expect(table).toMatch(
    /throughput-1x64\s+child_process\s+25,000\s+calls\/s\s+2\.00 × \(2\.00 to 2\.00\)\s+20\.0\s+12\.0/,
  );
  expect(table).toContain("missing: throughput-1x64 of zeromq: it is not installed");
});

test("the Markdown table marks the best figure of each row, also where it is a peer's", () => {
  const markdown = formatMarkdown(MACHINE, ROWS, 3);
  expect(markdown).toContain("|  | Snakepit | child_process, JSON lines | the same without pipelining |");
  expect(markdown).toContain("| **50,000** | 25,000 (2.00 ×) | 10,000 (5.00 ×) |");
  expect(markdown).toContain("| 950.0 | **960.0** (0.99 ×) | – |");
  expect(markdown).toContain("| 8 + 10 | 20 + 12 | – |");
  expect(markdown).toContain("1,000 calls/s without calls, of which Snakepit reaches 95.0 %.");
  expect(markdown).toContain("Missing: zeromq: it is not installed.");
});
