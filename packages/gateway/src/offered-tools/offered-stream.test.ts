import { SnakepitError } from "@snakepit/core";
import { creditedStreamConformance, type StreamScript } from "@snakepit/core/conformance";
import { describe, test } from "vitest";
import { OfferedStream } from "./offered-stream.ts";

/** Opens a stream of a scripted client, which sends chunks as far as it has credit. */
function openScripted({ values, ending }: StreamScript) {
  let [produced, credit, active] = [0, 0, false];
  const stream = new OfferedStream("count", {
    granted: (chunks) => {
      credit += chunks;
      send();
    },
    left: () => {
      active = false;
    },
  });
  const send = () => {
    while (credit > 0 && produced < values.length) {
      credit -= 1;
      produced += 1;
      stream.push(values[produced - 1]);
    }
    if (produced < values.length || ending === "silence") return;
    active = false;
    if (ending === "end") stream.end();
    else stream.fail(new SnakepitError("PYTHON_EXCEPTION", "no more"));
  };
  credit = stream.credit;
  return { stream, begin: send, produced: () => produced, active: () => active };
}

describe("a stream of a tool that a client offers", () => {
  // By design, the call is sent before the first chunk is requested.
  const cases = creditedStreamConformance.filter(({ title }) => !title.includes("starts nothing"));

  test.for(cases)("$title", async ({ run }) => {
    const opened: OfferedStream[] = [];
    await run({
      open: async (script) => {
        const { stream, begin, produced, active } = openScripted(script);
        opened.push(stream);
        begin();
        return { stream: stream.chunks, produced, active };
      },
      numberOf: (value) => value as number,
      mostAhead: 16,
      failureCode: "PYTHON_EXCEPTION",
    });
    for (const { chunks } of opened) await chunks.return();
  });
});
