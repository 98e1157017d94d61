import { describeValue } from "../validation/describe-value.ts";

/**
 * Why something is not an `AbortSignal`, as a sentence; `undefined` when it is one, also of another realm or of a library.
 */
export function objectionToSignal(signal: unknown): string | undefined {
  if (isSignal(signal)) return undefined;
  if (isSignal((signal as Partial<AbortController> | null | undefined)?.signal)) {
    return "signal is an AbortController, not its AbortSignal; write signal: controller.signal";
  }
  return `signal is ${describeValue(signal)}, not an AbortSignal`;
}

function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}
