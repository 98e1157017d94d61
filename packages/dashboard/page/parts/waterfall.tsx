import type { JSX } from "preact";
import type { CallRecord } from "../../src/contract/calls.ts";
import { duration } from "./format.ts";

/** A part of a call, in milliseconds from its start. */
interface Bar {
  readonly name: string;
  readonly kind: "queue" | "transport" | "execution" | "span";
  readonly from: number;
  readonly ms: number;
  readonly depth: number;
}

/** The meaning of the colors. */
export function WaterfallLegend(): JSX.Element {
  return (
    <ul class="legend waterfall-legend">
      <li>
        <span class="swatch queue" /> Queue
      </li>
      <li>
        <span class="swatch transport" /> Transport
      </li>
      <li>
        <span class="swatch execution" /> Execution
      </li>
    </ul>
  );
}

/**
 * The phases of a call in one line. Its length is the duration on a logarithmic scale, so that short calls are visible
 * next to long ones; the phases divide it in proportion to their durations.
 *
 * @param props.longestMs the duration of the whole width.
 */
export function Waterfall(props: { readonly call: CallRecord; readonly longestMs: number }): JSX.Element {
  const { call, longestMs } = props;
  const part = Math.max(0.02, Math.log1p(call.durationMs * 10) / Math.log1p(longestMs * 10));
  const scaleMs = Math.max(call.durationMs, 0.001);
  const bars = phasesOf(call);
  const text = bars.map(({ name, ms }) => `${name} ${duration(ms)}`).join(", ");
  return (
    <div class="waterfall" role="img" aria-label={text} title={text}>
      <div class="waterfall-call" style={{ width: `${part * 100}%` }}>
        {bars.map((bar) => (
          <div key={bar.name} class={`bar ${bar.kind}`} style={placeOf(bar, scaleMs)} />
        ))}
      </div>
    </div>
  );
}

/** The phases and the Python spans of a call, one line each. */
export function DetailedWaterfall({ call }: { readonly call: CallRecord }): JSX.Element {
  const spans = (call.spans ?? []).map(
    ({ name, startedAt, durationMs, depth }): Bar => ({
      name,
      kind: "span",
      from: startedAt - call.startedAt,
      ms: durationMs,
      depth: 1 + (depth ?? 0),
    }),
  );
  const scale = Math.max(call.durationMs, 0.001);
  return (
    <ol class="detailed-waterfall">
      {[...phasesOf(call), ...spans].map((bar, index) => (
        <li key={index}>
          <span class={`bar-name depth-${Math.min(4, bar.depth)}`}>{bar.name}</span>
          <span class="waterfall">
            <span class={`bar ${bar.kind}`} style={placeOf(bar, scale)} />
          </span>
          <span class="bar-time">{duration(bar.ms)}</span>
        </li>
      ))}
    </ol>
  );
}

/** The result travels back after the execution; half of the transport is drawn on either side. */
function phasesOf({ phases, workerId }: CallRecord): readonly Bar[] {
  const { queueMs, transportMs, executionMs } = phases;
  const queue: Bar = { name: "Queue", kind: "queue", from: 0, ms: queueMs, depth: 0 };
  if (workerId === undefined) return [queue];
  const there = (transportMs ?? 0) / 2;
  const execution: Bar = {
    name: transportMs === undefined ? "Transport and execution" : "Execution",
    kind: "execution",
    from: queueMs + there,
    ms: executionMs,
    depth: 0,
  };
  if (transportMs === undefined) return [queue, execution];
  const transport: Bar = { name: "Transport", kind: "transport", from: queueMs, ms: transportMs, depth: 0 };
  return [queue, { ...transport, ms: transportMs }, execution];
}

function placeOf({ from, ms }: Bar, scaleMs: number): { readonly left: string; readonly width: string } {
  const left = Math.min(100, (from / scaleMs) * 100);
  return { left: `${left}%`, width: `${Math.min(100 - left, (ms / scaleMs) * 100)}%` };
}
