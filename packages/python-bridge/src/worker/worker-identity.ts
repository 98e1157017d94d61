/** A worker's process, as messages name it. */
export interface WorkerIdentity {
  readonly pool: string;
  readonly workerId: string;
  readonly pid: number;
}
