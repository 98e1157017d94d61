from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProgramInfo(_message.Message):
    __slots__ = ("id", "version", "updated_at_unix_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    version: int
    updated_at_unix_ms: int
    def __init__(self, id: _Optional[str] = ..., version: _Optional[int] = ..., updated_at_unix_ms: _Optional[int] = ...) -> None: ...

class StoreProgramRequest(_message.Message):
    __slots__ = ("session_id", "program_id", "document", "attachments")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    program_id: str
    document: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, session_id: _Optional[str] = ..., program_id: _Optional[str] = ..., document: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class StoreProgramResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class GetProgramRequest(_message.Message):
    __slots__ = ("session_id", "program_id", "format")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    program_id: str
    format: _payload_pb2.PayloadFormat
    def __init__(self, session_id: _Optional[str] = ..., program_id: _Optional[str] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class GetProgramResponse(_message.Message):
    __slots__ = ("document", "attachments", "version")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    document: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    def __init__(self, document: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ...) -> None: ...

class UpdateProgramRequest(_message.Message):
    __slots__ = ("session_id", "program_id", "document", "attachments", "version")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    program_id: str
    document: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    def __init__(self, session_id: _Optional[str] = ..., program_id: _Optional[str] = ..., document: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ...) -> None: ...

class UpdateProgramResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class DeleteProgramRequest(_message.Message):
    __slots__ = ("session_id", "program_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    program_id: str
    def __init__(self, session_id: _Optional[str] = ..., program_id: _Optional[str] = ...) -> None: ...

class DeleteProgramResponse(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: bool
    def __init__(self, deleted: bool = ...) -> None: ...

class ListProgramsRequest(_message.Message):
    __slots__ = ("session_id", "pattern")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    pattern: str
    def __init__(self, session_id: _Optional[str] = ..., pattern: _Optional[str] = ...) -> None: ...

class ListProgramsResponse(_message.Message):
    __slots__ = ("programs",)
    PROGRAMS_FIELD_NUMBER: _ClassVar[int]
    programs: _containers.RepeatedCompositeFieldContainer[ProgramInfo]
    def __init__(self, programs: _Optional[_Iterable[_Union[ProgramInfo, _Mapping]]] = ...) -> None: ...

class ExecuteProgramRequest(_message.Message):
    __slots__ = ("session_id", "command", "args", "attachments", "pool")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    command: str
    args: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    pool: str
    def __init__(self, session_id: _Optional[str] = ..., command: _Optional[str] = ..., args: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., pool: _Optional[str] = ...) -> None: ...

class ExecuteProgramResponse(_message.Message):
    __slots__ = ("value", "attachments")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...
