from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Failure(_message.Message):
    __slots__ = ("code", "message", "python", "details", "host_exception")
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    HOST_EXCEPTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    python: PythonFailure
    details: _containers.ScalarMap[str, str]
    host_exception: HostException
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., python: _Optional[_Union[PythonFailure, _Mapping]] = ..., details: _Optional[_Mapping[str, str]] = ..., host_exception: _Optional[_Union[HostException, _Mapping]] = ...) -> None: ...

class HostException(_message.Message):
    __slots__ = ("name", "message", "stack", "cause")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    name: str
    message: str
    stack: str
    cause: HostException
    def __init__(self, name: _Optional[str] = ..., message: _Optional[str] = ..., stack: _Optional[str] = ..., cause: _Optional[_Union[HostException, _Mapping]] = ...) -> None: ...

class PythonFailure(_message.Message):
    __slots__ = ("type", "module", "message", "traceback", "notes", "cause")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    type: str
    module: str
    message: str
    traceback: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    cause: PythonFailure
    def __init__(self, type: _Optional[str] = ..., module: _Optional[str] = ..., message: _Optional[str] = ..., traceback: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., cause: _Optional[_Union[PythonFailure, _Mapping]] = ...) -> None: ...
