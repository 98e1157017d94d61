/** Version of the frames. Host and worker must have the same; the worker sends its own in Hello. */
export const PROTOCOL_VERSION = 1;
