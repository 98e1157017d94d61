from snakepit_bridge._proto import failure_pb2 as _failure_pb2
from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from snakepit_bridge._proto import tool_pb2 as _tool_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CancelReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_REASON_UNSPECIFIED: _ClassVar[CancelReason]
    CANCEL_REASON_CANCELLED: _ClassVar[CancelReason]
    CANCEL_REASON_DEADLINE: _ClassVar[CancelReason]

class LogSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOG_SOURCE_UNSPECIFIED: _ClassVar[LogSource]
    LOG_SOURCE_STDOUT: _ClassVar[LogSource]
    LOG_SOURCE_STDERR: _ClassVar[LogSource]
    LOG_SOURCE_LOGGING: _ClassVar[LogSource]

class LogLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOG_LEVEL_UNSPECIFIED: _ClassVar[LogLevel]
    LOG_LEVEL_DEBUG: _ClassVar[LogLevel]
    LOG_LEVEL_INFO: _ClassVar[LogLevel]
    LOG_LEVEL_WARN: _ClassVar[LogLevel]
    LOG_LEVEL_ERROR: _ClassVar[LogLevel]
CANCEL_REASON_UNSPECIFIED: CancelReason
CANCEL_REASON_CANCELLED: CancelReason
CANCEL_REASON_DEADLINE: CancelReason
LOG_SOURCE_UNSPECIFIED: LogSource
LOG_SOURCE_STDOUT: LogSource
LOG_SOURCE_STDERR: LogSource
LOG_SOURCE_LOGGING: LogSource
LOG_LEVEL_UNSPECIFIED: LogLevel
LOG_LEVEL_DEBUG: LogLevel
LOG_LEVEL_INFO: LogLevel
LOG_LEVEL_WARN: LogLevel
LOG_LEVEL_ERROR: LogLevel

class Batch(_message.Message):
    __slots__ = ("frames", "attachment_lengths")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_LENGTHS_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[Frame]
    attachment_lengths: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, frames: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., attachment_lengths: _Optional[_Iterable[int]] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("hello", "result", "chunk", "call_failure", "request", "heartbeat", "telemetry", "log", "stacks", "accept", "reject", "call", "reply", "reply_chunk", "session_ended", "invalidate", "drain", "shutdown", "telemetry_control", "recall", "read_stacks", "cancel", "credit")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    CALL_FAILURE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    TELEMETRY_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    STACKS_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    REJECT_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    REPLY_CHUNK_FIELD_NUMBER: _ClassVar[int]
    SESSION_ENDED_FIELD_NUMBER: _ClassVar[int]
    INVALIDATE_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_FIELD_NUMBER: _ClassVar[int]
    TELEMETRY_CONTROL_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    READ_STACKS_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    result: Result
    chunk: Chunk
    call_failure: CallFailure
    request: Request
    heartbeat: Heartbeat
    telemetry: Telemetry
    log: Log
    stacks: Stacks
    accept: Accept
    reject: Reject
    call: Call
    reply: Reply
    reply_chunk: ReplyChunk
    session_ended: SessionEnded
    invalidate: Invalidate
    drain: Drain
    shutdown: Shutdown
    telemetry_control: TelemetryControl
    recall: Recall
    read_stacks: ReadStacks
    cancel: Cancel
    credit: Credit
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ..., chunk: _Optional[_Union[Chunk, _Mapping]] = ..., call_failure: _Optional[_Union[CallFailure, _Mapping]] = ..., request: _Optional[_Union[Request, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., telemetry: _Optional[_Union[Telemetry, _Mapping]] = ..., log: _Optional[_Union[Log, _Mapping]] = ..., stacks: _Optional[_Union[Stacks, _Mapping]] = ..., accept: _Optional[_Union[Accept, _Mapping]] = ..., reject: _Optional[_Union[Reject, _Mapping]] = ..., call: _Optional[_Union[Call, _Mapping]] = ..., reply: _Optional[_Union[Reply, _Mapping]] = ..., reply_chunk: _Optional[_Union[ReplyChunk, _Mapping]] = ..., session_ended: _Optional[_Union[SessionEnded, _Mapping]] = ..., invalidate: _Optional[_Union[Invalidate, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ..., shutdown: _Optional[_Union[Shutdown, _Mapping]] = ..., telemetry_control: _Optional[_Union[TelemetryControl, _Mapping]] = ..., recall: _Optional[_Union[Recall, _Mapping]] = ..., read_stacks: _Optional[_Union[ReadStacks, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("token", "worker_id", "pid", "start_time", "protocol", "runtime", "capacity", "tools", "failure", "start_permits", "unsent_records", "check_tool", "source_files", "profile", "profile_metadata")
    class ProfileMetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    START_PERMITS_FIELD_NUMBER: _ClassVar[int]
    UNSENT_RECORDS_FIELD_NUMBER: _ClassVar[int]
    CHECK_TOOL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FILES_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_METADATA_FIELD_NUMBER: _ClassVar[int]
    token: str
    worker_id: str
    pid: int
    start_time: str
    protocol: int
    runtime: Runtime
    capacity: int
    tools: _containers.RepeatedCompositeFieldContainer[_tool_pb2.Tool]
    failure: _failure_pb2.Failure
    start_permits: str
    unsent_records: str
    check_tool: str
    source_files: _containers.RepeatedScalarFieldContainer[str]
    profile: str
    profile_metadata: _containers.ScalarMap[str, str]
    def __init__(self, token: _Optional[str] = ..., worker_id: _Optional[str] = ..., pid: _Optional[int] = ..., start_time: _Optional[str] = ..., protocol: _Optional[int] = ..., runtime: _Optional[_Union[Runtime, _Mapping]] = ..., capacity: _Optional[int] = ..., tools: _Optional[_Iterable[_Union[_tool_pb2.Tool, _Mapping]]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., start_permits: _Optional[str] = ..., unsent_records: _Optional[str] = ..., check_tool: _Optional[str] = ..., source_files: _Optional[_Iterable[str]] = ..., profile: _Optional[str] = ..., profile_metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Runtime(_message.Message):
    __slots__ = ("language", "version", "implementation", "bridge_version", "free_threaded")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IMPLEMENTATION_FIELD_NUMBER: _ClassVar[int]
    BRIDGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    FREE_THREADED_FIELD_NUMBER: _ClassVar[int]
    language: str
    version: str
    implementation: str
    bridge_version: str
    free_threaded: bool
    def __init__(self, language: _Optional[str] = ..., version: _Optional[str] = ..., implementation: _Optional[str] = ..., bridge_version: _Optional[str] = ..., free_threaded: bool = ...) -> None: ...

class Accept(_message.Message):
    __slots__ = ("protocol", "run_id", "heartbeat_interval_ms", "heartbeat_timeout_ms", "max_payload_bytes", "reads_unsent_records")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    READS_UNSENT_RECORDS_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    run_id: str
    heartbeat_interval_ms: int
    heartbeat_timeout_ms: int
    max_payload_bytes: int
    reads_unsent_records: bool
    def __init__(self, protocol: _Optional[int] = ..., run_id: _Optional[str] = ..., heartbeat_interval_ms: _Optional[int] = ..., heartbeat_timeout_ms: _Optional[int] = ..., max_payload_bytes: _Optional[int] = ..., reads_unsent_records: bool = ...) -> None: ...

class Reject(_message.Message):
    __slots__ = ("failure",)
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    failure: _failure_pb2.Failure
    def __init__(self, failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class Call(_message.Message):
    __slots__ = ("id", "tool", "args", "remaining_ms", "correlation_id", "session_id", "traceparent", "streaming", "credit", "metadata", "ahead")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MS_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    AHEAD_FIELD_NUMBER: _ClassVar[int]
    id: int
    tool: str
    args: _payload_pb2.Payload
    remaining_ms: float
    correlation_id: str
    session_id: str
    traceparent: str
    streaming: bool
    credit: int
    metadata: _containers.ScalarMap[str, str]
    ahead: bool
    def __init__(self, id: _Optional[int] = ..., tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., remaining_ms: _Optional[float] = ..., correlation_id: _Optional[str] = ..., session_id: _Optional[str] = ..., traceparent: _Optional[str] = ..., streaming: bool = ..., credit: _Optional[int] = ..., metadata: _Optional[_Mapping[str, str]] = ..., ahead: bool = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("id", "value", "execution_us")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_US_FIELD_NUMBER: _ClassVar[int]
    id: int
    value: _payload_pb2.Payload
    execution_us: int
    def __init__(self, id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., execution_us: _Optional[int] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("id", "value")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    id: int
    value: _payload_pb2.Payload
    def __init__(self, id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...

class CallFailure(_message.Message):
    __slots__ = ("id", "failure", "execution_us")
    ID_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_US_FIELD_NUMBER: _ClassVar[int]
    id: int
    failure: _failure_pb2.Failure
    execution_us: int
    def __init__(self, id: _Optional[int] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., execution_us: _Optional[int] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("id", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: int
    reason: CancelReason
    def __init__(self, id: _Optional[int] = ..., reason: _Optional[_Union[CancelReason, str]] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("id", "chunks")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    id: int
    chunks: int
    def __init__(self, id: _Optional[int] = ..., chunks: _Optional[int] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("id", "method", "payload", "call_id", "remaining_ms", "streaming", "credit", "traceparent")
    ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MS_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    id: int
    method: str
    payload: _payload_pb2.Payload
    call_id: int
    remaining_ms: float
    streaming: bool
    credit: int
    traceparent: str
    def __init__(self, id: _Optional[int] = ..., method: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., call_id: _Optional[int] = ..., remaining_ms: _Optional[float] = ..., streaming: bool = ..., credit: _Optional[int] = ..., traceparent: _Optional[str] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ("id", "value", "failure", "end")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    id: int
    value: _payload_pb2.Payload
    failure: _failure_pb2.Failure
    end: bool
    def __init__(self, id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., end: bool = ...) -> None: ...

class ReplyChunk(_message.Message):
    __slots__ = ("id", "value")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    id: int
    value: _payload_pb2.Payload
    def __init__(self, id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...

class SessionEnded(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class Invalidate(_message.Message):
    __slots__ = ("session_id", "keys")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, session_id: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Shutdown(_message.Message):
    __slots__ = ("grace_ms",)
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    grace_ms: int
    def __init__(self, grace_ms: _Optional[int] = ...) -> None: ...

class Recall(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ids: _Optional[_Iterable[int]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("rss_bytes", "active", "last_progress_ms", "cpu_ms", "threads")
    RSS_BYTES_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    LAST_PROGRESS_MS_FIELD_NUMBER: _ClassVar[int]
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    rss_bytes: int
    active: int
    last_progress_ms: int
    cpu_ms: float
    threads: int
    def __init__(self, rss_bytes: _Optional[int] = ..., active: _Optional[int] = ..., last_progress_ms: _Optional[int] = ..., cpu_ms: _Optional[float] = ..., threads: _Optional[int] = ...) -> None: ...

class ReadStacks(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class Stacks(_message.Message):
    __slots__ = ("id", "threads", "tasks")
    ID_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    id: int
    threads: _containers.RepeatedCompositeFieldContainer[ThreadStack]
    tasks: _containers.RepeatedCompositeFieldContainer[TaskStack]
    def __init__(self, id: _Optional[int] = ..., threads: _Optional[_Iterable[_Union[ThreadStack, _Mapping]]] = ..., tasks: _Optional[_Iterable[_Union[TaskStack, _Mapping]]] = ...) -> None: ...

class ThreadStack(_message.Message):
    __slots__ = ("name", "main", "internal", "frames")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MAIN_FIELD_NUMBER: _ClassVar[int]
    INTERNAL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    main: bool
    internal: bool
    frames: _containers.RepeatedCompositeFieldContainer[StackFrame]
    def __init__(self, name: _Optional[str] = ..., main: bool = ..., internal: bool = ..., frames: _Optional[_Iterable[_Union[StackFrame, _Mapping]]] = ...) -> None: ...

class TaskStack(_message.Message):
    __slots__ = ("name", "coroutine", "frames")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COROUTINE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    coroutine: str
    frames: _containers.RepeatedCompositeFieldContainer[StackFrame]
    def __init__(self, name: _Optional[str] = ..., coroutine: _Optional[str] = ..., frames: _Optional[_Iterable[_Union[StackFrame, _Mapping]]] = ...) -> None: ...

class StackFrame(_message.Message):
    __slots__ = ("file", "line", "function", "code")
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    file: str
    line: int
    function: str
    code: str
    def __init__(self, file: _Optional[str] = ..., line: _Optional[int] = ..., function: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class Telemetry(_message.Message):
    __slots__ = ("spans", "events", "dropped_spans", "dropped_events", "collections")
    SPANS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    DROPPED_SPANS_FIELD_NUMBER: _ClassVar[int]
    DROPPED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    spans: _containers.RepeatedCompositeFieldContainer[SpanRecord]
    events: _containers.RepeatedCompositeFieldContainer[EventRecord]
    dropped_spans: int
    dropped_events: int
    collections: _containers.RepeatedCompositeFieldContainer[GarbageCollection]
    def __init__(self, spans: _Optional[_Iterable[_Union[SpanRecord, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[EventRecord, _Mapping]]] = ..., dropped_spans: _Optional[int] = ..., dropped_events: _Optional[int] = ..., collections: _Optional[_Iterable[_Union[GarbageCollection, _Mapping]]] = ...) -> None: ...

class SpanRecord(_message.Message):
    __slots__ = ("traceparent", "parent_span_id", "name", "start_unix_us", "end_unix_us", "attributes", "failure", "call_id", "execution", "exported")
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    PARENT_SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    START_UNIX_US_FIELD_NUMBER: _ClassVar[int]
    END_UNIX_US_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    EXPORTED_FIELD_NUMBER: _ClassVar[int]
    traceparent: str
    parent_span_id: str
    name: str
    start_unix_us: int
    end_unix_us: int
    attributes: _payload_pb2.Payload
    failure: _failure_pb2.Failure
    call_id: int
    execution: bool
    exported: bool
    def __init__(self, traceparent: _Optional[str] = ..., parent_span_id: _Optional[str] = ..., name: _Optional[str] = ..., start_unix_us: _Optional[int] = ..., end_unix_us: _Optional[int] = ..., attributes: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., call_id: _Optional[int] = ..., execution: bool = ..., exported: bool = ...) -> None: ...

class EventRecord(_message.Message):
    __slots__ = ("name", "time_unix_us", "attributes", "call_id", "span_id", "measurements")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_US_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    MEASUREMENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    time_unix_us: int
    attributes: _payload_pb2.Payload
    call_id: int
    span_id: str
    measurements: _payload_pb2.Payload
    def __init__(self, name: _Optional[str] = ..., time_unix_us: _Optional[int] = ..., attributes: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., call_id: _Optional[int] = ..., span_id: _Optional[str] = ..., measurements: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...

class GarbageCollection(_message.Message):
    __slots__ = ("generation", "time_unix_us", "duration_us", "collected", "uncollectable")
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_US_FIELD_NUMBER: _ClassVar[int]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    COLLECTED_FIELD_NUMBER: _ClassVar[int]
    UNCOLLECTABLE_FIELD_NUMBER: _ClassVar[int]
    generation: int
    time_unix_us: int
    duration_us: int
    collected: int
    uncollectable: int
    def __init__(self, generation: _Optional[int] = ..., time_unix_us: _Optional[int] = ..., duration_us: _Optional[int] = ..., collected: _Optional[int] = ..., uncollectable: _Optional[int] = ...) -> None: ...

class TelemetryControl(_message.Message):
    __slots__ = ("enabled", "sampling_ratio", "traces", "all_spans", "all_events", "span_filters", "event_filters", "max_per_second", "garbage_collections", "sampled_calls_per_second")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_RATIO_FIELD_NUMBER: _ClassVar[int]
    TRACES_FIELD_NUMBER: _ClassVar[int]
    ALL_SPANS_FIELD_NUMBER: _ClassVar[int]
    ALL_EVENTS_FIELD_NUMBER: _ClassVar[int]
    SPAN_FILTERS_FIELD_NUMBER: _ClassVar[int]
    EVENT_FILTERS_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    GARBAGE_COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    SAMPLED_CALLS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    sampling_ratio: float
    traces: bool
    all_spans: bool
    all_events: bool
    span_filters: _containers.RepeatedScalarFieldContainer[str]
    event_filters: _containers.RepeatedScalarFieldContainer[str]
    max_per_second: int
    garbage_collections: bool
    sampled_calls_per_second: int
    def __init__(self, enabled: bool = ..., sampling_ratio: _Optional[float] = ..., traces: bool = ..., all_spans: bool = ..., all_events: bool = ..., span_filters: _Optional[_Iterable[str]] = ..., event_filters: _Optional[_Iterable[str]] = ..., max_per_second: _Optional[int] = ..., garbage_collections: bool = ..., sampled_calls_per_second: _Optional[int] = ...) -> None: ...

class Log(_message.Message):
    __slots__ = ("source", "level", "logger", "message", "time_unix_us", "call_id", "thread", "traceparent")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LOGGER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_US_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    source: LogSource
    level: LogLevel
    logger: str
    message: str
    time_unix_us: int
    call_id: int
    thread: str
    traceparent: str
    def __init__(self, source: _Optional[_Union[LogSource, str]] = ..., level: _Optional[_Union[LogLevel, str]] = ..., logger: _Optional[str] = ..., message: _Optional[str] = ..., time_unix_us: _Optional[int] = ..., call_id: _Optional[int] = ..., thread: _Optional[str] = ..., traceparent: _Optional[str] = ...) -> None: ...
