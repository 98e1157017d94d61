/** A violation of the architecture, shown as `file:line: message`. */
export interface Violation {
  /** Path from the root of the workspace. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export function formatViolation({ file, line, message }: Violation): string {
  return `${file}:${line}: ${message}`;
}
