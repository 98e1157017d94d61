/** Containers (arrays, maps, sets) that a sender nests at most: what the encoder in Python allows. */
export const MAX_SENT_DEPTH = 255;

/** Containers that a receiver follows at most. More than a sender nests, so that no accepted value is refused. */
export const MAX_RECEIVED_DEPTH = 1000;

/** Binary data of at least this many bytes travels beside the body and is neither copied into it nor out of it. */
export const OUT_OF_BAND_BYTES = 16 * 1024;
