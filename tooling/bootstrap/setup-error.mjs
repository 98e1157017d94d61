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

/** Patterns in the output of package managers that indicate an external cause. */
const KNOWN_CAUSES = [
  {
    looksLike:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|getaddrinfo|[Nn]ame resolution|Name or service not known|NewConnectionError|Could not fetch URL|Connection refused|dns error|error sending request/,
    message: "the network, or the package registry, could not be reached",
    remedy:
      "check the network connection, and the proxy settings (HTTPS_PROXY) if there is a proxy, then run the command again: finished steps are kept.",
  },
  {
    looksLike: /CERT_|SELF_SIGNED|unable to get local issuer|certificate verify failed|UnknownIssuer/,
    message: "the certificate of the package registry was not accepted",
    remedy: "behind a proxy with a custom certificate, set NODE_EXTRA_CA_CERTS and PIP_CERT to its file.",
  },
  {
    looksLike: /ENOSPC|No space left on device|os error 28/,
    message: "the disk is full",
    remedy: "free some space (the set-up needs about 1 GB) and run the command again.",
  },
  {
    looksLike: /EACCES|EPERM|EROFS|Permission denied|Read-only file system/,
    message: "a folder could not be written",
    remedy: "give this user write permission for the folder named above, or clone to a folder that you own.",
  },
];

/**
 * Returns the error of a failed tool, with the likely cause if its output shows one.
 * @param {string} task the failed task, such as "installing the Node packages"
 * @param {import("./child-process.mjs").ToolResult} result
 * @param {string} remedy the remedy if the output shows no known cause
 */
export function toolFailure(task, result, remedy) {
  const known = KNOWN_CAUSES.find(({ looksLike }) => looksLike.test(result.tail));
  const what = known?.message ?? `the tool ended with ${describe(result.status)}`;
  return new SetupError(`${task}: ${what}.`, known?.remedy ?? remedy, { output: result.tail });
}

/** @param {number | string} status */
function describe(status) {
  return typeof status === "number" ? `exit code ${status}` : status;
}
