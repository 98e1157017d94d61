import type { PostgresServer } from "@snakepit/registry/testing/postgres-server";
import { Checks } from "./checks.ts";
import { Random } from "./random.ts";
import { Sandbox } from "./sandbox.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

/** What is known of a scenario after it was carried out. */
export interface ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  readonly repetitions: string;
  readonly result: "passed" | "failed" | "skipped";
  readonly figures: readonly string[];
  /** The conditions that were checked, each with the number of times. */
  readonly checked: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
  readonly seconds: number;
}

/** Carries out a scenario in a new sandbox. Never rejects. */
export async function runScenario(
  { name, title, obstacle, run }: Scenario,
  form: ScenarioContext["form"],
  seed: number,
  postgres: () => Promise<PostgresServer>,
): Promise<ScenarioReport> {
  const startedAt = performance.now();
  const checks = new Checks();
  const report = (result: ScenarioReport["result"], repetitions: string, figures: readonly string[]) => ({
    name,
    title,
    seed,
    repetitions,
    result,
    figures,
    checked: checks.checked,
    violations: checks.violations,
    seconds: (performance.now() - startedAt) / 1_000,
  });
  const reason = obstacle?.();
  if (reason !== undefined) return report("skipped", "", [reason]);
  let repetitions = "";
  let figures: readonly string[] = [];
  try {
    await using sandbox = new Sandbox();
    const random = new Random(seed, name);
    const amount = (short: number, long: number) => (form === "short" ? short : long);
    ({ repetitions, figures } = await run({ form, seed, random, sandbox, checks, amount, postgres }));
  } catch (thrown) {
    checks.fail(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  return report(checks.violations.length === 0 ? "passed" : "failed", repetitions, figures);
}
