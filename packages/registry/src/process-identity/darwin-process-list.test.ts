import { expect, it } from "vitest";
import { parseDarwinProcesses } from "./darwin-process-list.ts";

it("parses the output of ps", () => {
  const output = [
    "    1     1 Ss   Sun Nov  2 08:00:01 2025    ",
    "  501   501 S+   Mon Nov  3 09:41:00 2025",
    "  502   501 Z    Mon Nov 13 19:41:00 2025",
    "",
  ].join("\n");
  expect(parseDarwinProcesses(output)).toEqual([
    { pid: 1, processGroup: 1, state: "Ss", startTime: "Sun Nov  2 08:00:01 2025" },
    { pid: 501, processGroup: 501, state: "S+", startTime: "Mon Nov  3 09:41:00 2025" },
    { pid: 502, processGroup: 501, state: "Z", startTime: "Mon Nov 13 19:41:00 2025" },
  ]);
});
