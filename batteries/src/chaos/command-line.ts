import { parseArgs } from "node:util";

/** What `npm run chaos` is asked to do. */
export type Command =
  | { readonly is: "help"; readonly usage: string }
  | {
      readonly is: "run";
      readonly form: "short" | "long";
      /** Names of scenarios, in the order of the battery. */
      readonly scenarios: readonly string[];
      readonly seed: number;
      readonly repeat: number;
    };

const LARGEST_SEED = 2 ** 32 - 1;

/**
 * Parses the arguments of `npm run chaos`.
 *
 * @param names the names of the scenarios.
 * @param randomSeed the seed of a run without `--seed`.
 * @throws Error for an unknown option, an unknown scenario or an invalid number.
 */
export function parseCommand(argv: readonly string[], names: readonly string[], randomSeed: number): Command {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      short: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: String(randomSeed) },
      repeat: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { is: "help", usage: help(names) };
  const { only } = values;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`unknown scenario "${unknown}"\n${help(names)}`);
  return {
    is: "run",
    form: values.short ? "short" : "long",
    scenarios: only.length > 0 ? names.filter((name) => only.includes(name)) : names,
    seed: parseInteger("--seed", values.seed, 0),
    repeat: parseInteger("--repeat", values.repeat, 1),
  };
}

function parseInteger(option: string, given: string, least: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= LARGEST_SEED) return value;
  throw new Error(`${option} must be an integer from ${least} to ${LARGEST_SEED}; got "${given}"`);
}

function help(names: readonly string[]): string {
  return `Usage: npm run chaos -- [--short] [--only SCENARIO]... [--seed N] [--repeat N]

Ends, stops and starves hosts, workers and databases under load, checks the same invariants after each scenario, and
prints one table. The long form takes about 15 minutes on two cores, the short form 2 minutes.

  --short          the short form, as in CI
  --only SCENARIO  only this scenario; may be repeated
  --seed N         repeats the random decisions of a run; by default, each run has another seed
  --repeat N       carries out each scenario N times, each time with the next seed

Scenarios: ${names.join(", ")}`;
}
