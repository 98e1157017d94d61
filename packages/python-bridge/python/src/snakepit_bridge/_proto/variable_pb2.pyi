from google.protobuf import struct_pb2 as _struct_pb2
from snakepit_bridge._proto import failure_pb2 as _failure_pb2
from snakepit_bridge._proto import payload_pb2 as _payload_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VariableType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VARIABLE_TYPE_UNSPECIFIED: _ClassVar[VariableType]
    VARIABLE_TYPE_STRING: _ClassVar[VariableType]
    VARIABLE_TYPE_INTEGER: _ClassVar[VariableType]
    VARIABLE_TYPE_FLOAT: _ClassVar[VariableType]
    VARIABLE_TYPE_BOOLEAN: _ClassVar[VariableType]
    VARIABLE_TYPE_CHOICE: _ClassVar[VariableType]
    VARIABLE_TYPE_MODULE: _ClassVar[VariableType]
    VARIABLE_TYPE_EMBEDDING: _ClassVar[VariableType]
    VARIABLE_TYPE_TENSOR: _ClassVar[VariableType]
VARIABLE_TYPE_UNSPECIFIED: VariableType
VARIABLE_TYPE_STRING: VariableType
VARIABLE_TYPE_INTEGER: VariableType
VARIABLE_TYPE_FLOAT: VariableType
VARIABLE_TYPE_BOOLEAN: VariableType
VARIABLE_TYPE_CHOICE: VariableType
VARIABLE_TYPE_MODULE: VariableType
VARIABLE_TYPE_EMBEDDING: VariableType
VARIABLE_TYPE_TENSOR: VariableType

class Variable(_message.Message):
    __slots__ = ("name", "type", "value", "attachments", "version", "constraints", "metadata", "history")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: VariableType
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    constraints: VariableConstraints
    metadata: _struct_pb2.Struct
    history: VariableHistory
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[VariableType, str]] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ..., constraints: _Optional[_Union[VariableConstraints, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., history: _Optional[_Union[VariableHistory, _Mapping]] = ...) -> None: ...

class VariableConstraints(_message.Message):
    __slots__ = ("min", "max", "min_length", "max_length", "pattern", "choices", "dimensions", "shape", "dtype")
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MIN_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    min: float
    max: float
    min_length: int
    max_length: int
    pattern: str
    choices: _containers.RepeatedScalarFieldContainer[str]
    dimensions: int
    shape: TensorShape
    dtype: str
    def __init__(self, min: _Optional[float] = ..., max: _Optional[float] = ..., min_length: _Optional[int] = ..., max_length: _Optional[int] = ..., pattern: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., dimensions: _Optional[int] = ..., shape: _Optional[_Union[TensorShape, _Mapping]] = ..., dtype: _Optional[str] = ...) -> None: ...

class TensorShape(_message.Message):
    __slots__ = ("sizes",)
    SIZES_FIELD_NUMBER: _ClassVar[int]
    sizes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, sizes: _Optional[_Iterable[int]] = ...) -> None: ...

class VariableHistory(_message.Message):
    __slots__ = ("created_at_unix_ms", "updated_at_unix_ms", "updated_by", "previous")
    CREATED_AT_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    created_at_unix_ms: int
    updated_at_unix_ms: int
    updated_by: str
    previous: PreviousValue
    def __init__(self, created_at_unix_ms: _Optional[int] = ..., updated_at_unix_ms: _Optional[int] = ..., updated_by: _Optional[str] = ..., previous: _Optional[_Union[PreviousValue, _Mapping]] = ...) -> None: ...

class PreviousValue(_message.Message):
    __slots__ = ("value", "attachments", "version", "updated_at_unix_ms", "updated_by")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    updated_at_unix_ms: int
    updated_by: str
    def __init__(self, value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ..., updated_at_unix_ms: _Optional[int] = ..., updated_by: _Optional[str] = ...) -> None: ...

class RegisterVariableRequest(_message.Message):
    __slots__ = ("session_id", "name", "type", "value", "attachments", "constraints", "metadata")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    name: str
    type: VariableType
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    constraints: VariableConstraints
    metadata: _struct_pb2.Struct
    def __init__(self, session_id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[_Union[VariableType, str]] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., constraints: _Optional[_Union[VariableConstraints, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class RegisterVariableResponse(_message.Message):
    __slots__ = ("variable",)
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    variable: Variable
    def __init__(self, variable: _Optional[_Union[Variable, _Mapping]] = ...) -> None: ...

class GetVariableRequest(_message.Message):
    __slots__ = ("session_id", "name", "format")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    name: str
    format: _payload_pb2.PayloadFormat
    def __init__(self, session_id: _Optional[str] = ..., name: _Optional[str] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class GetVariableResponse(_message.Message):
    __slots__ = ("variable",)
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    variable: Variable
    def __init__(self, variable: _Optional[_Union[Variable, _Mapping]] = ...) -> None: ...

class GetVariablesRequest(_message.Message):
    __slots__ = ("session_id", "names", "format")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    names: _containers.RepeatedScalarFieldContainer[str]
    format: _payload_pb2.PayloadFormat
    def __init__(self, session_id: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class GetVariablesResponse(_message.Message):
    __slots__ = ("variables",)
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.RepeatedCompositeFieldContainer[Variable]
    def __init__(self, variables: _Optional[_Iterable[_Union[Variable, _Mapping]]] = ...) -> None: ...

class SetVariableRequest(_message.Message):
    __slots__ = ("session_id", "name", "value", "attachments", "version")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    name: str
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    def __init__(self, session_id: _Optional[str] = ..., name: _Optional[str] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ...) -> None: ...

class SetVariableResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class SetVariablesRequest(_message.Message):
    __slots__ = ("session_id", "writes", "atomic")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    WRITES_FIELD_NUMBER: _ClassVar[int]
    ATOMIC_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    writes: _containers.RepeatedCompositeFieldContainer[VariableWrite]
    atomic: bool
    def __init__(self, session_id: _Optional[str] = ..., writes: _Optional[_Iterable[_Union[VariableWrite, _Mapping]]] = ..., atomic: bool = ...) -> None: ...

class VariableWrite(_message.Message):
    __slots__ = ("name", "value", "attachments", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ...) -> None: ...

class SetVariablesResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[VariableOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[VariableOutcome, _Mapping]]] = ...) -> None: ...

class VariableOutcome(_message.Message):
    __slots__ = ("name", "version", "failure")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    failure: _failure_pb2.Failure
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class DeleteVariablesRequest(_message.Message):
    __slots__ = ("session_id", "names")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, session_id: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteVariablesResponse(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, deleted: _Optional[_Iterable[str]] = ...) -> None: ...

class ListVariablesRequest(_message.Message):
    __slots__ = ("session_id", "pattern", "format")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    pattern: str
    format: _payload_pb2.PayloadFormat
    def __init__(self, session_id: _Optional[str] = ..., pattern: _Optional[str] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class ListVariablesResponse(_message.Message):
    __slots__ = ("variables",)
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.RepeatedCompositeFieldContainer[Variable]
    def __init__(self, variables: _Optional[_Iterable[_Union[Variable, _Mapping]]] = ...) -> None: ...

class WatchVariablesRequest(_message.Message):
    __slots__ = ("session_id", "names", "pattern", "format")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    names: _containers.RepeatedScalarFieldContainer[str]
    pattern: str
    format: _payload_pb2.PayloadFormat
    def __init__(self, session_id: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ..., pattern: _Optional[str] = ..., format: _Optional[_Union[_payload_pb2.PayloadFormat, str]] = ...) -> None: ...

class WatchVariablesResponse(_message.Message):
    __slots__ = ("name", "value", "attachments", "version", "deleted", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _payload_pb2.Payload
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    version: int
    deleted: bool
    type: VariableType
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ..., version: _Optional[int] = ..., deleted: bool = ..., type: _Optional[_Union[VariableType, str]] = ...) -> None: ...
