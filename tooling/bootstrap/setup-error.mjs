/** A set-up problem that its message and remedy fully explain; it is shown without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message the problem
   * @param {string} remedy the remedy
   * @param {{ cause?: unknown, output?: string }} [details] `output`: the last lines of the tool that failed
   */
  constructor(message, remedy, details = {}) {
    super(message, { cause: details.cause });
    this.name = "SetupError";
    this.remedy = remedy;
    this.output = details.output;
  }

  /** Returns the full text for the user. */
  toText() {
    const output = this.output === undefined || this.output === "" ? [] : [indent(this.output), ""];
    return ["", `Set-up failed: ${this.message}`, "", ...output, `What to do: ${this.remedy}`, ""].join("\n");
  }
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll(/^/gm, "    ");
}
