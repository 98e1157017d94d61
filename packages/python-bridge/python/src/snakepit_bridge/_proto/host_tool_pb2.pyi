from google.protobuf import struct_pb2 as _struct_pb2
from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from snakepit_bridge._proto import tool_pb2 as _tool_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HostTool(_message.Message):
    __slots__ = ("name", "description", "parameters", "streaming", "json_schema", "metadata")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FIELD_NUMBER: _ClassVar[int]
    JSON_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    parameters: _containers.RepeatedCompositeFieldContainer[_tool_pb2.ToolParameter]
    streaming: bool
    json_schema: str
    metadata: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[_tool_pb2.ToolParameter, _Mapping]]] = ..., streaming: bool = ..., json_schema: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ListHostToolsRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class ListHostToolsResponse(_message.Message):
    __slots__ = ("tools",)
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    tools: _containers.RepeatedCompositeFieldContainer[HostTool]
    def __init__(self, tools: _Optional[_Iterable[_Union[HostTool, _Mapping]]] = ...) -> None: ...

class ExecuteHostToolRequest(_message.Message):
    __slots__ = ("tool", "args", "attachments", "session_id")
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    tool: str
    args: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    session_id: str
    def __init__(self, tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., session_id: _Optional[str] = ...) -> None: ...

class ExecuteHostToolResponse(_message.Message):
    __slots__ = ("value", "attachments")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ExecuteStreamingHostToolRequest(_message.Message):
    __slots__ = ("tool", "args", "attachments", "session_id")
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    tool: str
    args: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    session_id: str
    def __init__(self, tool: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., session_id: _Optional[str] = ...) -> None: ...

class ExecuteStreamingHostToolResponse(_message.Message):
    __slots__ = ("value", "attachments")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...
