import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { useStore } from "../state/store.ts";
import { isDark } from "../state/theme.ts";
import { clock } from "./format.ts";

/** A line of a chart. */
export interface Series {
  readonly label: string;
  /** The name of the CSS property with its color. */
  readonly color: `--${string}`;
  readonly filled?: boolean;
}

const HEIGHT = 200;

/** The x-axis shows at least this many seconds, so that a new host does not start with a stretched line. */
const SHORTEST_SECONDS = 120;

/**
 * Lines over time. The legend above shows the last values, or those under the pointer. The chart is one image for
 * assistive technology, named with the last values.
 */
export function Chart(props: {
  readonly title: string;
  readonly series: readonly Series[];
  /** Seconds since 1970, then the values of each series. */
  readonly columns: readonly (readonly (number | null)[])[];
  readonly format: (value: number) => string;
}): JSX.Element {
  const { title, series, columns, format } = props;
  const dark = useStore(isDark, (state) => state);
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | undefined>(undefined);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const chart = new uPlot(optionsOf(series, element.clientWidth, format, setPointed), dataOf(columns), element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [dark, title]);

  useEffect(() => plot.current?.setData(dataOf(columns)), [columns]);

  const [times = []] = columns;
  const index = pointed ?? times.length - 1;
  const at = times[index];
  const values = series.map(({ label }, place) => ({ label, value: columns[place + 1]?.[index] ?? null }));
  const summary = values.map(({ label, value }) => `${label} ${value === null ? "none" : format(value)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {values.map(({ label, value }, place) => (
            <li key={label}>
              <span class="swatch" style={{ background: `var(${series[place]?.color})` }} />
              {label} <b>{value === null ? "–" : format(value)}</b>
            </li>
          ))}
          <li class="legend-time">{pointed === undefined || at == null ? "now" : clock(at * 1_000)}</li>
        </ul>
      </figcaption>
      <div ref={frame} class="plot" role="img" aria-label={`${title} over the last 15 minutes. Now: ${summary}`} />
    </figure>
  );
}

function dataOf(columns: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
  return columns as unknown as uPlot.AlignedData;
}

function optionsOf(
  series: readonly Series[],
  width: number,
  format: (value: number) => string,
  onPoint: (index: number | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => resolved(style.getPropertyValue(name));
  const grid = { stroke: color("--line"), width: 1 };
  const axis = { stroke: color("--text-2"), font: `12px ${style.getPropertyValue("--sans")}`, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: "overview" }, points: { size: 7 }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    scales: {
      x: { time: true, range: (_, from, to) => [Math.min(from ?? 0, (to ?? 0) - SHORTEST_SECONDS), to ?? 0] },
      y: { range: (_, __, top) => [0, niceTop(top ?? 0)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 56,
        incrs: [60, 120, 300, 600],
        values: (_, ticks) => ticks.map((tick) => clock(tick * 1_000).slice(0, 5)),
      },
      { ...axis, grid, size: 64, space: 36, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...series.map((each): uPlot.Series => {
        const stroke = color(each.color);
        const line = { label: each.label, stroke, width: 1.75, points: { show: false }, spanGaps: false };
        return each.filled === true ? { ...line, fill: translucent(stroke) } : line;
      }),
    ],
  };
}

/** Some room above the highest value, and a scale for a chart without calls. */
function niceTop(top: number): number {
  return top > 0 ? top * 1.1 : 4;
}

/** A canvas does not know `light-dark()` of a custom property: the browser computes the color. */
function resolved(value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function translucent(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");
}
