/** Fills the areas of a file of unsent records again and again with the bytes of {@link bytesAt}, and exits. */
import { bytesAt, UnsentFile } from "./unsent-file.ts";

const [directory = "", rounds = "0"] = process.argv.slice(2);
using file = new UnsentFile(directory);
process.stdout.write("ready\n");
let position = 0;
for (let round = 0; round < Number(rounds); round++) {
  // Little, so that the areas are used again quickly.
  const bytes = bytesAt(position, 100 + (round % 7) * 50);
  file.add(bytes, position);
  file.take();
  position += bytes.byteLength;
}
