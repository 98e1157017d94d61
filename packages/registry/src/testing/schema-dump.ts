import { DatabaseSync } from "node:sqlite";
import { runSql } from "./run-sql.ts";

const HEADER = "-- Made by `pnpm write:schema` from the migrations; do not edit.\n\n";

/** The schema of a SQLite file, as SQL. */
export function dumpSqlite(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return HEADER + database.prepare(DEFINITIONS).all().map(statementOf).map(onLines).join("\n");
  } finally {
    database.close();
  }
}

const DEFINITIONS = `
  select sql from sqlite_schema where sql is not null
  order by tbl_name, case type when 'table' then 1 when 'index' then 2 else 3 end, name`;

function statementOf(row: Record<string, unknown>): string {
  return `${String(row["sql"])};\n`;
}

// SQLite keeps a statement as it was written, on one line: each column and constraint gets one of its own.
function onLines(statement: string): string {
  if (!/^create table/i.test(statement)) return statement;
  let depth = 0;
  return statement.replace(/[(),] ?/g, (mark) => {
    if (mark.startsWith("(")) return depth++ === 0 ? "(\n  " : mark;
    if (mark.startsWith(")")) return --depth === 0 ? "\n)" : mark;
    return depth === 1 ? ",\n  " : mark;
  });
}

/** What is in the schema of a PostgreSQL database, as SQL. */
export async function dumpPostgresql(url: string): Promise<string> {
  const tables = await runSql(url, TABLES);
  const indexes = await runSql(url, INDEXES);
  const sequences = await runSql(url, SEQUENCES);
  const functions = await runSql(url, FUNCTIONS);
  const statements = [
    "CREATE SCHEMA snakepit;\n",
    ...tables.map((row) => `CREATE TABLE ${String(row["name"])} (\n  ${String(row["parts"])}\n);\n`),
    ...[...indexes, ...sequences, ...functions].map((row) => `${String(row["definition"]).trimEnd()};\n`),
  ];
  return HEADER + statements.join("\n");
}

const TABLES = String.raw`
  select format('%s.%I', c.relnamespace::regnamespace, c.relname) as name, (
    select string_agg(part, E',\n  ' order by rank, place) from (
      select 1 as rank, to_char(a.attnum, '000') as place,
        format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
          || coalesce(' COLLATE ' || quote_ident(l.collname), '')
          || case when a.attnotnull then ' NOT NULL' else '' end
          || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') as part
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join pg_collation l on l.oid = a.attcollation and l.collname not in ('default')
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select 2, conname, format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
      from pg_constraint where conrelid = c.oid and contype <> 'n'
    ) parts
  ) as parts
  from pg_class c where c.relnamespace = 'snakepit'::regnamespace and c.relkind = 'r'
  order by c.relname`;

const INDEXES = `
  select pg_get_indexdef(indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace = 'snakepit'::regnamespace
    and not exists (select from pg_constraint where conindid = indexrelid)
  order by c.relname`;

const SEQUENCES = `
  select format('CREATE SEQUENCE %I.%I AS %s', schemaname, sequencename, data_type)
    || case when cycle then ' CYCLE' else '' end as definition
  from pg_sequences where schemaname = 'snakepit' order by sequencename`;

const FUNCTIONS = `
  select pg_get_functiondef(oid) as definition
  from pg_proc where pronamespace = 'snakepit'::regnamespace order by proname`;
