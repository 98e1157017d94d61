import type { HostInspection, PoolInspection, PoolState, Recommendation } from "@snakepit/core";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Overview, ToolTraffic, Traffic } from "../../src/contract/live.ts";
import { Badge, Empty, Figure, Loading, Meter, Select, type Tone, ViewHeader } from "../parts/basics.tsx";
import { Chart, type Series } from "../parts/chart.tsx";
import { Distribution } from "../parts/distribution.tsx";
import { age, bytes, cores, count, counted, duration, durationOrDash, percent } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { live, useTopics } from "../state/live-connection.ts";
import { addressOf } from "../state/route.ts";
import { useStore } from "../state/store.ts";
import { useHistory } from "../state/traffic-history.ts";

const ALL_POOLS = "";

const THROUGHPUT: readonly Series[] = [
  { label: "calls/s", color: "--series-1", filled: true },
  { label: "errors/s", color: "--series-4" },
];

const LATENCY: readonly Series[] = [
  { label: "p50", color: "--series-1", filled: true },
  { label: "p95", color: "--series-2" },
  { label: "p99", color: "--series-3" },
];

const POOL_TONES: Readonly<Record<PoolState, Tone>> = {
  idle: "quiet",
  starting: "busy",
  ready: "good",
  degraded: "warn",
  failed: "bad",
  closing: "quiet",
};

/** The host at a glance: traffic, pools and tools. */
export function OverviewView(): JSX.Element {
  useTopics("overview");
  const overview = useStore(live.message, (message) => message.overview);
  const [pool, setPool] = useState(ALL_POOLS);
  if (overview === undefined) {
    return (
      <>
        <ViewHeader title="Overview" />
        <Loading rows={6} />
      </>
    );
  }
  const { inspection } = overview;
  const traffic = pool === ALL_POOLS ? overview.traffic : trafficOf(overview, pool);
  return (
    <>
      <ViewHeader title="Overview" note={noteOf(inspection)}>
        {inspection.pools.length > 1 && (
          <Select
            label="Pool"
            value={pool}
            values={[[ALL_POOLS, "All pools"], ...inspection.pools.map(({ name }) => [name, name] as const)]}
            onChange={setPool}
          />
        )}
      </ViewHeader>
      <Recommendations from={inspection.recommendations} />
      <Figures overview={overview} traffic={traffic} />
      <Charts pool={pool} traffic={traffic} />
      <section aria-labelledby="pools-title">
        <h2 id="pools-title">Pools</h2>
        <div class="cards">
          {inspection.pools.map((each) => (
            <PoolCard key={each.name} pool={each} traffic={trafficOf(overview, each.name)} />
          ))}
        </div>
      </section>
      <Tools tools={overview.tools.filter((tool) => pool === ALL_POOLS || tool.pool === pool)} />
    </>
  );
}

function noteOf({ host, uptimeMs, closing, machine }: HostInspection): string {
  const state = closing ? "closing" : `running for ${age(uptimeMs)}`;
  return `Snakepit ${host.versions.snakepit}, ${state}, on ${counted(machine.cores, "core")}`;
}

function Recommendations({ from }: { readonly from: readonly Recommendation[] }): JSX.Element | null {
  if (from.length === 0) return null;
  return (
    <section class="recommendations" aria-label="Recommendations">
      {from.map(({ code, pool, severity, message, reasons }) => (
        <details key={`${code} ${pool}`} class={`recommendation ${severity}`}>
          <summary>
            <Icon name="chevron" />
            <Badge tone={severity === "problem" ? "bad" : severity === "warning" ? "warn" : "busy"}>{severity}</Badge>
            <span class="recommendation-text">{message}</span>
          </summary>
          <ul>
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

function Figures(props: { readonly overview: Overview; readonly traffic: Traffic | undefined }): JSX.Element {
  const { inspection, errors } = props.overview;
  const { totals, process, machine } = inspection;
  const { calls = 0, errors: failed = 0, p50, p95, p99 } = props.traffic?.minute ?? {};
  const share = calls === 0 ? 0 : failed / calls;
  return (
    <dl class="figures">
      <Figure
        id="calls-per-second"
        label="Calls per second"
        value={count(props.traffic?.last.calls ?? 0)}
        note={`${count(totals.requests)} in total`}
      />
      <Figure
        label="Errors"
        value={percent(share)}
        tone={share > 0.05 ? "bad" : share > 0 ? "warn" : "quiet"}
        note={<a href={addressOf("errors")}>{counted(errors.count, "error")} recorded</a>}
      />
      <Figure label="Latency p50" value={durationOrDash(p50)} note={`p95 ${durationOrDash(p95)}`} />
      <Figure label="Latency p99" value={durationOrDash(p99)} note="of the last minute" />
      <Figure
        label="Capacity in use"
        value={percent(totals.capacity.total === 0 ? 0 : totals.capacity.used / totals.capacity.total)}
        note={`${count(totals.capacity.used)} of ${count(totals.capacity.total)} at a time`}
      />
      <Figure
        label="Queue"
        value={count(totals.queued)}
        tone={totals.queued > 0 ? "warn" : "quiet"}
        note={totals.queued === 1 ? "call waits" : "calls wait"}
      />
      <Figure label="Workers" value={count(totals.workers)} note={`${bytes(totals.rssBytes)} of memory`} />
      <Figure
        label="Host process"
        value={`${cores(process.cpuLoad)} cores`}
        note={`${bytes(process.rssBytes)} · ${bytes(machine.availableMemoryBytes)} free`}
      />
    </dl>
  );
}

/** Returns the traffic of a pool, whose name may also be that of a property of all objects. */
function trafficOf({ pools }: Overview, name: string): Traffic | undefined {
  return Object.hasOwn(pools, name) ? pools[name] : undefined;
}

function Charts({ pool, traffic }: { readonly pool: string; readonly traffic: Traffic | undefined }): JSX.Element {
  const history = useHistory(pool === ALL_POOLS ? undefined : pool, traffic);
  return (
    <div class="charts">
      <Chart
        title="Throughput"
        series={THROUGHPUT}
        columns={[history.at, history.calls, history.errors]}
        format={count}
      />
      <Chart
        title="Latency"
        series={LATENCY}
        columns={[history.at, history.p50, history.p95, history.p99]}
        format={duration}
      />
      {traffic !== undefined && <Distribution traffic={traffic} />}
    </div>
  );
}

function PoolCard({
  pool,
  traffic,
}: {
  readonly pool: PoolInspection;
  readonly traffic: Traffic | undefined;
}): JSX.Element {
  const { name, state, worker, profile, workers, capacity, queue, memory, cpuLoad, sizeRange } = pool;
  const range = sizeRange.min === sizeRange.max ? "" : ` (${sizeRange.min} to ${sizeRange.max})`;
  const { last, minute } = traffic ?? {};
  return (
    <article class="card pool" aria-label={`Pool ${name}`}>
      <header>
        <h3>{name}</h3>
        <Badge tone={POOL_TONES[state]}>{state}</Badge>
      </header>
      <p class="note target" title={worker.target}>
        {worker.language} · {worker.target} · {profile.name}
      </p>
      <Meter
        label="Busy"
        part={capacity.total === 0 ? 0 : capacity.used / capacity.total}
        tone={pool.saturation.saturated ? "warn" : "busy"}
        text={`${count(capacity.used)} of ${count(capacity.total)}`}
      />
      <Meter
        label="Queue"
        part={queue.limit === 0 ? 0 : queue.length / queue.limit}
        tone={queue.length === 0 ? "quiet" : "warn"}
        text={queue.length === 0 ? "empty" : `${count(queue.length)}, oldest ${duration(queue.oldestMs)}`}
      />
      <dl class="facts">
        <Fact label="Workers" value={`${workers.running} of ${pool.size}${range}`} />
        <Fact label="Calls/s" value={count(last?.calls ?? 0)} />
        <Fact label="p50" value={durationOrDash(minute?.p50)} />
        <Fact label="p95" value={durationOrDash(minute?.p95)} />
        <Fact label="p99" value={durationOrDash(minute?.p99)} />
        <Fact label="Memory" value={bytes(memory.totalBytes)} />
        <Fact label="CPU" value={cpuLoad === undefined ? "–" : `${cores(cpuLoad)} cores`} />
        <Fact label="Crashed" value={count(pool.counts.crashed)} />
        <Fact label="Recycled" value={count(pool.counts.recycled)} />
      </dl>
      {(workers.stuck > 0 || workers.starting > 0) && (
        <p class="pool-notes">
          {workers.stuck > 0 && <Badge tone="bad">{counted(workers.stuck, "worker")} stuck</Badge>}
          {workers.starting > 0 && <Badge tone="busy">{workers.starting} starting</Badge>}
        </p>
      )}
    </article>
  );
}

function Fact({ label, value }: { readonly label: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Tools({ tools }: { readonly tools: readonly ToolTraffic[] }): JSX.Element {
  return (
    <section aria-labelledby="tools-title">
      <h2 id="tools-title">
        Tools <span class="note">calls of the last minute</span>
      </h2>
      {tools.length === 0 ? (
        <Empty icon="calls" title="No tool was called in the last minute" />
      ) : (
        <div class="card scroll-x" tabIndex={0} role="region" aria-label="Tools">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Tool</th>
                <th scope="col">Pool</th>
                <th scope="col" class="numeric">
                  Calls
                </th>
                <th scope="col" class="numeric">
                  Errors
                </th>
                <th scope="col" class="numeric">
                  p50
                </th>
                <th scope="col" class="numeric">
                  p95
                </th>
                <th scope="col" class="numeric">
                  p99
                </th>
              </tr>
            </thead>
            <tbody>
              {tools.map((tool) => (
                <tr key={`${tool.pool} ${tool.tool}`}>
                  <th scope="row">
                    <code>{tool.tool}</code>
                  </th>
                  <td>{tool.pool}</td>
                  <td class="numeric">{count(tool.calls)}</td>
                  <td class={tool.errors > 0 ? "numeric bad" : "numeric"}>{count(tool.errors)}</td>
                  <td class="numeric">{durationOrDash(tool.p50)}</td>
                  <td class="numeric">{durationOrDash(tool.p95)}</td>
                  <td class="numeric">{durationOrDash(tool.p99)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
