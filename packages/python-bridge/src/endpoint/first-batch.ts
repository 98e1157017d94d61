import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Hello } from "@snakepit/bridge-proto";
import { type BatchDecoder, decodeBatch } from "../transports/incoming-batch.ts";

/** The credentials in a Hello. */
export interface HelloIdentity {
  readonly workerId: string;
  readonly token: string;
}

/** Bytes that are decoded from an unauthenticated peer; enough for any hello that is rejected. */
const UNAUTHENTICATED_BYTES = 64 * 1024;
const MAX_IDENTITY_BYTES = 256;
/** Fields that are searched for the token and the ID, which a worker writes first. */
const MAX_FIELDS = 64;

const FRAME = (1 << 3) | 2;
const HELLO = (1 << 3) | 2;
const TOKEN = (1 << 3) | 2;
const WORKER_ID = (2 << 3) | 2;

/**
 * Returns the decoder for the batches of an unauthenticated peer. A large batch is decoded only if it begins with the
 * token of an expected worker: a batch of megabytes becomes objects of hundreds of megabytes, and every process of this
 * user can connect. From any other large batch, only the credentials are decoded, for the rejection.
 */
export function firstBatchDecoder(accepts: (identity: HelloIdentity) => boolean): BatchDecoder {
  let isAuthenticated = false;
  let unauthenticatedBytes = 0;
  return (bytes) => {
    if (isAuthenticated) return decodeBatch(bytes);
    const identity = helloIdentity(bytes);
    isAuthenticated = identity !== undefined && accepts(identity);
    unauthenticatedBytes += bytes.byteLength;
    if (isAuthenticated || unauthenticatedBytes <= UNAUTHENTICATED_BYTES) return decodeBatch(bytes);
    if (identity === undefined) return { frames: [{ kind: undefined }], attachmentLengths: [] };
    const hello = { ...Hello.decode(new Uint8Array(0)), ...identity };
    return { frames: [{ kind: { $case: "hello", value: hello } }], attachmentLengths: [] };
  };
}

/**
 * Returns the credentials of a batch; `undefined` if it does not begin with a Hello that has them among its first
 * fields.
 */
function helloIdentity(batch: Uint8Array): HelloIdentity | undefined {
  try {
    const frame = fieldsOf(batch, FRAME)[0];
    const hello = frame && fieldsOf(frame, HELLO)[0];
    const [token, workerId] = hello === undefined ? [] : fieldsOf(hello, TOKEN, WORKER_ID);
    if (token === undefined || workerId === undefined) return undefined;
    return { token: decodeString(token), workerId: decodeString(workerId) };
  } catch {
    // Not a valid batch; decoding the whole batch reports the error.
    return undefined;
  }
}

/** Returns the first length-delimited fields of a message with the given tags, without a copy. */
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

function decodeString(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_IDENTITY_BYTES) throw new RangeError("the token or worker ID is too long");
  return new TextDecoder().decode(bytes);
}
