import { useEffect, useRef, useState } from "preact/hooks";
import type { SecondPoint, Traffic, TrafficHistory } from "../../src/contract/live.ts";
import { read } from "./api.ts";

/** The seconds that the charts show. */
const SECONDS = 15 * 60;

/** The columns of the charts. */
export interface ChartHistory {
  /** Seconds since 1970. */
  readonly at: number[];
  readonly calls: number[];
  readonly errors: number[];
  readonly p50: (number | null)[];
  readonly p95: (number | null)[];
  readonly p99: (number | null)[];
}

/** Returns the history of one pool, or of all pools: read once, then continued by the live messages. */
export function useHistory(pool: string | undefined, traffic: Traffic | undefined): ChartHistory {
  const history = useRef(emptyHistory());
  const [shown, setShown] = useState<ChartHistory>(history.current);
  useEffect(() => {
    const leave = new AbortController();
    history.current = emptyHistory();
    setShown(history.current);
    const query = pool === undefined ? "" : `?pool=${encodeURIComponent(pool)}`;
    read<TrafficHistory>(`/api/history${query}`, leave.signal).then(
      (earlier) => {
        history.current = joined(earlier, history.current);
        setShown({ ...history.current });
      },
      // The charts then begin with the live messages.
      () => {},
    );
    return () => leave.abort();
  }, [pool]);
  const last = traffic?.last;
  useEffect(() => {
    if (last === undefined) return;
    append(history.current, last);
    setShown({ ...history.current });
  }, [last]);
  return shown;
}

function emptyHistory(): ChartHistory {
  return { at: [], calls: [], errors: [], p50: [], p95: [], p99: [] };
}

function joined(earlier: TrafficHistory, later: ChartHistory): ChartHistory {
  const all = emptyHistory();
  earlier.at.forEach((at, index) => {
    const value = <Column>(column: readonly Column[]) => column[index] as Column;
    const [calls, errors] = [value(earlier.calls), value(earlier.errors)];
    append(all, { at, calls, errors, p50: value(earlier.p50), p95: value(earlier.p95), p99: value(earlier.p99) });
  });
  later.at.forEach((at, index) => {
    const value = <Column>(column: readonly Column[]) => column[index] as Column;
    const [calls, errors] = [value(later.calls), value(later.errors)];
    append(all, { at: at * 1_000, calls, errors, p50: value(later.p50), p95: value(later.p95), p99: value(later.p99) });
  });
  return all;
}

/** Adds a second, unless it is known. */
function append(history: ChartHistory, point: SecondPoint): void {
  const at = point.at / 1_000;
  if (at <= (history.at.at(-1) ?? 0)) return;
  history.at.push(at);
  history.calls.push(point.calls);
  history.errors.push(point.errors);
  history.p50.push(point.p50);
  history.p95.push(point.p95);
  history.p99.push(point.p99);
  if (history.at.length <= SECONDS) return;
  for (const column of Object.values(history) as unknown[][]) column.shift();
}
