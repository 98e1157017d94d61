from snakepit_bridge._proto import host_tool_pb2 as _host_tool_pb2
from snakepit_bridge._proto import offered_tool_pb2 as _offered_tool_pb2
from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from snakepit_bridge._proto import program_pb2 as _program_pb2
from snakepit_bridge._proto import session_pb2 as _session_pb2
from snakepit_bridge._proto import tool_pb2 as _tool_pb2
from snakepit_bridge._proto import variable_pb2 as _variable_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PingRequest(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: str
    def __init__(self, message: _Optional[str] = ...) -> None: ...

class PingResponse(_message.Message):
    __slots__ = ("message", "protocol", "run_id", "version")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    message: str
    protocol: int
    run_id: str
    version: str
    def __init__(self, message: _Optional[str] = ..., protocol: _Optional[int] = ..., run_id: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class ListToolsRequest(_message.Message):
    __slots__ = ("pool",)
    POOL_FIELD_NUMBER: _ClassVar[int]
    pool: str
    def __init__(self, pool: _Optional[str] = ...) -> None: ...

class ListToolsResponse(_message.Message):
    __slots__ = ("tools",)
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    tools: _containers.RepeatedCompositeFieldContainer[_tool_pb2.Tool]
    def __init__(self, tools: _Optional[_Iterable[_Union[_tool_pb2.Tool, _Mapping]]] = ...) -> None: ...

class ExecuteToolRequest(_message.Message):
    __slots__ = ("tool", "args", "pool", "attachments", "session_id", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    tool: str
    args: _payload_pb2.Payload
    pool: str
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    session_id: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., pool: _Optional[str] = ..., attachments: _Optional[_Iterable[bytes]] = ..., session_id: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ExecuteToolResponse(_message.Message):
    __slots__ = ("value", "attachments")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ExecuteStreamingToolRequest(_message.Message):
    __slots__ = ("tool", "args", "pool", "attachments", "session_id", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    tool: str
    args: _payload_pb2.Payload
    pool: str
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    session_id: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., pool: _Optional[str] = ..., attachments: _Optional[_Iterable[bytes]] = ..., session_id: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ExecuteStreamingToolResponse(_message.Message):
    __slots__ = ("value", "attachments")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...
