/** Something that must not outlive this process. */
export interface Mortal {
  /** Called once, when the process exits; must not wait for anything. */
  killNow(): void;
}

const mortals = new Set<Mortal>();

/**
 * Has `mortal` killed when this process exits in an orderly way: `process.exit()`, an uncaught exception, nothing left to
 * do. Other ends are seen by the kernel and by the launching program. However many there are, `process` carries one
 * listener, and none when there are none.
 *
 * @returns takes it back.
 */
export function killOnHostExit(mortal: Mortal): () => void {
  if (mortals.size === 0) process.on("exit", killAll);
  mortals.add(mortal);
  return () => {
    mortals.delete(mortal);
    if (mortals.size === 0) process.off("exit", killAll);
  };
}

function killAll(): void {
  for (const mortal of mortals) mortal.killNow();
}
