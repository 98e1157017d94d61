-- Made by `pnpm write:schema` from the migrations; do not edit.

CREATE SCHEMA snakepit;

CREATE TABLE snakepit.entries (
  scope text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  name text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  attributes text NOT NULL,
  version bigint NOT NULL,
  revision bigint NOT NULL,
  created_at double precision NOT NULL,
  updated_at double precision NOT NULL,
  updated_by text NOT NULL,
  previous_value bytea,
  previous_version bigint,
  previous_updated_at double precision,
  previous_updated_by text,
  CONSTRAINT entries_kind_check CHECK ((kind = ANY (ARRAY['variable'::text, 'program'::text]))),
  CONSTRAINT entries_pkey PRIMARY KEY (scope, kind, name),
  CONSTRAINT entries_scope_fkey FOREIGN KEY (scope) REFERENCES snakepit.sessions(id) ON DELETE CASCADE
);

CREATE TABLE snakepit.hosts (
  run_id text NOT NULL,
  host_id text NOT NULL,
  host_name text NOT NULL,
  boot_id text NOT NULL,
  pid_namespace text NOT NULL,
  pid integer NOT NULL,
  start_time text NOT NULL,
  started_at text NOT NULL,
  CONSTRAINT hosts_pkey PRIMARY KEY (run_id)
);

CREATE TABLE snakepit.migrations (
  name character varying(255) NOT NULL,
  "timestamp" character varying(255) NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE snakepit.migrations_lock (
  id character varying(255) NOT NULL,
  is_locked integer NOT NULL DEFAULT 0,
  CONSTRAINT migrations_lock_pkey PRIMARY KEY (id)
);

CREATE TABLE snakepit.processes (
  run_id text NOT NULL,
  worker_id text NOT NULL,
  pool text NOT NULL,
  role text NOT NULL,
  state text NOT NULL,
  pid integer,
  start_time text,
  process_group integer,
  reserved_at text NOT NULL,
  activated_at text,
  CONSTRAINT processes_pkey PRIMARY KEY (run_id, worker_id),
  CONSTRAINT processes_role_check CHECK ((role = ANY (ARRAY['worker'::text, 'zygote'::text]))),
  CONSTRAINT processes_run_id_fkey FOREIGN KEY (run_id) REFERENCES snakepit.hosts(run_id) ON DELETE CASCADE,
  CONSTRAINT processes_state_check CHECK (((state = 'reserved'::text) OR ((state = 'active'::text) AND (pid IS NOT NULL) AND (start_time IS NOT NULL))))
);

CREATE TABLE snakepit.sessions (
  id text COLLATE "C" NOT NULL,
  generation text NOT NULL,
  version bigint NOT NULL,
  metadata text NOT NULL,
  created_at double precision NOT NULL,
  used_at double precision NOT NULL,
  ttl_ms double precision NOT NULL,
  expires_at double precision NOT NULL,
  last_worker text,
  CONSTRAINT sessions_pkey PRIMARY KEY (id)
);

CREATE INDEX hosts_host_id ON snakepit.hosts USING btree (host_id);

CREATE INDEX sessions_expires_at ON snakepit.sessions USING btree (expires_at);

CREATE SEQUENCE snakepit.connections AS integer CYCLE;

CREATE SEQUENCE snakepit.revisions AS bigint;

CREATE OR REPLACE FUNCTION snakepit.count_entries_alone(of_scope text, of_kind text)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(1397639202, hashtext(of_kind || ' ' || of_scope));
  return (select count(*) from snakepit.entries where scope = of_scope and kind = of_kind);
end $function$;

CREATE OR REPLACE FUNCTION snakepit.session_ticket()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock_shared(1397639201, 0);
  return nextval('snakepit.revisions');
end $function$;
