import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Hello } from "@snakepit/bridge-proto";
import { type BatchDecoder, decodeBatch } from "../transports/batch-decoder.ts";

/** The sender as its Hello names it. */
export interface HelloIdentity {
  readonly workerId: string;
  readonly token: string;
}

/** Bytes that are decoded whoever sent them; enough for any hello that is refused. */
const UNPROVEN_BYTES = 64 * 1024;
const MAX_IDENTITY_BYTES = 256;
/** Fields to look through for the token and the id, which a worker writes first. */
const MAX_FIELDS = 64;

const FRAME = (1 << 3) | 2;
const HELLO = (1 << 3) | 2;
const TOKEN = (1 << 3) | 2;
const WORKER_ID = (2 << 3) | 2;

/**
 * Decodes the batches of a connection whose peer has not shown who it is. A large one is decoded only when it begins with
 * the token of an expected worker: a batch of megabytes becomes objects of hundreds of megabytes, and every process of this
 * user can connect. Of any other only the identity is decoded, for the refusal.
 */
export function firstBatchDecoder(accepts: (identity: HelloIdentity) => boolean): BatchDecoder {
  let isProven = false;
  let unproven = 0;
  return (bytes) => {
    if (isProven) return decodeBatch(bytes);
    const identity = helloIdentity(bytes);
    isProven = identity !== undefined && accepts(identity);
    unproven += bytes.byteLength;
    if (isProven || unproven <= UNPROVEN_BYTES) return decodeBatch(bytes);
    if (identity === undefined) return { frames: [{ kind: undefined }], attachmentLengths: [] };
    const hello = { ...Hello.decode(new Uint8Array(0)), ...identity };
    return { frames: [{ kind: { $case: "hello", value: hello } }], attachmentLengths: [] };
  };
}

/** The sender that a batch names; `undefined` when it does not begin with a Hello that names it at its beginning. */
function helloIdentity(batch: Uint8Array): HelloIdentity | undefined {
  try {
    const frame = fieldsOf(batch, FRAME)[0];
    const hello = frame && fieldsOf(frame, HELLO)[0];
    const [token, workerId] = hello === undefined ? [] : fieldsOf(hello, TOKEN, WORKER_ID);
    return token === undefined || workerId === undefined ? undefined : { token: text(token), workerId: text(workerId) };
  } catch {
    // Not a batch; decoding it returns why.
    return undefined;
  }
}

/** The first fields of a message with the given tags, which are fields with a length; nothing is copied. */
function fieldsOf(message: Uint8Array, ...tags: readonly number[]): readonly (Uint8Array | undefined)[] {
  const found: (Uint8Array | undefined)[] = tags.map(() => undefined);
  const reader = new BinaryReader(message);
  for (let field = 0; field < MAX_FIELDS && reader.pos < reader.len && found.includes(undefined); field++) {
    const tag = reader.uint32();
    const index = tags.indexOf(tag);
    if (index === -1) reader.skip(tag & 7, tag >>> 3);
    else found[index] ??= reader.bytes();
  }
  return found;
}

function text(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_IDENTITY_BYTES) throw new RangeError("longer than any identity");
  return new TextDecoder().decode(bytes);
}
