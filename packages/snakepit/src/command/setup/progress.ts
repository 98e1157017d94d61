/** Hears how far a set-up is. */
export interface Progress {
  /** A step begins. */
  step(text: string): void;
  /** A line that one of the tools wrote. */
  output(line: string): void;
}
