"""The canvas view without a browser: events in, frames and messages out."""

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.display.jobs import Job
from lessons_lib.display.pixels import mid_grey, signed_colours, tones
from lessons_lib.display.view import CanvasView, series


class Echo(CanvasView):
    """A view that shows its one value as a grey level."""

    def __init__(self):
        super().__init__(title="echo")
        self.seen, self.files = [], []

    def react(self, source, settled):
        self.seen.append((source, settled, dict(self.state)))
        level = self.state["level"]
        if level < 0:
            raise ValueError("level must be at least 0; move the slider to the right")
        if level > 9:
            raise KeyError("a mistake of the course")
        pixels = np.full((2, 3), level, np.uint8)
        self.show_panels([({"key": "a", "title": "a", "alt": "a level"}, pixels)])

    def receive(self, name, content):
        if not content:
            raise ValueError(f"{name} is empty; choose another file")
        self.files.append((name, content))


def page_event(view, serial, settled=True, **values):
    view.event = {
        "values": values, "source": next(iter(values)), "settled": settled, "serial": serial
    }  # fmt: skip


def test_an_event_paints_and_is_acknowledged():
    view = Echo()
    page_event(view, 1, level=7)
    assert view.frame_0 == bytes([7] * 6)
    assert view.panels[0]["height"] == 2 and view.panels[0]["channels"] == 1
    assert view.done == 1 and view.message == ""


def test_the_page_does_not_hear_its_own_slider_back():
    view = Echo()
    before = view.values
    page_event(view, 1, settled=False, level=3)
    assert view.values == before, "a slider that hears an old value back jumps under the hand"
    assert view.seen[-1][:2] == ("level", False)


def test_a_value_set_from_code_reaches_the_page_every_time():
    view = Echo()
    view.set(level=5)
    first = view.values
    page_event(view, 1, level=8)
    view.set(level=5)
    assert view.values["level"] == 5 and view.values != first


def test_bad_input_is_said_in_the_widget_and_nothing_is_lost():
    view = Echo()
    page_event(view, 1, level=4)
    page_event(view, 2, level=-1)
    assert view.message == "level must be at least 0; move the slider to the right"
    assert view.frame_0 == bytes([4] * 6), "the last good picture stays"
    page_event(view, 3, level=5)
    assert view.message == "" and view.done == 3


def test_a_mistake_of_the_course_is_not_swallowed(caplog):
    view = Echo()
    view.log = logging.getLogger("test_view")  # Jupyter's own may have been silenced
    page_event(view, 1, level=10)
    assert view.message.startswith("This widget broke: KeyError")
    assert "a mistake of the course" in caplog.text


def upload(view, name, parts):
    for index, part in enumerate(parts):
        content = {"kind": "upload", "id": "1", "name": name, "index": index, "parts": len(parts)}
        view._on_message(view, content, [part])


def test_a_file_arrives_in_parts():
    view = Echo()
    upload(view, "photo.jpg", [b"ab", b"cd", b"e"])
    assert view.files == [("photo.jpg", b"abcde")]
    assert view.progress == -1.0


def test_an_empty_file_gets_words():
    view = Echo()
    upload(view, "photo.jpg", [b""])
    assert view.message == "photo.jpg is empty; choose another file"


def test_the_snapshot_is_a_picture_for_pages_without_a_kernel():
    view = Echo()
    view.set(level=9)
    assert PillowImage.open(io.BytesIO(view.snapshot())).size[0] == 264
    data, _ = view._repr_mimebundle_()
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= data.keys()


def test_pixels():
    assert tones(np.array([[-1.0, 0.5, 2.0]])).tolist() == [[0, 128, 255]]
    assert mid_grey(np.array([[-0.3, 0.0, 0.3]]), 0.3).tolist() == [[0, 128, 255]]
    plus, zero, minus = signed_colours(np.array([1.0, 0.0, -1.0])).tolist()
    assert plus[0] > plus[2] and minus[2] > minus[0]
    assert min(zero) > 240


def test_gaps_in_a_curve_travel_as_null():
    assert series("a", np.array([1.0, 2.0]), np.array([np.inf, 3.0]))["y"] == [None, 3.0]


def test_small_values_keep_their_shape():
    small = np.array([1.23456e-5, 2.0e-5])
    np.testing.assert_allclose(series("a", np.arange(2), small)["y"], small, rtol=1e-4)
    assert series("a", np.arange(2), np.array([np.nan, np.nan]))["y"] == [None, None]
    assert series("a", np.arange(2), np.zeros(2))["y"] == [0.0, 0.0]


def test_without_a_loop_a_job_runs_to_its_end():
    done, failures = [], []
    Job(failures.append).start(iter([done.append(1), done.append(2)]))
    assert done == [1, 2] and not failures


def test_a_job_that_fails_says_so():
    def steps():
        yield
        raise RuntimeError("half way")

    failures = []
    Job(failures.append).start(steps())
    assert str(failures[0]) == "half way"


def test_the_newest_job_wins():
    done = []

    def steps(name, count):
        for index in range(count):
            done.append((name, index))
            yield

    async def session():
        job = Job(pytest.fail, asyncio.get_running_loop)
        job.start(steps("old", 1000))
        await asyncio.sleep(0.02)
        job.start(steps("new", 3))
        while job.running:
            await asyncio.sleep(0.001)

    # In a thread of its own: the browser tests may have left a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, session()).result()
    assert done[-3:] == [("new", 0), ("new", 1), ("new", 2)]
    assert 0 < sum(name == "old" for name, _ in done) < 1000
