/**
 * The headers of every response. The page has no inline script or style and loads nothing from other servers; no page
 * may embed it, read its responses or keep a reference to its window; the address is not sent to other sites.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Responses with data of the host are not stored, not even on the disk of the browser. */
export const NOT_STORED: Readonly<Record<string, string>> = { "cache-control": "no-store" };

/** The name of a hashed file changes with its contents. */
export const STORED_FOREVER: Readonly<Record<string, string>> = {
  "cache-control": "public, max-age=31536000, immutable",
};

/** The headers of a stream of server-sent events. A proxy must not collect them. */
export const EVENT_STREAM: Readonly<Record<string, string>> = {
  ...NOT_STORED,
  "content-type": "text/event-stream; charset=utf-8",
  "x-accel-buffering": "no",
};
