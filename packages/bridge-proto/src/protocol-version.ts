/** Version of the frames. Host and worker must speak the same one; the worker says its own in Hello. */
export const PROTOCOL_VERSION = 1;
