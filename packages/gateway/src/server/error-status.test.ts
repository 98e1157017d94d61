import { status } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";
import { describe, expect, it } from "vitest";
import { errorInfoIn, failureIn, richStatusIn } from "../testing/client-messages.ts";
import { statusOfError } from "./error-status.ts";

/**
 * The metadata limit of clients (GRPC_ARG_MAX_METADATA_SIZE). Each entry counts 32 additional bytes (RFC 7541, 4.1).
 */
const LIMIT = 8 * 1024;

describe("the status of an error", () => {
  it("has code, message and details in the formats that clients read", () => {
    const details = { variable: "t", reason: "range", limit: 3, list: ["a"] };
    const error = statusOfError(new SnakepitError("INVALID_ARGUMENT", "too large", { details }));
    expect(errorInfoIn(error)).toEqual({
      reason: "INVALID_ARGUMENT",
      domain: "snakepit",
      metadata: { variable: "t", reason: "range", limit: "3", list: '["a"]' },
    });
    expect(failureIn(error).details).toEqual({ variable: '"t"', reason: '"range"', limit: "3", list: '["a"]' });
    expect(richStatusIn(error)).toMatchObject({ code: status.INVALID_ARGUMENT, message: "too large" });
  });

  it.each([["x"], ["ä"], ["蛇"], ["🐍"], ["%"], ["\n"]])(
    "never exceeds the limit of clients, with long strings of %j",
    (character) => {
      const long = character.repeat(100_000);
      const python = { type: long, module: long, message: long, traceback: `${long} the end`, notes: [long] };
      const details = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`key${index}`, character.repeat(50)]),
      );
      const sent = statusOfError(new SnakepitError("PYTHON_EXCEPTION", long, { python, details }));
      const encoded = [encodeURI(sent.details), ...sent.metadata.get("snakepit-code")];
      const [binary] = sent.metadata.get("grpc-status-details-bin") as [Buffer];
      const base64 = Math.ceil((binary.byteLength * 4) / 3);
      const names = "grpc-status" + "grpc-message" + "snakepit-code" + "grpc-status-details-bin" + "content-type";
      const size = encoded.join("").length + base64 + names.length + 5 * 32 + "application/grpc+proto".length + 2;
      expect(size).toBeLessThan(LIMIT);
      const failure = failureIn(sent);
      expect(failure.message).toBe(sent.details);
      expect(failure.python?.traceback.endsWith(" the end")).toBe(true);
      expect(failure.python?.traceback.length).toBeGreaterThan(150);
      expect(Object.keys(failure.details).length).toBeGreaterThan(0);
    },
  );
});
