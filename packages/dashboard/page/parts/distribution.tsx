import type { JSX } from "preact";
import type { Traffic } from "../../src/contract/live.ts";
import { count, counted, duration } from "./format.ts";

/** How the calls of the last minute are distributed over durations. */
export function Distribution({ traffic }: { readonly traffic: Traffic }): JSX.Element {
  const { distribution, minute } = traffic;
  const most = Math.max(1, ...distribution.map(([, calls]) => calls));
  const marks = [
    ["p50", minute.p50],
    ["p95", minute.p95],
    ["p99", minute.p99],
  ] as const;
  return (
    <figure class="chart distribution">
      <figcaption>
        <h2>Latency, last minute</h2>
        <ul class="legend">
          {marks.map(([label, ms]) => (
            <li key={label}>
              {label} <b>{ms === null ? "–" : duration(ms)}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      {distribution.length === 0 ? (
        <p class="chart-empty">No call has ended in the last minute.</p>
      ) : (
        <>
          <div class="bars" role="img" aria-label={described(traffic)}>
            {distribution.map(([upToMs, calls]) => (
              <div key={upToMs} class="bar-slot" title={`up to ${duration(upToMs)}: ${counted(calls, "call")}`}>
                <div class="bar" style={{ height: `${(calls / most) * 100}%` }} />
              </div>
            ))}
          </div>
          <div class="bars-axis" aria-hidden="true">
            <span>{duration(distribution[0]?.[0] ?? 0)}</span>
            <span>{counted(minute.calls, "call")}</span>
            <span>{duration(distribution.at(-1)?.[0] ?? 0)}</span>
          </div>
        </>
      )}
    </figure>
  );
}

function described({ minute, distribution }: Traffic): string {
  const [from, to] = [distribution[0]?.[0] ?? 0, distribution.at(-1)?.[0] ?? 0];
  return `${count(minute.calls)} calls of the last minute, between ${duration(from)} and ${duration(to)}`;
}
