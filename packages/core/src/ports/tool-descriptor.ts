/** One parameter of a tool. */
export interface ToolParameter {
  readonly name: string;
  /** The annotation as written in Python, for example `list[float]`; empty when there is none. */
  readonly type: string;
  readonly required: boolean;
  /** The default as `repr()` shows it; absent when there is none. */
  readonly default?: string;
  /** What the docstring says of it. */
  readonly description?: string;
  /**
   * Why values are not checked against the annotation, or none that can be sent is accepted; absent when they are
   * checked.
   */
  readonly unchecked?: string;
}

/** What a worker says of one of its tools. */
export interface ToolDescriptor {
  readonly name: string;
  /** The docstring's summary. */
  readonly description: string;
  readonly parameters: readonly ToolParameter[];
  /** Whether the tool yields chunks: `stream` calls it, `execute` refuses it. */
  readonly streaming: boolean;
}
