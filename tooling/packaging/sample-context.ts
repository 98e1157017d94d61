/** The names that samples in documents take for granted, where they show no more than what matters; a `.d.ts` file. */
export const SAMPLE_CONTEXT = `
declare const Snakepit: typeof import("snakepit").Snakepit;
declare const python: typeof import("snakepit").python;
declare const pit: import("snakepit").Snakepit;

declare const ndarray: typeof import("snakepit").ndarray;
declare const lines: (signal: AbortSignal) => Promise<readonly string[]>;
declare const index: { search(query: string): Promise<readonly string[]> };
declare const pino: () => import("snakepit").Logger;
`;
