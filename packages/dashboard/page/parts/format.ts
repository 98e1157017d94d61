/** Figures for people. */

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const PLAIN = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/** A duration of a call: `0.42 ms`, `12.3 ms`, `1.24 s`, `3 min 12 s`. */
export function duration(ms: number): string {
  if (ms < 0.01) return "0 ms";
  if (ms < 999.5) return `${Number(ms.toPrecision(ms < 10 ? 2 : 3))} ms`;
  if (ms < 59_950) return `${Number((ms / 1_000).toPrecision(3))} s`;
  return age(ms);
}

/** A duration, or a dash. */
export function durationOrDash(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : duration(ms);
}

/** A long time: `12 s`, `3 min 12 s`, `2 h 5 min`, `4 d 3 h`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${Math.max(0, seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, "min", seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joined(hours, "h", minutes % 60, "min");
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

export function bytes(count: number | undefined): string {
  if (count === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** A number of calls: `987`, `12.3K`. */
export function count(value: number): string {
  if (value >= 10_000) return COMPACT.format(value);
  return PLAIN.format(value < 100 ? value : Math.round(value));
}

export function percent(part: number): string {
  const value = part * 100;
  return `${value > 0 && value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} %`;
}

/** Processor time per time: `1.25 cores`. */
export function cores(load: number | undefined): string {
  return load === undefined ? "–" : `${Number(load.toFixed(2))}`;
}

export function clock(at: number): string {
  return CLOCK.format(at);
}

export function moment(at: number): string {
  return MOMENT.format(at);
}

/** How long ago something was: `now`, `12 s ago`. */
export function ago(at: number): string {
  const ms = Date.now() - at;
  return ms < 1_500 ? "now" : `${age(ms)} ago`;
}

/** `1 call`, `2 calls`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : `${noun}s`}`;
}
