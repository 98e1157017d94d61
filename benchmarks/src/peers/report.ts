import { formatMachine, type Machine } from "../machine.ts";
import { columns, digits } from "../table.ts";
import type { ComparedRow, Figure } from "./comparison.ts";
import { competitor, PEERS, SNAKEPIT } from "./contestants.ts";

/** An element of the file of `--json`. */
export interface PeerFigure {
  readonly id: string;
  readonly peer: string;
  readonly value: number;
  readonly unit: string;
  /** How many times better Snakepit is in the same round: the median of the rounds. */
  readonly ahead: number;
}

/** The ideal of CPU-bound tools is a column of the tables only, as are some variants. */
export const IDEAL = "ideal";

/** Returns the elements of the file of `--json`: rows of the machine, and one for each ID and peer. */
export function peerFigures(machine: Machine, rows: readonly ComparedRow[]): readonly PeerFigure[] {
  const { javaScript, python, systemCalls } = machine.loops;
  const loop = (id: string, value: number) => ({ id, peer: "machine", value, unit: "ms", ahead: 1 });
  return [
    loop("machine-js", javaScript),
    loop("machine-python", python),
    loop("machine-syscalls", systemCalls),
    ...rows.flatMap(({ row, figures }) =>
      figures
        .filter(({ peer }) => peer !== IDEAL && competitor(peer).inTablesOnly !== true)
        .map(({ peer, value, ahead }) => ({ id: row.id, peer, value, unit: row.unit, ahead })),
    ),
  ];
}

/** Formats the comparison for a terminal: a line for each figure, and why others are missing. */
export function formatComparison(machine: Machine, rows: readonly ComparedRow[]): string {
  const head = ["what", "peer", "value", "unit", "Snakepit is ahead", "Node.js µs/call", "workers µs/call"];
  const lines = rows.flatMap(({ row, figures }) =>
    figures.map((figure) => [
      row.id,
      figure.peer,
      digits(figure.value),
      row.unit,
      figure.peer === SNAKEPIT.name ? "" : aheadWithRange(figure),
      figure.cpu?.host.toFixed(1) ?? "",
      figure.cpu?.workers.toFixed(1) ?? "",
    ]),
  );
  const missing = rows.flatMap(({ row, missing }) =>
    missing.map(({ peer, reason }) => `missing: ${row.id} of ${peer}: ${reason}`),
  );
  return [formatMachine(machine), columns(head, lines, [0, 1, 3]), ...missing].join("\n\n");
}

/** Formats the comparison as tables in Markdown: the best figure of each row is bold, also where it is a peer's. */
export function formatMarkdown(machine: Machine, rows: readonly ComparedRow[], rounds: number): string {
  const names = [SNAKEPIT, ...PEERS].filter(({ name }) => rows.some((row) => figureOf(row, name) !== undefined));
  const titles = names.map(({ title }) => title);
  const table = [
    markdownRow(["", ...titles]),
    markdownRow(["---", ...titles.map(() => "---:")]),
    ...rows.map((compared) => markdownRow([title(compared), ...names.map(({ name }) => cell(compared, name))])),
  ];
  const withCpu = rows.filter(({ figures }) => figures.some(({ cpu }) => cpu !== undefined));
  const cpu = [
    markdownRow(["µs of processor time per call: Node.js + workers", ...titles]),
    markdownRow(["---", ...titles.map(() => "---:")]),
    ...withCpu.map((compared) =>
      markdownRow([compared.row.title, ...names.map(({ name }) => cpuCell(figureOf(compared, name)))]),
    ),
  ];
  const ideal = rows.flatMap(({ row, figures }) =>
    figures
      .filter(({ peer }) => peer === IDEAL)
      .map(
        ({ value, ahead }) => `${row.title}: ${digits(value)} ${row.unit} without calls, of which ${percent(ahead)}.`,
      ),
  );
  const lost = rows.flatMap(({ missing }) => missing).map(({ peer, reason }) => `${peer}: ${reason}`);
  return [
    `Medians of ${rounds} rounds of one run. In parentheses: how many times better Snakepit is in the same round.`,
    table.join("\n"),
    ...(withCpu.length > 0 ? [cpu.join("\n")] : []),
    ...ideal,
    ...(lost.length > 0 ? [`Missing: ${[...new Set(lost)].join("; ")}.`] : []),
    formatMachine(machine).replace("\n", "; "),
  ]
    .join("\n\n")
    .concat("\n");
}

function title({ row }: ComparedRow): string {
  return `${row.title}, ${row.unit}`;
}

function figureOf({ figures }: ComparedRow, name: string): Figure | undefined {
  return figures.find(({ peer }) => peer === name);
}

function cell(compared: ComparedRow, name: string): string {
  const figure = figureOf(compared, name);
  if (figure === undefined) return "–";
  const best = compared.figures
    .filter(({ peer }) => peer !== IDEAL)
    .every(({ value }) => (compared.row.unit === "ms" ? figure.value <= value : figure.value >= value));
  const value = best ? `**${digits(figure.value)}**` : digits(figure.value);
  return name === SNAKEPIT.name ? value : `${value} (${times(figure.ahead)})`;
}

function cpuCell(figure: Figure | undefined): string {
  if (figure?.cpu === undefined) return "–";
  return `${figure.cpu.host.toFixed(0)} + ${figure.cpu.workers.toFixed(0)}`;
}

function aheadWithRange({ ahead, range: [least, greatest] }: Figure): string {
  return `${times(ahead)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`;
}

function times(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)} ×`;
}

function percent(share: number): string {
  return `Snakepit reaches ${(share * 100).toFixed(1)} %`;
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
