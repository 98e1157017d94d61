-- Made by `pnpm write:schema` from the migrations; do not edit.

CREATE SCHEMA snakepit;

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

CREATE INDEX hosts_host_id ON snakepit.hosts USING btree (host_id);
