/** Minimum length of a part of a name that identifies the name. */
const SHORTEST_PART = 4;

/** Returns the known name that is most similar to `name`, or `undefined` if none is similar enough. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    // The distance is at least the difference of the lengths. Names come from clients, and may be very long.
    if (Math.abs(lower.length - written.length) >= least && lower !== `${written}ms`) continue;
    // The most frequent mistake is a missing unit: executeTimeout for executeTimeoutMs.
    const distance = lower === `${written}ms` ? 0 : editDistance(written, lower);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest ?? onlyNameWith(written, known);
}

/** Returns the only known name that begins or ends with `part`: socketPath for socket. */
function onlyNameWith(part: string, known: readonly string[]): string | undefined {
  if (part.length < SHORTEST_PART) return undefined;
  const [first, ...others] = known.filter((candidate) => {
    const lower = candidate.toLowerCase();
    return lower.startsWith(part) || lower.endsWith(part);
  });
  return others.length === 0 ? first : undefined;
}

/** Returns the optimal string alignment distance: insertions, deletions, substitutions and transpositions. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replacing = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let cost = Math.min(replacing, at(last, column) + 1, at(current, column - 1) + 1);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
