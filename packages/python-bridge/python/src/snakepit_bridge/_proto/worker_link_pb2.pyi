from snakepit_bridge._proto import frames_pb2 as _frames_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttachRequest(_message.Message):
    __slots__ = ("batch", "attachments")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    batch: _frames_pb2.Batch
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, batch: _Optional[_Union[_frames_pb2.Batch, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("batch", "attachments")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    batch: _frames_pb2.Batch
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, batch: _Optional[_Union[_frames_pb2.Batch, _Mapping]] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...
