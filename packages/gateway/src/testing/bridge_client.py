"""A gRPC client that uses only grpcio and code generated from the .proto files.

The argument is JSON: the folder of the .proto files, the target, and, for TCP, the token and the certificate of the
certificate authority. Prints the results as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import grpc
from generated_stubs import generate
from message_pack import pack, unpack

options = json.loads(sys.argv[1])
folder = tempfile.TemporaryDirectory()
code = generate(Path(options["protos"]), Path(folder.name))
bridge, sessions, variables = code["bridge_service"], code["session"], code["variable"]
programs, host_tools, payloads = code["program"], code["host_tool"], code["payload"]

FORMATS: dict[int, tuple[Callable[[object], bytes], Callable[[bytes], object]]] = {
    payloads.PAYLOAD_FORMAT_JSON: (lambda value: json.dumps(value).encode(), json.loads),
    payloads.PAYLOAD_FORMAT_MESSAGEPACK: (pack, unpack),
}


def channel(token: str | None = options.get("token")) -> grpc.Channel:
    """Returns a channel whose calls send the token."""
    if "ca" not in options:
        return grpc.insecure_channel(options["target"])
    credentials = grpc.ssl_channel_credentials(options["ca"].encode())
    if token is not None:
        # Sends "authorization: Bearer <token>"; only with TLS, as every gRPC library does.
        credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(token))
    return grpc.secure_channel(options["target"], credentials)


def payload(value: object, form: int) -> object:
    """Returns a value in a format."""
    return payloads.Payload(format=form, body=FORMATS[form][0](value))


def value_of(payload: object) -> object:
    """Returns the value of an answer in any format."""
    return FORMATS[payload.format][1](payload.body)


def error_of(call: Callable[[], object]) -> dict[str, object]:
    """Returns how a call fails."""
    try:
        call()
    except grpc.RpcError as error:
        trailing = dict(error.trailing_metadata())
        return {"status": error.code().name, "message": error.details(), "code": trailing.get("snakepit-code")}
    return {"status": "OK"}


def use_tools(service: object, form: int) -> dict[str, object]:
    """Uses the tools of workers."""
    listed = service.ListTools(bridge.ListToolsRequest())
    total = service.ExecuteTool(bridge.ExecuteToolRequest(tool="add", args=payload({"a": 2, "b": 40}, form)))
    counting = bridge.ExecuteStreamingToolRequest(tool="count", args=payload({"to": 3}, form))
    return {
        "pong": service.Ping(bridge.PingRequest(message="hello")).message,
        "tools": [tool.name for tool in listed.tools],
        "total": value_of(total.value),
        "counted": [value_of(chunk.value) for chunk in service.ExecuteStreamingTool(counting)],
        "failure": error_of(lambda: service.ExecuteTool(bridge.ExecuteToolRequest(tool="fail"))),
        "late": error_of(lambda: service.ExecuteTool(bridge.ExecuteToolRequest(tool="wait"), timeout=0.2)),
    }


def use_session(service: object, session_id: str) -> dict[str, object]:
    """Creates and uses a session."""
    request = sessions.InitializeSessionRequest(session_id=session_id, ttl_ms=60_000)
    request.metadata.update({"user": "me", "tags": ["a", 1]})
    created = service.InitializeSession(request).session
    update = sessions.UpdateSessionMetadataRequest(session_id=session_id, version=created.version)
    update.metadata.update({"user": "you"})
    changed = service.UpdateSessionMetadata(update).session
    touched = service.HeartbeatSession(sessions.HeartbeatSessionRequest(session_id=session_id)).session
    listed = service.ListSessions(sessions.ListSessionsRequest())
    return {
        "metadata": dict(created.metadata) | {"tags": list(created.metadata["tags"])},
        "expires_after_ms": created.expires_at_unix_ms - created.used_at_unix_ms,
        "changed": dict(changed.metadata),
        "last_worker": touched.last_worker,
        "listed": [session.id for session in listed.sessions],
        "active": service.GetSessionStats(sessions.GetSessionStatsRequest()).active,
    }


def use_variables(service: object, session_id: str, form: int) -> dict[str, object]:
    """Registers, watches, sets and reads variables."""
    register = variables.RegisterVariableRequest(
        session_id=session_id,
        name="temperature",
        type=variables.VARIABLE_TYPE_FLOAT,
        value=payload(0.5, form),
        constraints=variables.VariableConstraints(min=0, max=2),
    )
    registered = service.RegisterVariable(register).variable
    request = variables.WatchVariablesRequest(session_id=session_id, pattern="temp*", format=form)
    watch = service.WatchVariables(request, timeout=120)
    seen = [value_of(next(watch).value)]
    write = {"session_id": session_id, "name": "temperature"}
    first = service.SetVariable(
        variables.SetVariableRequest(**write, value=payload(1.5, form), version=registered.version)
    )
    seen.append(value_of(next(watch).value))
    late = variables.SetVariableRequest(**write, value=payload(1.0, form), version=registered.version)
    too_hot = variables.SetVariableRequest(**write, value=payload(3.0, form))
    rejected = [error_of(lambda: service.SetVariable(late)), error_of(lambda: service.SetVariable(too_hot))]
    writes = [
        variables.VariableWrite(name="temperature", value=payload(2.0, form)),
        variables.VariableWrite(name="gone", value=payload(0, form)),
    ]
    batch = service.SetVariables(variables.SetVariablesRequest(session_id=session_id, writes=writes))
    described = service.GetVariable(
        variables.GetVariableRequest(session_id=session_id, name="temperature", format=form)
    )
    request = variables.GetVariablesRequest(session_id=session_id, names=["gone", "temperature"], format=form)
    values = {each.name: value_of(each.value) for each in service.GetVariables(request).variables}
    seen.append(value_of(next(watch).value))
    deletion = variables.DeleteVariablesRequest(session_id=session_id, names=["temperature"])
    deleted = service.DeleteVariables(deletion).deleted
    seen.append("deleted" if next(watch).deleted else "changed")
    watch.cancel()
    return {
        "registered": [registered.constraints.max, registered.version, value_of(registered.value)],
        "version_increase": first.version - registered.version,
        "rejected": rejected,
        "batch": [outcome.WhichOneof("outcome") for outcome in batch.outcomes],
        "previous": value_of(described.variable.history.previous.value),
        "values": values,
        "deleted": list(deleted),
        "seen": seen,
    }


def use_programs(service: object, session_id: str, form: int) -> dict[str, object]:
    """Uses programs of the session and global ones."""
    options = {"program_id": "qa", "session_id": session_id}
    service.StoreProgram(programs.StoreProgramRequest(**options, document=payload({"prompt": "say"}, form)))
    read = service.GetProgram(programs.GetProgramRequest(**options, format=form))
    update = programs.UpdateProgramRequest(**options, document=payload({"prompt": "sing"}, form), version=read.version)
    run = programs.ExecuteProgramRequest(
        session_id=session_id, command="execute_program", args=payload({"program_id": "qa"}, form)
    )
    service.StoreProgram(programs.StoreProgramRequest(program_id="everywhere", document=payload([1], form)))
    return {
        "document": value_of(read.document),
        "version": service.UpdateProgram(update).version,
        "here": [
            each.id for each in service.ListPrograms(programs.ListProgramsRequest(session_id=session_id)).programs
        ],
        "global": [each.id for each in service.ListPrograms(programs.ListProgramsRequest()).programs],
        "executed": value_of(service.ExecuteProgram(run).value),
        "deleted": service.DeleteProgram(programs.DeleteProgramRequest(**options)).deleted,
    }


def use_host_tools(service: object, session_id: str, form: int) -> dict[str, object]:
    """Uses host tools."""
    listed = service.ListHostTools(host_tools.ListHostToolsRequest(session_id=session_id))
    call = host_tools.ExecuteHostToolRequest(tool="twice", args=payload({"x": 21}, form), session_id=session_id)
    count = host_tools.ExecuteStreamingHostToolRequest(tool="count", args=payload({"to": 3}, form))
    waiting = host_tools.ExecuteHostToolRequest(tool="wait")
    cancelled = service.ExecuteHostTool.future(waiting)
    # The host has received the call when it counts it as waiting.
    while value_of(service.ExecuteHostTool(host_tools.ExecuteHostToolRequest(tool="waiting")).value) == 0:
        pass
    cancelled.cancel()
    return {
        "tools": {tool.name: json.loads(tool.json_schema or "null") for tool in listed.tools},
        "twice": value_of(service.ExecuteHostTool(call).value),
        "counted": [value_of(chunk.value) for chunk in service.ExecuteStreamingHostTool(count)],
        "late": error_of(lambda: service.ExecuteHostTool(waiting, timeout=0.2)),
        "cancelled": cancelled.cancelled(),
    }


def end_session(service: object, session_id: str) -> dict[str, object]:
    """Closes a session, and returns how it can be used afterward."""
    request = sessions.CleanupSessionRequest(session_id=session_id)
    return {
        "closed": service.CleanupSession(request).closed,
        "gone": error_of(lambda: service.GetSession(sessions.GetSessionRequest(session_id=session_id))),
    }


def call_with_token(token: str | None) -> dict[str, object]:
    """Returns how calls with this token fail."""
    with channel(token) as unauthenticated:
        service = code["stubs"].BridgeServiceStub(unauthenticated)
        calls = [
            lambda: service.Ping(bridge.PingRequest()),
            lambda: list(service.WatchVariables(variables.WatchVariablesRequest(session_id="s"))),
        ]
        return {"calls": [error_of(call) for call in calls]}


with channel() as connection:
    service = code["stubs"].BridgeServiceStub(connection)
    results: dict[str, object] = {}
    for name, form in [("json", payloads.PAYLOAD_FORMAT_JSON), ("messagepack", payloads.PAYLOAD_FORMAT_MESSAGEPACK)]:
        session_id = f"session-{name}"
        results[name] = {
            "tools": use_tools(service, form),
            "session": use_session(service, session_id),
            "variables": use_variables(service, session_id, form),
            "programs": use_programs(service, session_id, form),
            "host_tools": use_host_tools(service, session_id, form),
            "end": end_session(service, session_id),
        }
        service.DeleteProgram(programs.DeleteProgramRequest(program_id="everywhere"))
if "ca" in options:
    results["without_token"] = call_with_token(None)
    results["wrong_token"] = call_with_token("x" * 64)
json.dump(results, sys.stdout)
