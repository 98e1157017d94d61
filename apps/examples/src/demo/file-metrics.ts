/** One function of a Python source file. */
export interface FunctionMetrics {
  readonly name: string;
  readonly line: number;
  readonly length: number;
  readonly complexity: number;
}

/** What the tool `measure` returns for one file. */
export interface FileMetrics {
  readonly path: string;
  readonly lines: number;
  readonly functions: readonly FunctionMetrics[];
  readonly imports: readonly string[];
  readonly error: string | null;
}
