const MEBIBYTE = 1024 * 1024;

/** Formats a part as percent. */
export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** Formats a duration in milliseconds. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
}

/** Formats a number of bytes. */
export function memory(bytes: number): string {
  const mebibytes = bytes / MEBIBYTE;
  return mebibytes < 10_240 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** Formats a number of things. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
