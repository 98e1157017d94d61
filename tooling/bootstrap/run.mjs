// What `npm run demo`, `npm test`, `npm run bench` and `npm run check` run: prepares this clone as far as it is not
// prepared yet, then runs the command on the prepared tools. Plain JavaScript without a dependency, since nothing is
// installed when it starts. See README.md beside it.
import { nodeTooOld } from "./node-version.mjs";

const tooOld = nodeTooOld(process.versions.node);
if (tooOld !== undefined) {
  console.error(tooOld);
  process.exitCode = 1;
} else {
  // Imported only now, so that an old Node.js gets the message above and not a syntax error.
  const { main } = await import("./main.mjs");
  await main(process.argv.slice(2));
}
