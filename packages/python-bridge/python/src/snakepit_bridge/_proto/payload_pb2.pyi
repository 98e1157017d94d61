from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PayloadFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAYLOAD_FORMAT_UNSPECIFIED: _ClassVar[PayloadFormat]
    PAYLOAD_FORMAT_MESSAGEPACK: _ClassVar[PayloadFormat]
    PAYLOAD_FORMAT_JSON: _ClassVar[PayloadFormat]
PAYLOAD_FORMAT_UNSPECIFIED: PayloadFormat
PAYLOAD_FORMAT_MESSAGEPACK: PayloadFormat
PAYLOAD_FORMAT_JSON: PayloadFormat

class Payload(_message.Message):
    __slots__ = ("format", "body", "buffer_lengths")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    BUFFER_LENGTHS_FIELD_NUMBER: _ClassVar[int]
    format: PayloadFormat
    body: bytes
    buffer_lengths: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, format: _Optional[_Union[PayloadFormat, str]] = ..., body: _Optional[bytes] = ..., buffer_lengths: _Optional[_Iterable[int]] = ...) -> None: ...
