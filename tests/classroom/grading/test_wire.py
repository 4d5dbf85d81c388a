"""Arguments and results survive the way through the pipe; nothing that could run code does."""

import dataclasses
import io
import json

import numpy as np
import pytest

from lessons_lib.classroom.grading import wire
from lessons_lib.denoisers.linear import Gaussian


def sent(value: object, *, objects: bool = False) -> object:
    stream = io.BytesIO()
    wire.write_frame(stream, {"value": value})
    stream.seek(0)
    return wire.read_frame(stream, objects=objects)["value"]


PLAIN = [None, True, 7, -2.5, float("inf"), "σ", (1, "a"), [1, [2.0, None]], {"a": (1,), 3: [0]}]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_keep_type_and_value(value):
    back = sent(value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("dtype", [float, np.float32, int, np.uint8, bool, complex])
def test_arrays_keep_type_shape_and_bytes(dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype)
    back = sent({"deep": [array, array.T]})["deep"]
    assert all(np.array_equal(one, two) for one, two in zip(back, [array, array.T], strict=True))
    assert back[0].dtype == array.dtype


def test_a_numpy_number_stays_one():
    back = sent(np.float32(0.1))
    assert type(back) is np.float32 and back == np.float32(0.1)


def test_a_denoiser_arrives_only_where_it_is_asked_for():
    assert sent(Gaussian(2.0), objects=True) == Gaussian(2.0)
    with pytest.raises(wire.WireError, match="came a 'dataclass'"):
        sent(Gaussian(2.0))


@dataclasses.dataclass(frozen=True)
class Foreign:
    size: int = 1


@pytest.mark.parametrize("value", [len, Foreign(), 1j, {1, 2}, np.array([None])], ids=repr)
def test_other_kinds_are_refused_by_name(value):
    with pytest.raises(wire.WireError, match="expected .*, came"):
        sent(value)


def test_endless_nesting_is_refused():
    value: list = []
    value.append(value)
    with pytest.raises(wire.WireError, match="levels"):
        sent(value)


def frame(header: bytes, body: bytes = b"") -> io.BytesIO:
    head = wire.HEAD.pack(wire.MAGIC, len(header), len(body))
    return io.BytesIO(head + header + body)


def test_a_pickle_is_never_loaded():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    node = {"kind": "array", "at": 0}
    header = json.dumps({"sizes": [len(buffer.getvalue())], "nodes": {"result": node}}).encode()
    with pytest.raises(wire.WireError, match="ValueError"):
        wire.read_frame(frame(header, buffer.getvalue()))


@pytest.mark.parametrize(
    "header",
    [b"no json", b"[]", b'{"sizes": [], "nodes": {"a": {"kind": "array", "at": 3}}}', b"[" * 9999],
    ids=["text", "list", "index", "deep"],
)
def test_a_hostile_header_is_only_an_error(header):
    with pytest.raises(wire.WireError):
        wire.read_frame(frame(header))


def test_other_bytes_and_an_early_end_are_told_apart():
    with pytest.raises(wire.WireError, match="other bytes"):
        wire.read_frame(io.BytesIO(b"x" * 100))
    with pytest.raises(EOFError):
        wire.read_frame(io.BytesIO(b"WE"))


def test_a_promise_of_too_much_is_refused_before_it_is_read():
    head = wire.HEAD.pack(wire.MAGIC, 10, wire.MOST_BODY + 1)
    with pytest.raises(wire.WireError, match="other bytes"):
        wire.read_frame(io.BytesIO(head))
