import { counter, durations, gauge, type InstrumentDefinition } from "./instrument-definition.ts";

const POOL = "snakepit.pool";
const TOOL = "snakepit.tool";
const ERROR = "error.type";
const WORKER = "snakepit.worker.id";
const REASON = "snakepit.reason";
const OPERATION = "snakepit.operation";
const GENERATION = "snakepit.gc.generation";

/**
 * All instruments, by their name in OpenTelemetry. This table is the contract: `docs/metrics.md`, the names in
 * Prometheus, the instruments of an OpenTelemetry meter and the text of `pit.metrics()` follow from it.
 */
export const INSTRUMENTS = {
  "snakepit.calls": counter("{call}", "Calls that have ended.", [POOL, TOOL, ERROR]),
  "snakepit.call.duration": durations("Time from a call to its answer, queueing included.", [POOL, TOOL, ERROR]),
  "snakepit.call.execution.duration": durations("Time that the worker spent on a call, as it reports.", [POOL, TOOL]),
  "snakepit.call.active": gauge("{call}", "Calls that are assigned to workers.", [POOL]),
  "snakepit.call.retries": counter("{retry}", "Further attempts of failed calls, by the error of the attempt before.", [
    POOL,
    TOOL,
    ERROR,
  ]),
  "snakepit.call.poisoned": counter(
    "{call}",
    "Calls whose arguments are rejected because they ended several workers.",
    [POOL, TOOL],
  ),

  "snakepit.streams": counter("{stream}", "Streams that have ended.", [POOL, TOOL, ERROR]),
  "snakepit.stream.chunks": counter("{chunk}", "Chunks that have arrived.", [POOL, TOOL]),
  "snakepit.stream.size": counter("By", "Size of these chunks on the wire.", [POOL, TOOL]),
  "snakepit.stream.first_chunk.duration": durations("Time from the start of a stream to its first chunk.", [
    POOL,
    TOOL,
  ]),
  "snakepit.stream.credit_wait": counter("s", "Time that workers waited because callers had not read their chunks.", [
    POOL,
    TOOL,
  ]),

  "snakepit.queue.length": gauge("{call}", "Calls that wait for a worker.", [POOL]),
  "snakepit.queue.limit": gauge("{call}", "The pool's `queueLimit`.", [POOL]),
  "snakepit.queue.oldest": gauge("s", "Time that the oldest of these calls has waited.", [POOL]),
  "snakepit.queue.duration": durations("Time that a call waited for a worker.", [POOL, TOOL]),
  "snakepit.queue.timeouts": counter("{call}", "Calls that waited too long for a worker (`QUEUE_TIMEOUT`).", [POOL]),
  "snakepit.queue.rejections": counter("{call}", "Calls that were rejected because the queue was full.", [POOL]),

  "snakepit.pool.state": gauge("{pool}", "1 for the current state of the pool, 0 for the others.", [
    POOL,
    "snakepit.pool.state",
  ]),
  "snakepit.pool.size": gauge("{worker}", "The intended number of workers.", [POOL]),
  "snakepit.pool.workers": gauge("{worker}", "Workers that are ready.", [POOL]),
  "snakepit.pool.capacity.limit": gauge("{call}", "Calls that the workers can execute at the same time.", [POOL]),
  "snakepit.pool.capacity.usage": gauge("{call}", "The part of this capacity that is in use.", [POOL]),
  "snakepit.pool.capacity.utilization": gauge("1", "Usage divided by limit, from 0 to 1.", [POOL]),
  "snakepit.pool.resizes": counter("{resize}", "Changes of the number of workers.", [POOL, REASON]),
  "snakepit.pool.reloads": counter("{reload}", "Reloads of the code of the workers.", [POOL, ERROR]),

  "snakepit.workers": gauge("{worker}", "Workers by state.", [POOL, "snakepit.worker.state"]),
  "snakepit.worker.memory.usage": gauge("By", "Resident memory of the workers, from their last heartbeats.", [
    POOL,
    WORKER,
  ]),
  "snakepit.worker.memory.max": gauge("By", "Resident memory of the largest worker.", [POOL]),
  "snakepit.worker.memory.limit": gauge("By", "The configured memory limit of a worker, `limits.memoryMb`.", [POOL]),
  "snakepit.worker.memory.recycle_at": gauge("By", "The memory at which a worker is replaced, `recycle.maxRssMb`.", [
    POOL,
  ]),
  "snakepit.worker.cpu.usage": gauge(
    "{cpu}",
    "Processors that the workers keep busy, from their last two heartbeats.",
    [POOL, WORKER],
  ),
  "snakepit.worker.threads": gauge("{thread}", "Threads of the workers.", [POOL, WORKER]),
  "snakepit.worker.uptime": gauge("s", "Time since the oldest worker became ready; of each worker with `byWorker`.", [
    POOL,
    WORKER,
  ]),
  "snakepit.worker.starts": counter("{start}", "Starts of workers that have succeeded or failed.", [POOL, ERROR]),
  "snakepit.worker.start.duration": durations("Time until a worker was ready.", [POOL]),
  "snakepit.worker.exits": counter("{exit}", "Worker processes that have ended.", [POOL, "snakepit.exit"]),
  "snakepit.worker.crashes": counter("{crash}", "Workers that crashed, hung or were killed because of a call.", [POOL]),
  "snakepit.worker.restarts": counter("{restart}", "Workers that replaced one that ended unexpectedly.", [POOL]),
  "snakepit.worker.recycles": counter("{worker}", "Workers that were replaced on purpose, by reason.", [POOL, REASON]),
  "snakepit.worker.health_check.failures": counter("{check}", "Health checks that have failed.", [POOL]),
  "snakepit.worker.heartbeat.late": gauge("{worker}", "Workers without a heartbeat for half of the time limit.", [
    POOL,
  ]),
  "snakepit.worker.heartbeat.missed": counter("{worker}", "Workers that were killed because heartbeats were missing.", [
    POOL,
  ]),
  "snakepit.worker.log.records": counter("{record}", "Lines and log records of the workers.", [POOL, "snakepit.level"]),
  "snakepit.worker.telemetry.dropped": counter(
    "{record}",
    "Spans and events of Python that were dropped because there were more than `pythonTelemetry.maxPerSecond`.",
    [POOL],
  ),
  "snakepit.worker.gc.duration": durations(
    "Duration of the garbage collections of Python; only with `pythonTelemetry.gc`.",
    [POOL, GENERATION],
  ),
  "snakepit.worker.gc.collected": counter("{object}", "Objects that these collections have freed.", [POOL, GENERATION]),
  "snakepit.worker.gc.uncollectable": counter("{object}", "Objects that these collections could not free.", [
    POOL,
    GENERATION,
  ]),

  "snakepit.zygotes": gauge("{process}", "Running processes that fork or spawn workers.", [POOL]),
  "snakepit.zygote.crashes": counter("{crash}", "Such processes that ended although the host did not end them.", [
    POOL,
  ]),

  "snakepit.circuit.state": gauge(
    "{circuit}",
    "1 for the current state of the circuit, 0 for the others; absent until it has opened once.",
    [POOL, TOOL, "snakepit.circuit.state"],
  ),
  "snakepit.circuit.opens": counter("{circuit}", "How often the circuit has opened.", [POOL, TOOL]),

  "snakepit.session.active": gauge("{session}", "Sessions that this host keeps track of because it uses them.", []),
  "snakepit.session.created": counter("{session}", "Sessions that this host has created.", []),
  "snakepit.session.ended": counter("{session}", "Sessions used by this host that were closed or have expired.", []),
  "snakepit.variable.changes": counter(
    "{change}",
    "Changes of variables through this host: `registered`, `set`, `deleted`.",
    [OPERATION],
  ),
  "snakepit.program.changes": counter("{change}", "Changes of programs through this host: `stored`, `deleted`.", [
    OPERATION,
  ]),
  "snakepit.host_tool.calls": counter("{call}", "Calls of host tools that have ended.", [TOOL, ERROR]),
  "snakepit.host_tool.duration": durations("Time from the request of a host tool to its end.", [TOOL, ERROR]),

  "snakepit.store.operations": counter("{operation}", "Operations of the store of sessions; none for `memory`.", [
    OPERATION,
    ERROR,
  ]),
  "snakepit.store.duration": durations("Duration of these operations.", [OPERATION]),
  "snakepit.store.up": gauge("{store}", "1 if the store answered the last operation, 0 if not; 1 for `memory`.", []),
  "snakepit.registry.operations": counter("{operation}", "Operations of the process registry.", [OPERATION, ERROR]),
  "snakepit.registry.duration": durations("Duration of these operations.", [OPERATION]),
  "snakepit.registry.up": gauge("{registry}", "1 if the registry is available, 0 while it does not answer.", []),

  "snakepit.events": counter("{event}", "Events of the catalogue, except those that are created on demand.", [
    "snakepit.event",
    POOL,
  ]),

  "snakepit.host.info": gauge("{host}", "1, with the version.", ["snakepit.version"]),
  "snakepit.host.uptime": gauge("s", "Time since the start of the host.", []),
  "snakepit.host.memory.usage": gauge("By", "Resident memory of the host process.", []),
  "snakepit.host.cpu.time": counter("s", "Processor time of the host process.", []),
  "snakepit.host.event_loop.utilization": gauge(
    "1",
    "The part of the time since the last reading in which the event loop of the host was busy, from 0 to 1.",
    [],
  ),
  "snakepit.host.leftovers": counter("{process}", "Processes that should have ended and were killed.", [
    "snakepit.phase",
  ]),
} as const satisfies Readonly<Record<string, InstrumentDefinition>>;

export type InstrumentName = keyof typeof INSTRUMENTS;

type NameOf<Kind extends InstrumentDefinition["kind"]> = {
  [Name in InstrumentName]: (typeof INSTRUMENTS)[Name]["kind"] extends Kind ? Name : never;
}[InstrumentName];

export type CounterName = NameOf<"counter">;
export type GaugeName = NameOf<"gauge">;
export type HistogramName = NameOf<"histogram">;

/** The attributes that an instrument may have. */
export type AttributesOf<Name extends InstrumentName> = Partial<
  Readonly<Record<(typeof INSTRUMENTS)[Name]["attributes"][number], string>>
>;

export const INSTRUMENT_NAMES = Object.keys(INSTRUMENTS) as readonly InstrumentName[];
