import { deserialize, serialize } from "node:v8";
import { SnakepitError, type ValueCodec } from "@snakepit/core";

interface Written {
  readonly value: unknown;
  readonly marks: { readonly shape: readonly number[]; readonly dtype: string } | undefined;
}

/** Copies values with the structured clone of Node.js, with shape and dtype of arrays; rejects functions, like every codec. */
export const plainCodec: ValueCodec = {
  encode(value, root) {
    const { shape, dtype } = Object(value) as { shape?: readonly number[]; dtype?: string };
    const marks = shape !== undefined && dtype !== undefined ? { shape, dtype } : undefined;
    if (typeof value === "function") throw new SnakepitError("SERIALIZATION", `${root}: cannot send a function`);
    return new Uint8Array(serialize({ value, marks } satisfies Written));
  },
  decode(bytes) {
    const { value, marks } = deserialize(bytes) as Written;
    if (marks === undefined) return value;
    return Object.defineProperties(value, { shape: { value: marks.shape }, dtype: { value: marks.dtype } });
  },
};
