import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { StateChange } from "@snakepit/core";
import type { Client, Notification } from "pg";
import { within } from "../../database/open-and-close.ts";
import { type ConnectionPool, createConnectionPool } from "../../database/postgresql/connection-pool.ts";
import { ADVISORY_LOCKS } from "../../database/postgresql/schema.ts";
import type { ChangeFeed } from "../state-database.ts";
import { CHANGE_CHANNEL, readMessage } from "./change-message.ts";
import { ChangeOutbox } from "./change-outbox.ts";
import { WriterPresence, type Writers } from "./writer-presence.ts";

/**
 * How long to wait between two messages, in milliseconds. PostgreSQL lets only one transaction at a time commit a
 * notification; under load this makes few of many.
 */
const PAUSE_MS = 5;
/** How long to wait after a message could not be sent, in milliseconds. */
const RETRY_MS = 500;

/** Every connection that may write, and the number that was given last. */
const WRITERS = {
  name: "writers",
  text: `select case when given.is_called then given.last_value else 0 end as last, lock.objid as number
    from snakepit.connections as given
    left join pg_locks as lock on lock.locktype = 'advisory' and lock.classid = ${ADVISORY_LOCKS.stateConnection}
      and lock.objsubid = 2 and lock.granted
      and lock.database = (select oid from pg_database where datname = current_database())`,
};

export interface ChangeChannelOptions {
  /** Milliseconds that connecting may take, and an answer. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two checks for changes without a notification. */
  readonly periodMs: number;
  /** Hands messages to the server. */
  readonly notify: (messages: readonly string[]) => Promise<void>;
}

/**
 * Tells the other stores on a PostgreSQL database what this one has committed, and hears what they tell, on a connection of
 * its own.
 *
 * Messages are sent after the commit, by whoever made the change. So they can be missed in two ways, and either is noticed:
 * this store's connection is lost, then everything may have changed when there is a new one; or another store dies or
 * loses its connections in between, then one of them is missing at the next look ({@link WriterPresence}). So a change is
 * received, at the latest, `periodMs` after the connection that made it has gone; when the network to this host falls silent,
 * `connectTimeoutMs` later than that.
 */
export class ChangeChannel implements ChangeFeed {
  readonly #origin = randomUUID();
  readonly #outbox = new ChangeOutbox(this.#origin);
  readonly #presence = new WriterPresence();
  readonly #closing = new AbortController();
  readonly #options: ChangeChannelOptions;
  #connection: ConnectionPool | undefined;
  #listener: ((change: StateChange) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  /** Whether the connection was lost, so that notifications were missed. */
  #hasMissed = false;

  private constructor(options: ChangeChannelOptions) {
    this.#options = options;
  }

  /** @throws whatever the driver throws when the database cannot be reached. */
  static async open(url: string, options: ChangeChannelOptions): Promise<ChangeChannel> {
    const channel = new ChangeChannel(options);
    channel.#connection = await createConnectionPool(url, {
      connections: 1,
      connectTimeoutMs: options.connectTimeoutMs,
      statementTimeoutMs: options.connectTimeoutMs,
      setUp: (client) => channel.#begin(client),
    });
    try {
      await channel.#look(channel.#connection);
      return channel;
    } catch (thrown) {
      await channel.close();
      throw thrown;
    }
  }

  publish(change: StateChange): void {
    this.#outbox.add(change);
    this.#sending ??= this.#send();
  }

  listen(listener: (change: StateChange) => void): void {
    this.#listener = listener;
    this.#timer = setInterval(() => this.#tryToLook(), this.#options.periodMs);
    this.#timer.unref();
    if (this.#hasMissed) this.#tryToLook();
  }

  stop(): void {
    this.#listener = undefined;
    clearInterval(this.#timer);
  }

  /** Sends what has not been sent, if the server takes it. */
  async close(): Promise<void> {
    this.stop();
    this.#closing.abort();
    await Promise.all([this.#sending, this.#looking]);
    await this.#connection?.close();
  }

  async #begin(client: Client): Promise<void> {
    client.on("notification", (notification) => this.#receive(notification));
    client.once("end", () => this.#lose());
    await client.query(`listen ${CHANGE_CHANNEL}`);
  }

  #lose(): void {
    this.#hasMissed = true;
    if (this.#listener !== undefined) this.#tryToLook();
  }

  #receive({ payload = "" }: Notification): void {
    const { origin, changes } = readMessage(payload);
    if (origin === this.#origin) return;
    for (const change of changes) this.#listener?.(change);
  }

  // Users of the store get the error from their own queries. The next check tries again.
  #tryToLook(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#closing.signal.aborted) return;
    this.#looking ??= this.#look(connection)
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
      });
  }

  /** Checks whether a writer has disconnected, on a new connection where necessary. */
  async #look({ pool, breakOff }: ConnectionPool): Promise<void> {
    const { connectTimeoutMs } = this.#options;
    const answer = pool.query<{ last: string; number: number | null }>(WRITERS);
    const { rows } = await within(connectTimeoutMs, answer, () => {
      breakOff();
      return new Error("connection terminated: no answer in time");
    });
    const hasLostOne = this.#presence.hasLostOne(writersOf(rows));
    if (!hasLostOne && !this.#hasMissed) return;
    this.#hasMissed = false;
    this.#listener?.({ is: "everything" });
  }

  async #send(): Promise<void> {
    const { signal } = this.#closing;
    while (!this.#outbox.isEmpty) {
      const isSent = await this.#options.notify(this.#outbox.take()).then(
        () => true,
        () => false,
      );
      // Other stores notice by themselves that this one has disconnected.
      if (!isSent && signal.aborted) break;
      if (!isSent) this.#outbox.addEverything();
      // Rejects when the channel is closed, which ends the wait as well.
      await delay(isSent ? PAUSE_MS : RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
    }
    this.#sending = undefined;
  }
}

function writersOf(rows: readonly { readonly last: string; readonly number: number | null }[]): Writers {
  const connected = new Set<number>();
  for (const { number } of rows) if (number !== null) connected.add(number);
  return { last: Number(rows[0]?.last), connected };
}
