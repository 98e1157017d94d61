/** A `.d.ts` file with the names that samples in documents use without a declaration. */
export const SAMPLE_CONTEXT = `
declare const Snakepit: typeof import("snakepit").Snakepit;
declare const python: typeof import("snakepit").python;
declare const pit: import("snakepit").Snakepit;

declare const ndarray: typeof import("snakepit").ndarray;
declare const lines: (signal: AbortSignal) => Promise<readonly string[]>;
declare const index: { search(query: string): Promise<readonly string[]> };
declare const pino: () => import("snakepit").Logger;
`;
