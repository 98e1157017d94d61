/**
 * Bytes after which a sender starts a new batch, attachments included. Therefore no record is longer than the largest
 * payload plus {@link RECORD_MARGIN_BYTES}.
 */
export const BATCH_TARGET_BYTES = 256 * 1024;

/** Bytes of a record in addition to the largest payload: earlier frames of the batch, names, metadata. */
export const RECORD_MARGIN_BYTES = 1024 * 1024;

/** The maximum number of frames in a batch; even the smallest frames reach {@link BATCH_TARGET_BYTES} before. */
export const MAX_FRAMES_PER_BATCH = 131_072;

/** The maximum number of attachments in a batch. */
export const MAX_ATTACHMENTS_PER_BATCH = 1_048_576;

/** The maximum size of a record of an unauthenticated peer: a Hello with its list of tools. */
export const MAX_HELLO_BYTES = 4 * 1024 * 1024;

/** Returns the maximum size of a record for a maximum payload size, up to the 4 GiB of the length field. */
export function maxRecordBytes(maxPayloadBytes: number): number {
  return Math.min(maxPayloadBytes + RECORD_MARGIN_BYTES, 0xffff_ffff);
}
