import { parseArgs } from "node:util";
import { competitor, peerNames } from "./peers/contestants.ts";
import { PEER_ROWS, peerRow } from "./peers/rows.ts";

/** What `npm run bench` is asked to do. */
export type Command =
  | { readonly is: "help"; readonly usage: string }
  | { readonly is: "floors"; readonly groups: readonly string[]; readonly json: string | undefined }
  | ({ readonly is: "peers" } & PeersCommand);

/** A comparison with peers. */
export interface PeersCommand {
  /** IDs of rows; all if empty. */
  readonly rows: readonly string[];
  /** Names of peers; all if empty. */
  readonly peers: readonly string[];
  readonly rounds: number;
  /** How long each measurement of a row takes; its warm-up takes half of that. */
  readonly seconds: number;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

const ROUNDS = 3;
const SECONDS = 2;

/** Parses the arguments of `npm run bench`; `groups` are the names of the groups of rows with a floor. */
export function parseCommand(argv: readonly string[], groups: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
      peers: { type: "boolean", default: false },
      peer: { type: "string", multiple: true, default: [] },
      rounds: { type: "string" },
      seconds: { type: "string" },
      markdown: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { only, json, peer, rounds, seconds, markdown } = values;
  if (values.help) return { is: "help", usage: help(groups) };
  if (values.peers || peer.length > 0) {
    for (const id of only) peerRow(id);
    for (const name of peer) competitor(name);
    const durations = { rounds: parseRounds(rounds), seconds: parseSeconds(seconds) };
    return { is: "peers", rows: only, peers: peer, ...durations, json, markdown };
  }
  for (const [name, value] of Object.entries({ rounds, seconds, markdown })) {
    if (value !== undefined) throw new Error(`--${name} requires --peers`);
  }
  const unknown = only.find((name) => !groups.includes(name));
  if (unknown !== undefined) throw new Error(`unknown group "${unknown}"\n${help(groups)}`);
  return { is: "floors", groups: only.length > 0 ? only : groups, json };
}

function parseRounds(rounds = String(ROUNDS)): number {
  const count = Number(rounds);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--rounds must be a positive integer; got "${rounds}"`);
  return count;
}

function parseSeconds(seconds = String(SECONDS)): number {
  const count = Number(seconds);
  if (!(count > 0 && Number.isFinite(count))) throw new Error(`--seconds must be a positive number; got "${seconds}"`);
  return count;
}

function help(groups: readonly string[]): string {
  return `Usage: npm run bench -- [--only GROUP]... [--json FILE]
       npm run bench -- --peers [--only ROW]... [--peer NAME]... [--rounds N] [--seconds N]
                        [--json FILE] [--markdown FILE]

Measures Snakepit and, in the same run, the floor under each figure, and prints one table.
Groups: ${groups.join(", ")}

With --peers, installs the libraries that a user would take instead, into benchmarks/.peers, and compares them with
Snakepit in ${ROUNDS} rounds. Each measurement takes ${SECONDS} seconds.
Rows: ${PEER_ROWS.map(({ id }) => id).join(", ")}
Peers: ${peerNames()}`;
}
