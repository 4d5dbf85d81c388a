"""Arguments and results between the judge and a submission's code: JSON and .npy, no pickle.

A frame is 4 bytes of magic, the lengths of its header and body, a JSON header, and a body with
the arrays one after the other. Nothing in a frame can run code when it is read.
"""

import dataclasses
import io
import json
import struct
from importlib import import_module
from typing import BinaryIO

import numpy as np

MAGIC = b"WEB1"
HEAD = struct.Struct(">4sIQ")
MOST_HEADER, MOST_BODY = 2**24, 2**28
MOST_DEPTH = 20


class WireError(Exception):
    """A value that cannot be sent, or bytes that are no frame."""


def write_frame(stream: BinaryIO, message: dict[str, object]) -> None:
    """Send a message; its values are encoded first, so that a bad one sends nothing."""
    stream.write(pack(message))
    stream.flush()


def pack(message: dict[str, object]) -> bytes:
    """Return the bytes of a message."""
    arrays: list[bytes] = []
    nodes = {key: encode(value, arrays) for key, value in message.items()}
    sizes = [len(part) for part in arrays]
    header = json.dumps({"sizes": sizes, "nodes": nodes}).encode()
    if len(header) > MOST_HEADER or sum(sizes) > MOST_BODY:
        raise WireError(f"expected at most {MOST_BODY} bytes, came {len(header) + sum(sizes)}")
    return HEAD.pack(MAGIC, len(header), sum(sizes)) + header + b"".join(arrays)


def read_frame(stream: BinaryIO, *, objects: bool = False) -> dict[str, object]:
    """Receive a message.

    Parameters
    ----------
    stream : binary file
        Where it comes from.
    objects : bool
        Whether the library's own frozen dataclasses are made; never when a submission sends.

    Raises
    ------
    EOFError
        If the other side has gone.
    WireError
        If the bytes are no frame.
    """
    magic, header_size, body_size = HEAD.unpack(_exactly(stream, HEAD.size))
    if magic != MAGIC or header_size > MOST_HEADER or body_size > MOST_BODY:
        raise WireError("expected a frame, came other bytes")
    header, body = _exactly(stream, header_size), _exactly(stream, body_size)
    try:
        content = json.loads(header)
        arrays = _split(body, content["sizes"])
        return {
            str(key): decode(node, arrays, objects=objects)
            for key, node in content["nodes"].items()
        }
    except WireError:
        raise
    except Exception as error:  # whatever a hostile header makes json and numpy say
        raise WireError(f"the frame cannot be read: {type(error).__name__}") from None


def encode(value: object, arrays: list[bytes], depth: int = 0) -> object:
    """Turn a value into what JSON knows; arrays go into the list.

    Raises
    ------
    WireError
        If the value is of another kind than the course's questions use.
    """
    if depth > MOST_DEPTH:
        raise WireError(f"expected at most {MOST_DEPTH} levels of tuples, lists and dicts")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(value, arrays)
    if isinstance(value, (tuple, list)):
        parts = [encode(part, arrays, depth + 1) for part in value]
        return {"kind": "tuple" if isinstance(value, tuple) else "list", "parts": parts}
    if isinstance(value, dict):
        pairs = [[encode(part, arrays, depth + 1) for part in pair] for pair in value.items()]
        return {"kind": "dict", "pairs": pairs}
    if dataclasses.is_dataclass(value) and type(value).__module__.startswith("lessons_lib."):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        fields = {name: encode(getattr(value, name), arrays, depth + 1) for name in names}
        kind = type(value)
        place = {"module": kind.__module__, "name": kind.__qualname__}
        return {"kind": "dataclass", **place, "fields": fields}
    raise WireError(
        "expected arrays, numbers, text, True, False, None, or tuples, lists and dicts of these, "
        f"came {type(value).__name__}"
    )


def decode(node: object, arrays: list[bytes], *, objects: bool = False) -> object:
    """Turn what came back into values."""
    if not isinstance(node, dict):
        return node
    kind = node["kind"]
    if kind in ("array", "scalar"):
        array = np.load(io.BytesIO(arrays[node["at"]]), allow_pickle=False)
        return array[()] if kind == "scalar" else array
    if kind in ("tuple", "list"):
        parts = [decode(part, arrays, objects=objects) for part in node["parts"]]
        return tuple(parts) if kind == "tuple" else parts
    if kind == "dict":
        pairs = [[decode(part, arrays, objects=objects) for part in two] for two in node["pairs"]]
        return dict(pairs)
    if kind == "dataclass" and objects and node["module"].startswith("lessons_lib."):
        found = getattr(import_module(node["module"]), node["name"])
        fields = node["fields"].items()
        return found(**{name: decode(part, arrays, objects=True) for name, part in fields})
    raise WireError(f"expected a value, came a {kind!r}")


def _encode_array(value: np.ndarray | np.generic, arrays: list[bytes]) -> dict[str, object]:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise WireError("expected an array of numbers, came an array of objects")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    arrays.append(buffer.getvalue())
    return {"kind": "scalar" if isinstance(value, np.generic) else "array", "at": len(arrays) - 1}


def _split(body: bytes, sizes: list[int]) -> list[bytes]:
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    return [body[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts, left = [], count
    while left:
        part = stream.read(min(left, 2**20))
        if not part:
            raise EOFError("the other side has gone")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
