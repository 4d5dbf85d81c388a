"""A worker answers for a submission; whatever its code does, the judge's side goes on."""

import sys
import time

import numpy as np
import pytest

from lessons_lib.classroom.grading.proxy import AnswerRaised, AnswerStopped, Worker
from lessons_lib.denoisers.linear import Gaussian

COMMAND = [sys.executable, "-m", "lessons_lib.classroom.grading.worker"]
SETUP = "import os, sys, time\nimport numpy as np"
CELLS = [
    SETUP,
    "def double(x):\n    return 2 * x",
    "def spoil(x):\n    x[0] = 7\n    return None",
    "def fail(x):\n    raise ValueError('too small')",
    "class Own(Exception):\n    pass\n\n\ndef fail_own():\n    raise Own('mine')",
    "def slow():\n    time.sleep(60)",
    "def leave():\n    os._exit(0)",
    "def strange():\n    return lambda: 1",
    "def smooth(denoiser, image):\n    return denoiser(image, 0.1)",
    "def loud():\n    print('x' * 100_000)\n    os.write(1, b'y' * 100_000)\n    return 3",
    "def forge():\n    for number in range(3, 20):\n        try:\n"
    "            os.write(number, b'not a frame' * 10)\n        except OSError:\n            pass",
]


@pytest.fixture
def worker():
    made = Worker(COMMAND, CELLS, cell_seconds=10, call_seconds=20)
    yield made
    made.close()


def test_it_answers_raises_and_prints_nowhere(worker):
    assert worker.troubles == [""] * len(CELLS)
    assert np.array_equal(worker.answer("double", 20)(np.arange(3)), [0, 2, 4])
    assert worker.answer("loud", 20)() == 3
    with pytest.raises(ValueError, match="too small"):
        worker.answer("fail", 20)(1)
    with pytest.raises(AnswerRaised, match="Own: mine"):
        worker.answer("fail_own", 20)()
    with pytest.raises(NameError, match="no function nobody"):
        worker.answer("nobody", 20)()
    with pytest.raises(AnswerRaised, match="WireError: expected arrays.* came function"):
        worker.answer("strange", 20)()
    assert worker.answer("double", 20)(4) == 8


def test_a_changed_input_is_changed_here_too(worker):
    array, numbers, pair = np.zeros(3), [1, 2], (np.zeros(2), 5)
    spoil = worker.answer("spoil", 20)
    assert spoil(array) is None and array[0] == 7
    spoil(numbers)
    assert numbers == [7, 2]
    with pytest.raises(TypeError):
        spoil(pair)


def test_denoisers_are_handed_over_by_name(worker):
    image = np.random.default_rng(1).random((12, 12))
    got = worker.answer("smooth", 30)(Gaussian(1.0), image)
    assert np.array_equal(got, Gaussian(1.0)(image, 0.1))


def test_a_slow_answer_is_ended_in_time(worker):
    start = time.monotonic()
    with pytest.raises(AnswerStopped, match="longer than 1 s"):
        worker.answer("slow", 1.0)()
    assert time.monotonic() - start < 15
    with pytest.raises(AnswerStopped):
        worker.answer("double", 20)(1)


@pytest.mark.parametrize("name", ["leave", "forge"])
def test_an_answer_that_ends_or_forges_is_stopped(worker, name):
    with pytest.raises(AnswerStopped, match="ended its process|no result"):
        worker.answer(name, 20)()


def test_a_cell_that_fails_or_hangs_stops_no_other():
    cells = [SETUP, "1 / 0", "sys.exit()", "while True: pass", "%timeit 1", "x = (", "a = 5"]
    worker = Worker(COMMAND, [*cells, "def get():\n    return a"], 1, 20)
    try:
        assert worker.troubles[1:4] == ["ZeroDivisionError", "SystemExit", "CellTimeout"]
        assert worker.troubles[4:] == ["", "SyntaxError", "", ""]
        assert worker.answer("get", 20)() == 5
    finally:
        worker.close()
