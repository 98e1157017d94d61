import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { StateChange } from "@snakepit/core";
import type { Client, Notification } from "pg";
import { within } from "../../database/open-and-close.ts";
import { type ConnectionPool, createConnectionPool } from "../../database/postgresql/connection-pool.ts";
import { ADVISORY_LOCKS } from "../../database/schema.ts";
import type { ChangeFeed } from "../state-database.ts";
import { CHANGE_CHANNEL, readMessage } from "./change-message.ts";
import { ChangeOutbox } from "./change-outbox.ts";
import { WriterPresence, type Writers } from "./writer-presence.ts";

/**
 * The interval between two batches of messages, in milliseconds. PostgreSQL commits notifications one transaction at a
 * time, so changes are combined under load.
 */
const PAUSE_MS = 5;
/** The delay after a failed attempt to send messages, in milliseconds. */
const RETRY_MS = 500;

/** Selects the connections that may write, and the connection number that was assigned last. */
const WRITERS = {
  name: "writers",
  text: `select case when assigned.is_called then assigned.last_value else 0 end as last, lock.objid as number
    from snakepit.connections as assigned
    left join pg_locks as lock on lock.locktype = 'advisory' and lock.classid = ${ADVISORY_LOCKS.stateConnection}
      and lock.objsubid = 2 and lock.granted
      and lock.database = (select oid from pg_database where datname = current_database())`,
};

/** The options of {@link ChangeChannel}. */
export interface ChangeChannelOptions {
  /** Time limit for connecting, and for an answer, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two checks for changes without a notification. */
  readonly periodMs: number;
  /** Sends messages to the server. */
  readonly notify: (messages: readonly string[]) => Promise<void>;
}

/**
 * Notifies the other stores on a PostgreSQL database of changes that this store has committed, and receives their
 * notifications on a dedicated connection.
 *
 * A store sends messages after the commit, so messages can be lost in two ways, and both are detected. When the
 * connection of this store is lost, everything may have changed when it reconnects. When another store dies or loses
 * its connections between commit and message, the next check finds that a connection is missing
 * ({@link WriterPresence}). A change is therefore reported at most `periodMs` after the connection that made it has
 * ended. When the network to this host stops responding, it takes up to `connectTimeoutMs` longer.
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
  #checking: Promise<void> | undefined;
  /** Whether the connection was lost, so that notifications were missed. */
  #hasMissed = false;

  private constructor(options: ChangeChannelOptions) {
    this.#options = options;
  }

  /**
   * Opens the channel.
   *
   * @throws the error of the driver when the database is unreachable.
   */
  static async open(url: string, options: ChangeChannelOptions): Promise<ChangeChannel> {
    const channel = new ChangeChannel(options);
    channel.#connection = await createConnectionPool(url, {
      connections: 1,
      connectTimeoutMs: options.connectTimeoutMs,
      waitTimeoutMs: options.connectTimeoutMs,
      statementTimeoutMs: options.connectTimeoutMs,
      setUp: (client) => channel.#setUp(client),
    });
    try {
      await channel.#check(channel.#connection);
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
    this.#timer = setInterval(() => this.#tryCheck(), this.#options.periodMs);
    this.#timer.unref();
    if (this.#hasMissed) this.#tryCheck();
  }

  stop(): void {
    this.#listener = undefined;
    clearInterval(this.#timer);
  }

  /** Closes the channel, after one attempt to send the remaining messages. */
  async close(): Promise<void> {
    this.stop();
    this.#closing.abort();
    await Promise.all([this.#sending, this.#checking]);
    await this.#connection?.close();
  }

  async #setUp(client: Client): Promise<void> {
    client.on("notification", (notification) => this.#receive(notification));
    client.once("end", () => this.#disconnected());
    await client.query(`listen ${CHANGE_CHANNEL}`);
  }

  #disconnected(): void {
    this.#hasMissed = true;
    if (this.#listener !== undefined) this.#tryCheck();
  }

  #receive({ payload = "" }: Notification): void {
    const { origin, changes } = readMessage(payload);
    if (origin === this.#origin) return;
    for (const change of changes) this.#listener?.(change);
  }

  // Users of the store receive the error from their queries. The next check tries again.
  #tryCheck(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#closing.signal.aborted) return;
    this.#checking ??= this.#check(connection)
      .catch(() => undefined)
      .finally(() => {
        this.#checking = undefined;
      });
  }

  /** Checks whether a writer has disconnected. Reconnects if necessary. */
  async #check({ pool, breakOff }: ConnectionPool): Promise<void> {
    const { connectTimeoutMs } = this.#options;
    const answer = pool.query<{ last: string; number: number | null }>(WRITERS);
    const { rows } = await within(connectTimeoutMs, answer, () => {
      breakOff();
      return new Error("connection terminated: no answer in time");
    });
    const hasLostWriter = this.#presence.hasLostWriter(writersOf(rows));
    if (!hasLostWriter && !this.#hasMissed) return;
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
      // Other stores detect that this one has disconnected.
      if (!isSent && signal.aborted) break;
      if (!isSent) this.#outbox.addEverything();
      // Rejects when the channel is closed, which also ends the delay.
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
