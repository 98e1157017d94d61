-- Made by `pnpm write:schema` from the migrations; do not edit.

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
  constraint "processes_state_check" check (state = 'reserved' or (state = 'active' and pid is not null and start_time is not null))
);
