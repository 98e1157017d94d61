from snakepit_bridge._proto import failure_pb2 as _failure_pb2
from snakepit_bridge._proto import host_tool_pb2 as _host_tool_pb2
from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OfferToolsRequest(_message.Message):
    __slots__ = ("offer", "result", "chunk", "end", "failure")
    OFFER_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    offer: ToolOffer
    result: OfferedToolResult
    chunk: OfferedToolChunk
    end: OfferedToolEnd
    failure: OfferedToolFailure
    def __init__(self, offer: _Optional[_Union[ToolOffer, _Mapping]] = ..., result: _Optional[_Union[OfferedToolResult, _Mapping]] = ..., chunk: _Optional[_Union[OfferedToolChunk, _Mapping]] = ..., end: _Optional[_Union[OfferedToolEnd, _Mapping]] = ..., failure: _Optional[_Union[OfferedToolFailure, _Mapping]] = ...) -> None: ...

class OfferToolsResponse(_message.Message):
    __slots__ = ("offered", "call", "cancel", "credit")
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    offered: ToolsOffered
    call: OfferedToolCall
    cancel: OfferedToolCancel
    credit: OfferedToolCredit
    def __init__(self, offered: _Optional[_Union[ToolsOffered, _Mapping]] = ..., call: _Optional[_Union[OfferedToolCall, _Mapping]] = ..., cancel: _Optional[_Union[OfferedToolCancel, _Mapping]] = ..., credit: _Optional[_Union[OfferedToolCredit, _Mapping]] = ...) -> None: ...

class ToolOffer(_message.Message):
    __slots__ = ("tools", "session_id", "format")
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    tools: _containers.RepeatedCompositeFieldContainer[_host_tool_pb2.HostTool]
    session_id: str
    format: _payload_pb2.PayloadFormat
    def __init__(self, tools: _Optional[_Iterable[_Union[_host_tool_pb2.HostTool, _Mapping]]] = ..., session_id: _Optional[str] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class ToolsOffered(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OfferedToolCall(_message.Message):
    __slots__ = ("call_id", "tool", "args", "attachments", "session_id", "remaining_ms", "streaming", "credit", "correlation_id")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MS_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    tool: str
    args: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    session_id: str
    remaining_ms: float
    streaming: bool
    credit: int
    correlation_id: str
    def __init__(self, call_id: _Optional[int] = ..., tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., session_id: _Optional[str] = ..., remaining_ms: _Optional[float] = ..., streaming: bool = ..., credit: _Optional[int] = ..., correlation_id: _Optional[str] = ...) -> None: ...

class OfferedToolCancel(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    def __init__(self, call_id: _Optional[int] = ...) -> None: ...

class OfferedToolCredit(_message.Message):
    __slots__ = ("call_id", "chunks")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    chunks: int
    def __init__(self, call_id: _Optional[int] = ..., chunks: _Optional[int] = ...) -> None: ...

class OfferedToolResult(_message.Message):
    __slots__ = ("call_id", "value", "attachments")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, call_id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class OfferedToolChunk(_message.Message):
    __slots__ = ("call_id", "value", "attachments")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, call_id: _Optional[int] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class OfferedToolEnd(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    def __init__(self, call_id: _Optional[int] = ...) -> None: ...

class OfferedToolFailure(_message.Message):
    __slots__ = ("call_id", "failure")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    call_id: int
    failure: _failure_pb2.Failure
    def __init__(self, call_id: _Optional[int] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...
