/** A set-up problem that its message and remedy explain in full: no stack is shown for it. */
export class SetupError extends Error {
  /**
   * @param {string} message what happened
   * @param {string} remedy what to do about it
   * @param {{ cause?: unknown, output?: string }} [details] `output`: the last lines of the tool that failed
   */
  constructor(message, remedy, details = {}) {
    super(message, { cause: details.cause });
    this.name = "SetupError";
    this.remedy = remedy;
    this.output = details.output;
  }

  /** The whole of it, as the user reads it. */
  toText() {
    const output = this.output === undefined || this.output === "" ? [] : [indent(this.output), ""];
    return ["", `Set-up failed: ${this.message}`, "", ...output, `What to do: ${this.remedy}`, ""].join("\n");
  }
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll(/^/gm, "    ");
}
