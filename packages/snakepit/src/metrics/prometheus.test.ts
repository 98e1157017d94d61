import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { INSTRUMENTS, type InstrumentName, prometheusName } from "@snakepit/telemetry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MeasuredHost } from "../testing/measured-traffic.ts";
import { Prometheus, type RulesAnswer } from "../testing/prometheus.ts";

const FILES = new URL("../../../telemetry/monitoring/", import.meta.url);
const ALERTS = new URL("alerts.yml", FILES).pathname;
const ALERT_TESTS = new URL("alert-tests.yml", FILES).pathname;

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

interface GrafanaDashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

/** The queries of the panels and variables of the dashboard, by name, with values for the variables. */
function dashboardQueries(): Map<string, string> {
  const text = readFileSync(new URL("grafana-dashboard.json", FILES), "utf8");
  const { panels, templating } = JSON.parse(text) as GrafanaDashboard;
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => [`${title} ${refId}`, withVariables(expr)] as const),
  );
  const ofVariables = templating.list.flatMap(({ name, definition }) => {
    const [, series, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? "") ?? [];
    return series === undefined ? [] : [[`$${name}`, `count by (${label}) (${withVariables(series)})`] as const];
  });
  expect(ofVariables).toHaveLength(4);
  return new Map([...ofPanels, ...ofVariables]);
}

function withVariables(expression: string): string {
  return expression.replaceAll("$__rate_interval", "10m").replaceAll(/\$(job|instance|pool|tool)\b/g, ".*");
}

/** The expressions of the alert rules, by name, as Prometheus has read them. */
async function alertExpressions(prometheus: Prometheus): Promise<readonly (readonly [string, string])[]> {
  const answer = (await prometheus.get("rules")) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly { name: string; query: string }[] }[] };
  };
  return answer.data.groups.flatMap(({ rules }) => rules.map(({ name, query }) => [name, query] as const));
}

const NAMES = new Set(
  (Object.keys(INSTRUMENTS) as InstrumentName[]).flatMap((name) => {
    const inPrometheus = prometheusName(name);
    const isHistogram = INSTRUMENTS[name].kind === "histogram";
    return isHistogram ? ["_bucket", "_sum", "_count"].map((part) => inPrometheus + part) : [inPrometheus];
  }),
);

/** The metrics in an expression: every name that is followed by labels, a range or the end of a function. */
function metricsIn(expression: string): readonly string[] {
  const withoutLabels = expression.replaceAll(/\{[^}]*\}/g, "").replaceAll(/\bby\s*\([^)]*\)/g, "");
  return [...new Set(withoutLabels.match(/\bsnakepit_\w+/g))];
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-metrics-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("each alert rule fires and stays silent as its unit tests of promtool require", async () => {
  const { stdout } = await promisify(execFile)("promtool", ["test", "rules", ALERT_TESTS]);
  expect(stdout).toContain("SUCCESS");
  const tests = readFileSync(ALERT_TESTS, "utf8");
  for (const [, name] of readFileSync(ALERTS, "utf8").matchAll(/- alert: (\w+)/g)) {
    expect(tests).toContain(`- name: ${name} fires\n`);
    expect(tests).toContain(`- name: ${name} does not fire\n`);
  }
});

test("every runbook link of an alert rule leads to a section of the runbook", () => {
  const runbook = readFileSync(new URL("../../../../docs/runbook.md", import.meta.url), "utf8");
  const anchors = Array.from(runbook.matchAll(/^## (.+)$/gm), ([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
  const rules = readFileSync(ALERTS, "utf8");
  const links = Array.from(rules.matchAll(/runbook\.md#(\S+)/g), ([, anchor = ""]) => anchor);
  expect(links.length).toBe(rules.match(/- alert:/g)?.length);
  expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
});

test("a real Prometheus scrapes a host under traffic, and every query of the dashboard and the alerts has data", async () => {
  await using host = await MeasuredHost.start(directory);
  const metrics = await host.pit.metrics({ byWorker: true });
  const server = createServer(({ headers: { accept } }, response) => {
    const { contentType, text } = metrics.read({ accept });
    response.setHeader("content-type", contentType).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await using prometheus = await Prometheus.start(`127.0.0.1:${(server.address() as AddressInfo).port}`, ALERTS);

  const missing = dashboardQueries();
  expect(missing.size).toBeGreaterThan(60);
  for (const expression of missing.values()) {
    expect(metricsIn(expression).filter((name) => !NAMES.has(name))).toEqual([]);
  }
  // Rates and quantiles have values after several rounds.
  for (let round = 0; missing.size > 0; round++) {
    expect(round, `no data of: ${[...missing].map(([panel, query]) => `${panel}: ${query}`).join("\n")}`).toBeLessThan(
      30,
    );
    await host.round();
    await prometheus.scraped();
    for (const [panel, expression] of missing) {
      const values = await prometheus.query(expression);
      if (values.some((value) => Number.isFinite(value))) missing.delete(panel);
    }
  }

  // Prometheus reads OpenMetrics, which has the traces of calls.
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  // The time limit of the test ends it if none arrives.
  while (!(await prometheus.exemplars("snakepit_call_duration_seconds_bucket")).includes(traceId)) {
    await host.pit.execute("add", { a: 1, b: 2 }, { traceparent });
    await host.round();
  }

  const names = (await prometheus.get("label/__name__/values")) as { readonly data: readonly string[] };
  expect(names.data.filter((name) => name.startsWith("snakepit_") && !NAMES.has(name))).toEqual([]);
  const alerts = await alertExpressions(prometheus);
  for (const [alert, expression] of alerts) {
    await prometheus.query(expression);
    const used = metricsIn(expression);
    expect(used.length, alert).toBeGreaterThan(0);
    expect(
      used.filter((name) => !names.data.includes(name)),
      alert,
    ).toEqual([]);
  }
  const rules = ((await prometheus.get("rules")) as RulesAnswer).data.groups.flatMap((group) => group.rules);
  expect(rules.length).toBe(alerts.length);
  expect(rules.filter(({ health }) => health === "err")).toEqual([]);
  const tools = (await prometheus.get("label/snakepit_tool/values")) as { readonly data: readonly string[] };
  expect(tools.data).toContain("_unknown");
  expect(tools.data).not.toContain("no_such_tool");
});

test("the text of the metrics passes promtool", async () => {
  await using host = await MeasuredHost.start(mkdtempSync(join(directory, "host-")));
  const metrics = await host.pit.metrics();
  await host.round();
  const child = promisify(execFile)("promtool", ["check", "metrics"]);
  child.child.stdin?.end(metrics.read().text);
  expect(await child).toMatchObject({ stderr: "" });
});
