/**
 * Creates the tables that the migrations create in a SQLite file, with their rows except those of `migrations`. A new
 * file needs no migration, and therefore no query builder, which takes longer to load than everything else. A test
 * compares both.
 */
export const SQLITE_TABLES = `
CREATE TABLE "entries" (
  "scope" text not null references "sessions" ("id") on delete cascade,
  "kind" text not null,
  "name" text not null,
  "value" blob not null,
  "attributes" text not null,
  "version" bigint not null,
  "revision" bigint not null,
  "created_at" double precision not null,
  "updated_at" double precision not null,
  "updated_by" text not null,
  "previous_value" blob,
  "previous_version" bigint,
  "previous_updated_at" double precision,
  "previous_updated_by" text,
  constraint "entries_pkey" primary key ("scope", "kind", "name"),
  constraint "entries_kind_check" check (kind in ('variable', 'program'))
);

CREATE TRIGGER entries_created after insert on entries begin
  update revisions set last = max(last, new.revision);
end;

CREATE TRIGGER entries_written after update of revision on entries begin
  update revisions set last = max(last, new.revision);
end;

CREATE TABLE "hosts" (
  "run_id" text not null primary key,
  "host_id" text not null,
  "host_name" text not null,
  "boot_id" text not null,
  "pid_namespace" text not null,
  "pid" integer not null,
  "start_time" text not null,
  "started_at" text not null
);

CREATE INDEX "hosts_host_id" on "hosts" ("host_id");

CREATE TABLE "migrations" (
  "name" varchar(255) not null primary key,
  "timestamp" varchar(255) not null
);

CREATE TABLE "migrations_lock" (
  "id" varchar(255) not null primary key,
  "is_locked" integer default 0 not null
);

CREATE TABLE "processes" (
  "run_id" text not null references "hosts" ("run_id") on delete cascade,
  "worker_id" text not null,
  "pool" text not null,
  "role" text not null,
  "state" text not null,
  "pid" integer,
  "start_time" text,
  "process_group" integer,
  "reserved_at" text not null,
  "activated_at" text,
  constraint "processes_pkey" primary key ("run_id", "worker_id"),
  constraint "processes_role_check" check (role in ('worker', 'zygote')),
  constraint "processes_state_check" check (
    state = 'reserved' or (state = 'active' and pid is not null and start_time is not null)
  )
);

CREATE TABLE "revisions" (
  "last" bigint not null
);

CREATE TABLE "sessions" (
  "id" text not null primary key,
  "generation" text not null,
  "version" bigint not null,
  "metadata" text not null,
  "created_at" double precision not null,
  "used_at" double precision not null,
  "ttl_ms" double precision not null,
  "expires_at" double precision not null,
  "last_worker" text
);

CREATE INDEX "sessions_expires_at" on "sessions" ("expires_at");

CREATE TRIGGER sessions_created after insert on sessions begin
  update revisions set last = last + 1;
end;

insert into revisions (last) values (0);
insert into migrations_lock (id, is_locked) values ('migration_lock', 0);
-- The global scope. 9e999 is infinite.
insert into sessions (id, generation, version, metadata, created_at, used_at, ttl_ms, expires_at, last_worker)
values ('', '', 1, '{}', 0, 0, 9e999, 9e999, null);
`;
