import { encodeValue } from "@snakepit/bridge-proto/values";
import type { ConfigProblem, SnakepitError } from "@snakepit/core";

/**
 * The maximum number of bytes of the encoded options of an adapter. They are part of the first line to a zygote and to
 * each spawned worker, which must fit into a pipe. Up to this size, an encoded value has no separate buffers.
 */
export const MAX_OPTIONS_BYTES = 16 * 1024;

/** The options of an adapter: encoded for Python, or the reason why they cannot be. */
export type EncodedAdapterOptions =
  /** `base64` is the encoded value; empty without options. */
  { readonly is: "encoded"; readonly base64: string } | { readonly is: "invalid"; readonly problem: ConfigProblem };

/** Encodes the options of an adapter. Never throws. `target` is valid; options that are `undefined` are omitted. */
export function encodeAdapterOptions(
  target: string,
  options: Readonly<Record<string, unknown>> | undefined,
): EncodedAdapterOptions {
  if (options === undefined || Object.keys(options).length === 0) return { is: "encoded", base64: "" };
  if (!target.includes(":")) {
    const withClass = JSON.stringify(`${target}:MyAdapter`);
    return invalid(
      `require an adapter class, and the target ${JSON.stringify(target)} names none`,
      `name the class whose constructor takes them, for example \`python(${withClass}, { options: { … } })\``,
    );
  }
  try {
    const { body } = encodeValue(options, { root: "options", maxBytes: MAX_OPTIONS_BYTES });
    return { is: "encoded", base64: Buffer.from(body).toString("base64") };
  } catch (thrown) {
    const error = thrown as SnakepitError;
    if (error.code === "PAYLOAD_TOO_LARGE") {
      return invalid(
        `must have at most ${MAX_OPTIONS_BYTES} bytes when they are encoded`,
        "pass the path of a file, and read it in setup()",
      );
    }
    return invalid("must contain only values that can be sent to Python", error.message);
  }
}

function invalid(problem: string, remedy: string): EncodedAdapterOptions {
  return { is: "invalid", problem: { path: "options", problem, remedy } };
}
