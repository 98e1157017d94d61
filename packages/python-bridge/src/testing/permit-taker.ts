import { closeSync, constants, openSync, readSync } from "node:fs";

/** Plays the worker: takes permits one at a time until it takes the ID 0, and prints them. `path` is the pipe. */
const [path] = process.argv.slice(2);
if (path !== undefined) {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  process.stdout.write("ready\n");
  const permit = Buffer.alloc(4);
  const taken: number[] = [];
  for (;;) {
    try {
      readSync(descriptor, permit, 0, 4, null);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown;
      continue;
    }
    const id = permit.readUInt32LE(0);
    if (id === 0) break;
    taken.push(id);
  }
  closeSync(descriptor);
  process.stdout.write(`${JSON.stringify(taken)}\n`);
}
