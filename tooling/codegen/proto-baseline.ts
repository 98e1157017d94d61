// Makes the current wire contract the baseline of `npm run check`: part of a release; see CONTRIBUTING.md.
import { execFileSync } from "node:child_process";
import { CONTRACT } from "./contract.ts";

// Without the standard services in third-party/, which change with their own versions.
execFileSync("buf", ["build", "--path", "proto/snakepit", "--exclude-source-info", "--output", "baseline.binpb"], {
  cwd: CONTRACT,
  stdio: "inherit",
});
