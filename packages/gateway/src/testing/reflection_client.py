"""Lists the services of a server and calls methods without generated code, as grpcurl does.

The argument is JSON: the target and optionally the token. Prints the results as JSON.
"""

from __future__ import annotations

import json
import sys

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

SERVICE = "snakepit.bridge.v1.BridgeService"

options = json.loads(sys.argv[1])
metadata = [("authorization", f"Bearer {options['token']}")] if "token" in options else []


class _WithToken(grpc.StreamStreamClientInterceptor, grpc.UnaryUnaryClientInterceptor):
    def intercept_stream_stream(self, continuation, details, requests):
        return continuation(details._replace(metadata=metadata), requests)

    def intercept_unary_unary(self, continuation, details, request):
        return continuation(details._replace(metadata=metadata), request)


def services_of(version: str) -> list[str]:
    """Returns the services of the server for a version of reflection. Both versions have the same messages."""
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request = reflection_pb2.ServerReflectionRequest(list_services="*")
    (answer,) = call(iter([request]), metadata=metadata)
    return sorted(service.name for service in answer.list_services_response.service)


def comment_of(service) -> str:
    """Returns the comment of the service in its .proto file."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=service.full_name)
    (answer,) = stub.ServerReflectionInfo(iter([request]), metadata=metadata)
    for file in map(type(file_proto).FromString, answer.file_descriptor_response.file_descriptor_proto):
        for location in file.source_code_info.location:
            if file.name == service.file.name and list(location.path) == [6, 0]:
                return location.leading_comments.strip()
    return ""


def dynamic(method, request: dict[str, object]):
    """Calls a method with JSON, as grpcurl does."""
    call = channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    message = json_format.ParseDict(request, GetMessageClass(method.input_type)(), descriptor_pool=pool)
    return json_format.MessageToDict(call(message, metadata=metadata), preserving_proto_field_name=True)


def standard_error(method, request: dict[str, object]) -> dict[str, object]:
    """Returns the google.rpc.Status of a failed call."""
    try:
        dynamic(method, request)
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        info = error_details_pb2.ErrorInfo()
        unpacked = [detail.Unpack(info) for detail in status.details]
        failures = [detail.type_url for detail in status.details if not detail.Is(info.DESCRIPTOR)]
        return {
            "code": status.code,
            "message": status.message,
            "is_info": unpacked,
            "reason": info.reason,
            "domain": info.domain,
            "metadata": dict(info.metadata),
            "others": failures,
        }
    return {}


with grpc.insecure_channel(options["target"]) as channel:
    database = ProtoReflectionDescriptorDatabase(grpc.intercept_channel(channel, _WithToken()))
    pool = DescriptorPool(database)
    service = pool.FindServiceByName(SERVICE)
    file_proto = database.FindFileContainingSymbol(SERVICE)
    message = pool.FindMessageTypeByName("snakepit.bridge.v1.Session")
    named = service.methods_by_name
    json.dump(
        {
            "services": {version: services_of(version) for version in ("v1", "v1alpha")},
            "methods": sorted(named),
            "streams": sorted(name for name, method in named.items() if method.server_streaming),
            "fields": [field.name for field in message.fields],
            "optional": [field.name for field in message.fields if field.has_presence],
            "comment": comment_of(service),
            "pong": dynamic(named["Ping"], {"message": "hello"})["message"],
            "session": dynamic(named["InitializeSession"], {"session_id": "s1", "metadata": {"user": "me"}})["session"],
            "failure": standard_error(named["GetSession"], {"session_id": "gone"}),
            "long_failure": standard_error(named["ExecuteHostTool"], {"tool": "蛇" * 3_000}),
        },
        sys.stdout,
    )
