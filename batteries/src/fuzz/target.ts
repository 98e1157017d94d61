import type { Footprint } from "./footprint.ts";
import { Random, seedOfInput } from "./inputs/random.ts";

/** A part of Snakepit that receives malformed input. */
export interface FuzzTarget {
  readonly name: string;
  /** What is sent to what. */
  readonly about: string;
  /** The part of all inputs that it receives, in thousandths. */
  readonly share: number;
  open(run: TargetRun): Promise<OpenTarget>;
}

/** A target that is ready for input. Disposing ends all its processes and connections. */
export interface OpenTarget extends AsyncDisposable {
  /** Sends the inputs from `first` up to, but not including, `end`, and reports each that is not handled correctly. */
  send(first: number, end: number): Promise<void>;
  /** Checks that valid input is still processed. Throws if it is not. */
  check(): Promise<void>;
  /** Measures the processes under test, after a garbage collection. */
  measure(): Promise<readonly Footprint[]>;
}

/** An input that was not handled correctly. */
export interface Finding {
  readonly target: string;
  /** The number of the input; `undefined` for a problem that no single input caused. */
  readonly index: number | undefined;
  readonly problem: string;
  /** The bytes of the input as hexadecimal digits, with a space between its parts. */
  readonly hex: string;
}

/** Findings of one target after which it ends: more of them add nothing. */
const MAX_FINDINGS = 20;
/** Digits of an input that are printed; the rest can be generated again. */
const MAX_HEX = 1_000;

/** Thrown to end a target with too many findings. */
export class TooManyFindings extends Error {}

/** The inputs of one target in one run, and its findings. */
export class TargetRun {
  readonly target: string;
  readonly findings: Finding[] = [];
  readonly #seed: number;

  constructor(target: string, seed: number) {
    this.target = target;
    this.#seed = seed;
  }

  /** Returns the generator of an input: the same for each run with this seed. */
  random(index: number): Random {
    return new Random(seedOfInput(this.#seed, this.target, index));
  }

  /** Reports an input that was not handled correctly. */
  fail(index: number | undefined, problem: string, ...parts: readonly Uint8Array[]): void {
    const hex = parts.map((part) => Buffer.from(part).toString("hex")).join(" ");
    this.findings.push({
      target: this.target,
      index,
      problem,
      hex: hex.length > MAX_HEX ? `${hex.slice(0, MAX_HEX)}…` : hex,
    });
    if (this.findings.length >= MAX_FINDINGS) throw new TooManyFindings();
  }
}
