// Makes the wire as it is now the one that `npm run check` compares with: part of a release, see CONTRIBUTING.md.
import { execFileSync } from "node:child_process";
import { CONTRACT } from "./contract.ts";

execFileSync("buf", ["build", "--exclude-source-info", "--output", "baseline.binpb"], {
  cwd: CONTRACT,
  stdio: "inherit",
});
