import { parseArgs } from "node:util";

/** What `npm run fuzz` is asked to do. */
export type Command =
  | { readonly is: "help"; readonly usage: string }
  | {
      readonly is: "run";
      readonly seed: number;
      /** The number of inputs of all targets. */
      readonly inputs: number;
      /** Names of targets. */
      readonly targets: readonly string[];
      /** The only input to send; `undefined` for all. */
      readonly input: number | undefined;
    };

/** Inputs of the long form. */
const LONG_INPUTS = 1_000_000;
/** Inputs of the short form, which is part of CI. */
const SHORT_INPUTS = 20_000;

/**
 * Parses the arguments of `npm run fuzz`.
 *
 * @param argv the arguments after `--`.
 * @param targets the names of all targets.
 * @param randomSeed the seed if the arguments have none.
 * @throws Error for an unknown option, an unknown target or an invalid number.
 */
export function parseCommand(argv: readonly string[], targets: readonly string[], randomSeed: number): Command {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      short: { type: "boolean", default: false },
      seed: { type: "string" },
      inputs: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      input: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { is: "help", usage: usage(targets) };
  const unknown = values.only.find((name) => !targets.includes(name));
  if (unknown !== undefined) throw new Error(`unknown target "${unknown}"\n${usage(targets)}`);
  const input = values.input === undefined ? undefined : integer("input", values.input, 0);
  if (input !== undefined && values.only.length !== 1) throw new Error("--input requires one --only TARGET");
  const fallback = values.short ? SHORT_INPUTS : LONG_INPUTS;
  return {
    is: "run",
    seed: values.seed === undefined ? randomSeed : integer("seed", values.seed, 0),
    inputs: values.inputs === undefined ? fallback : integer("inputs", values.inputs, 1),
    targets: values.only.length === 0 ? targets : values.only,
    input,
  };
}

function integer(name: string, given: string, least: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(value) && value >= least && value <= 0xffff_ffff) return value;
  throw new Error(`--${name} must be an integer from ${least} to ${0xffff_ffff}; got "${given}"`);
}

function usage(targets: readonly string[]): string {
  return `Usage: npm run fuzz -- [--short] [--inputs N] [--seed N] [--only TARGET]... [--input N]

Sends malformed input to hosts and workers: ${LONG_INPUTS.toLocaleString("en")} inputs in total, or ${SHORT_INPUTS.toLocaleString("en")} with --short.
  --seed N       repeats a run; the seed of each run is printed
  --only TARGET  one of: ${targets.join(", ")}
  --input N      sends only this input to one target, to repeat a failure`;
}
