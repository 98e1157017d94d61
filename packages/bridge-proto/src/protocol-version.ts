/** Version of the protocol. It must be the same in host and worker; the worker sends its version in Hello. */
export const PROTOCOL_VERSION = 1;
