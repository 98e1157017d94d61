// The entry point of `npm run demo`, `npm test`, `npm run bench` and `npm run check`: prepares this clone if necessary, then
// runs the command with the prepared tools. Plain JavaScript without dependencies, since nothing is installed yet. See
// README.md in this folder.
import { nodeTooOld } from "./node-version.mjs";

const tooOld = nodeTooOld(process.versions.node);
if (tooOld !== undefined) {
  console.error(tooOld);
  process.exitCode = 1;
} else {
  // Imported here, so that an old Node.js prints the message above instead of a syntax error.
  const { main } = await import("./main.mjs");
  await main(process.argv.slice(2));
}
