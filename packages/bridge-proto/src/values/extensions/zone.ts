import { SnakepitError } from "@snakepit/core";
import type { ExtensionReader, ExtensionWriter } from "./extension.ts";
import { readSpan, SPAN_BYTES, type Span, secondsOf, spanOfSeconds, writeSpan } from "./span.ts";

/** The time zone of a date or a time. */
export interface Zone {
  /** Seconds east of UTC, with microseconds as a fraction; `null` if it is unknown. */
  readonly offsetSeconds: number | null;
  /** Name in the IANA database, such as `Europe/Berlin`; `null` for a fixed offset. */
  readonly zone: string | null;
}

/** @throws SnakepitError `INVALID_ARGUMENT` for an offset of a day or more, and for an empty name. */
export function checkZone({ offsetSeconds, zone }: Zone): void {
  if (offsetSeconds !== null && !(Math.abs(offsetSeconds) < 86_400)) {
    throw new SnakepitError("INVALID_ARGUMENT", `an offset must be less than 86400 seconds; got ${offsetSeconds}`);
  }
  if (zone === "") {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      'a time zone must be a name such as Europe/Berlin; got ""; use null for no zone',
    );
  }
}

/** Writes an extension of a span and an optional zone: the span of its offset, or zero, and its name. */
export function writeSpanInZone(tag: number, span: Span, zone: Zone | undefined, encoder: ExtensionWriter): void {
  if (zone === undefined) {
    encoder.writeExtensionHeader(tag, SPAN_BYTES);
    writeSpan(span, encoder);
    return;
  }
  const name = Buffer.from(zone.zone ?? "", "utf8");
  encoder.writeExtensionHeader(tag, 2 * SPAN_BYTES + name.length);
  writeSpan(span, encoder);
  writeSpan(spanOfSeconds(zone.offsetSeconds ?? 0), encoder);
  encoder.writeBytes(name);
}

export function readZone(decoder: ExtensionReader): { readonly offsetSeconds: number; readonly zone: string | null } {
  const offsetSeconds = secondsOf(readSpan(decoder));
  return { offsetSeconds, zone: decoder.remaining === 0 ? null : decoder.readText(decoder.remaining) };
}

/** `+02:00`, `-00:25:21`, `+00:19:32.000001`. */
export function formatOffset(offsetSeconds: number): string {
  const { days, seconds, microseconds } = spanOfSeconds(Math.abs(offsetSeconds));
  const parts = [Math.floor((days * 86_400 + seconds) / 3600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0 || microseconds !== 0) parts.push(seconds % 60);
  const text = parts.map((part) => String(part).padStart(2, "0")).join(":");
  const fraction = microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0")}`;
  return `${offsetSeconds < 0 ? "-" : "+"}${text}${fraction}`;
}
