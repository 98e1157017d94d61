/** Returns the calls per second of `callers` callers, each of which makes one call at a time, after a short warm-up. */
export async function throughput(
  call: (caller: number) => Promise<unknown>,
  callers: number,
  durationMs = 2_000,
): Promise<number> {
  await run(call, callers, durationMs / 4);
  return run(call, callers, durationMs);
}

async function run(call: (caller: number) => Promise<unknown>, callers: number, durationMs: number): Promise<number> {
  const start = performance.now();
  const end = start + durationMs;
  let done = 0;
  const loop = async (caller: number) => {
    while (performance.now() < end) {
      await call(caller);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return (done / (performance.now() - start)) * 1_000;
}
