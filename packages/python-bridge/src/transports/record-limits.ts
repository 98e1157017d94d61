/**
 * Bytes after which a sender ends a batch and begins the next, attachments included. With that, no record is longer
 * than one payload and {@link RECORD_MARGIN_BYTES}.
 */
export const BATCH_TARGET_BYTES = 256 * 1024;

/** What a record may have beyond the largest payload: the batch before the last frame, names, metadata. */
export const RECORD_MARGIN_BYTES = 1024 * 1024;

/** The most frames in one batch; even the smallest frames reach {@link BATCH_TARGET_BYTES} before that. */
export const MAX_FRAMES_PER_BATCH = 131_072;

/** The most attachments in one batch. */
export const MAX_ATTACHMENTS_PER_BATCH = 1_048_576;

/** The most bytes of a record before the peer has shown who it is: a Hello with its list of tools. */
export const MAX_HELLO_BYTES = 4 * 1024 * 1024;

/** The most bytes of a record for values of up to `maxPayloadBytes`; the socket's length field ends at 4 GiB. */
export function maxRecordBytes(maxPayloadBytes: number): number {
  return Math.min(maxPayloadBytes + RECORD_MARGIN_BYTES, 0xffff_ffff);
}
