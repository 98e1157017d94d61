from __future__ import annotations

from typing import cast

from snakepit_bridge._proto.frames_pb2 import Call as CallMessage
from snakepit_bridge._proto.frames_pb2 import Reply
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.requests.host_request import HostRequest
from snakepit_bridge._worker.requests.request_table import RequestTable

MAX_ID = (1 << 32) - 1


def request() -> HostRequest:
    return HostRequest("echo", Call(CallMessage(id=1), 1, 0.0))


def test_ids_wrap_around_and_skip_those_in_use() -> None:
    table = RequestTable(last_id=MAX_ID - 2)
    requests = [request() for _ in range(3)]
    for each in requests:
        table.add(each)
    assert [each.id for each in requests] == [MAX_ID - 1, MAX_ID, 1]
    lasting = RequestTable()
    first = request()
    lasting.add(first)
    around = cast("RequestTable", lasting)
    around._last_id = MAX_ID  # what four thousand million requests later would be
    second = request()
    around.add(second)
    assert (first.id, second.id) == (1, 2)


def test_only_the_first_reply_counts() -> None:
    table = RequestTable()
    asked = request()
    table.add(asked)
    table.answer(Reply(id=1, value={"body": b"\x01"}), ())
    table.answer(Reply(id=1, value={"body": b"\x02"}), ())
    assert asked.value() == 1
    assert not table.remove(asked)
