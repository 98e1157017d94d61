import type { EntryBatch, EntryRecord, EntryWrite } from "@snakepit/core";
import { createEntries, createEntry, updateEntries, updateEntry } from "../gen/statements.ts";
import { batchInput } from "./entry-batch.ts";
import { type WrittenEntryRow, writtenEntryOf } from "./entry-row.ts";
import type { RunStatement } from "./state-database.ts";

/**
 * Applies the writes of a batch that can be applied: first updates, then creations. A single write is a single
 * statement, unless it expects anything and the entry does not exist.
 *
 * @returns the written entries by name.
 */
export async function applyWrites(
  run: RunStatement,
  batch: EntryBatch,
  writes: readonly EntryWrite[],
  now: number,
): Promise<ReadonlyMap<string, EntryRecord>> {
  const values = new Map(writes.map(({ name, value }) => [name, value]));
  const written = new Map<string, EntryRecord>();
  const keep = (rows: readonly WrittenEntryRow[]) => {
    for (const row of rows) written.set(row.name, writtenEntryOf(row, values.get(row.name)));
  };
  keep(
    await update(
      run,
      batch,
      writes.filter(({ expects }) => expects !== "nothing"),
      now,
    ),
  );
  const missing = writes.filter(mayCreate).filter(({ name }) => !written.has(name));
  keep(await create(run, batch, missing, now));
  return written;
}

async function update(
  run: RunStatement,
  { scope, kind, author }: EntryBatch,
  writes: readonly EntryWrite[],
  now: number,
): Promise<readonly WrittenEntryRow[]> {
  const [write, ...others] = writes;
  if (write === undefined) return [];
  const common = { scope, kind, author, now };
  if (others.length > 0) return await run(updateEntries, { ...common, ...batchInput(writes) });
  const { name, value, attributes = null, expects } = write;
  const version = typeof expects === "number" ? expects : null;
  return await run(updateEntry, { ...common, name, value, attributes, version });
}

async function create(
  run: RunStatement,
  { scope, kind, author, maxEntries }: EntryBatch,
  writes: readonly CreatingWrite[],
  now: number,
): Promise<readonly WrittenEntryRow[]> {
  const [write, ...others] = writes;
  if (write === undefined) return [];
  const common = { scope, kind, author, maxEntries, now };
  if (others.length > 0) return await run(createEntries, { ...common, ...batchInput(writes) });
  const { name, value, attributes } = write;
  return await run(createEntry, { ...common, name, value, attributes });
}

/** A write that creates a missing entry. */
interface CreatingWrite extends EntryWrite {
  readonly attributes: string;
}

function mayCreate(write: EntryWrite): write is CreatingWrite {
  return write.attributes !== undefined && (write.expects === "anything" || write.expects === "nothing");
}
