import { expect, test } from "vitest";
import { checkNodeVersion } from "./node-version.ts";

test.each(["18.20.8", "20.20.2", "21.7.3", "22.0.0", "22.17.1", "9.99.0"])(
  "Node.js %s is rejected with the required version (E5)",
  (version) => {
    expect(() => checkNodeVersion(version)).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_PLATFORM",
        retryable: false,
        message: `Node.js must be version 22.18 or newer; got ${version}; install a newer version from https://nodejs.org or with your version manager`,
      }),
    );
  },
);

test.each(["22.18.0", "22.100.0", "23.0.0", "24.21.0", "26.0.0-nightly"])("Node.js %s is accepted", (version) => {
  expect(() => checkNodeVersion(version)).not.toThrow();
});
