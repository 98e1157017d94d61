// One worker executes several calls at the same time, in threads.
import { python, Snakepit } from "snakepit";

await using pit = await Snakepit.start({
  worker: python(new URL("../tools/lookups.py", import.meta.url)),
  size: 1,
  profile: "thread",
  capacity: 8,
});

const [worker] = pit.workers();
console.log(`${worker?.profile?.name}: ${worker?.capacity} calls at the same time`);
const atTheSameTime = await Promise.all(Array.from({ length: 8 }, () => pit.execute<number>("meet", { calls: 8 })));
console.log(`calls at the same time: ${Math.max(...atTheSameTime)}`);
console.log(`primes: ${await pit.execute("count_primes", { below: 100 })}`);
