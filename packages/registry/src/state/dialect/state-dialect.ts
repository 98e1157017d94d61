import type { Expression, Kysely, RawBuilder } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Where the databases differ, as pieces of a query. */
export interface StateDialect {
  /** Builds queries; executes none. */
  readonly builder: Kysely<Tables>;
  /** Takes a parameter, or what was made of one, for bytes. */
  bytes(value: Expression<Uint8Array>): RawBuilder<Uint8Array>;
  /**
   * Whether writers overlap, so that rows have to be locked that must stay as they are read. Where they do not, a
   * transaction has the whole database to itself.
   */
  readonly writersOverlap: boolean;
  /** A revision that is higher than all before it, for the row at this place of a batch, from 0 on. */
  nextRevision(place: Expression<number>): RawBuilder<number>;
  /** Draws a number that is higher than that of every session made before. */
  readonly sessionTicket: RawBuilder<number>;
  /** Waits for transactions in which a ticket was drawn; until this one is over, no ticket is drawn in others. */
  readonly stopNewSessions: RawBuilder<unknown>;
  /**
   * How many entries of a kind there are in a scope. Until the transaction is over, nobody else makes one.
   */
  countEntriesAlone(scope: Expression<string>, kind: Expression<string>): RawBuilder<number>;
  /** Whether a name matches a pattern that {@link StateDialect.patternOf} has translated. */
  matches(name: Expression<string>, pattern: Expression<string>): RawBuilder<boolean>;
  /** A pattern in the database's own language. In ours `*` stands for any text and `?` for one character. */
  patternOf(pattern: string): string;
  /** True; a statement with this condition is committed without waiting for the disk, where the database is able to. */
  readonly withoutWaitingForDisk: RawBuilder<boolean>;
}
