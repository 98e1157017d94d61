import type { PostgresServer } from "@snakepit/registry/testing/postgres-server";
import type { Checks } from "./checks.ts";
import type { Random } from "./random.ts";
import type { Sandbox } from "./sandbox.ts";

/** What a scenario works with. */
export interface ScenarioContext {
  readonly form: "short" | "long";
  readonly seed: number;
  readonly random: Random;
  readonly sandbox: Sandbox;
  readonly checks: Checks;
  /** Returns the first number in the short form, otherwise the second one. */
  amount(short: number, long: number): number;
  /** Resolves with the PostgreSQL server of the battery, which is running; a scenario leaves it running. */
  postgres(): Promise<PostgresServer>;
}

/** The result of a scenario that was carried out. */
export interface ScenarioResult {
  /** How often its disturbance was repeated, with a noun: `300 kills`. */
  readonly repetitions: string;
  /** Measured figures, for the table. */
  readonly figures: readonly string[];
}

/** A disturbance of hosts, and what must hold during and after it. */
export interface Scenario {
  /** The name for `--only`. */
  readonly name: string;
  readonly title: string;
  /** Returns why the scenario cannot run on this machine; `undefined` if it can. */
  readonly obstacle?: () => string | undefined;
  readonly run: (context: ScenarioContext) => Promise<ScenarioResult>;
}
