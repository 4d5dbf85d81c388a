import hashlib
import importlib.util
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.scenes import standard_sets
from lessons_lib.scenes.standard_sets import (
    STANDARD_SETS,
    StandardSetMissing,
    fetch_standard_set,
    standard_pairs,
    standard_set,
)

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


# ---- the table of standard sets ----


def test_table_has_every_set_whole():
    counts = {name: len(standard_sets._rows(name)) for name in STANDARD_SETS}
    assert counts == {
        "Set12": 12, "BSD68": 68, "CBSD68": 68, "CC15": 30, "RNI15": 15, "NC12": 12
    }  # fmt: skip
    for name in STANDARD_SETS:
        for row in standard_sets._rows(name):
            assert len(bytes.fromhex(row["sha256"])) == 32
            assert f"/{name}/" in row["file"]


def test_table_is_what_the_tool_writes(shared_data, tmp_path):
    if not (shared_data / "MANIFEST.tsv").is_file():
        pytest.skip("this data folder has no MANIFEST.tsv")
    path = ROOT / "tools" / "make_standard_sets.py"
    spec = importlib.util.spec_from_file_location("make_standard_sets", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.main(shared_data / "MANIFEST.tsv", tmp_path / "table.tsv")
    assert (tmp_path / "table.tsv").read_bytes() == standard_sets._TABLE.read_bytes()


def test_address_is_the_raw_file_at_the_pinned_commit():
    address = standard_sets._url(f"cszn/DnCNN@{COMMIT}:testsets/Set 12/01.png")
    assert address == (
        f"https://raw.githubusercontent.com/cszn/DnCNN/{COMMIT}/testsets/Set%2012/01.png"
    )


# ---- reading the sets ----


@pytest.fixture
def tiny_set(tmp_path, monkeypatch):
    """A Set12 of two 4 px images, and the folder that a server would have."""
    server = tmp_path / "server" / "owner" / "repository" / COMMIT / "images"
    server.mkdir(parents=True)
    lines = ["set\tfile\tbytes\tsha256\tsource\tlicence"]
    for k in (1, 2):
        path = server / f"0{k}.png"
        PillowImage.fromarray(np.full((4, 4), 51 * k, np.uint8)).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        source = f"owner/repository@{COMMIT}:images/0{k}.png"
        lines.append(f"Set12\teval/Set12/0{k}.png\t0\t{digest}\t{source}\tnone")
    table = tmp_path / "table.tsv"
    table.write_text("\n".join(lines))
    monkeypatch.setattr(standard_sets, "_TABLE", table)
    return tmp_path / "server"


@pytest.fixture
def served(tiny_set, monkeypatch):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tiny_set)))
    address = f"http://127.0.0.1:{server.server_port}/{{repository}}/{{commit}}/{{path}}"
    monkeypatch.setattr(standard_sets, "FILE_URL", address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield tiny_set
    server.shutdown()
    thread.join()
    server.server_close()


def test_without_a_folder_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv("WHY_EDGES_BLUR_DATA", raising=False)
    message = (
        r"^Set12 is not part of the course and no folder is named; set WHY_EDGES_BLUR_DATA to "
        r"the folder that holds eval and real, or download it with "
        r"lessons_lib\.scenes\.standard_sets\.fetch_standard_set\('Set12'"
    )
    with pytest.raises(StandardSetMissing, match=message) as info:
        standard_set("Set12")
    assert isinstance(info.value, FileNotFoundError)


def test_a_folder_without_the_set(tmp_path):
    with pytest.raises(StandardSetMissing, match=r"CC15 is not in .*: no real/CC15/cc_mean/5dm"):
        standard_set("CC15", tmp_path)


def test_unknown_sets():
    with pytest.raises(ValueError, match="must be one of Set12, BSD68, .*; got 'Kodak24'"):
        standard_set("Kodak24")
    with pytest.raises(ValueError, match="only CC15 has noisy and clean pairs, got 'NC12'"):
        standard_pairs("NC12")


def test_another_file_under_the_right_name_is_refused(tiny_set, tmp_path):
    folder = tmp_path / "eval" / "Set12"
    folder.mkdir(parents=True)
    for k in (1, 2):
        PillowImage.new("L", (4, 4)).save(folder / f"0{k}.png")
    with pytest.raises(ValueError, match=r"is not the published 01.png: expected sha256 .*; del"):
        standard_set("Set12", tmp_path)


@pytest.mark.parametrize("name", STANDARD_SETS)
def test_real_sets(shared_data, name, monkeypatch):
    monkeypatch.setenv("WHY_EDGES_BLUR_DATA", str(shared_data))
    images = standard_set(name)
    assert len(images) == len(standard_sets._rows(name))
    grey = name in ("Set12", "BSD68")
    for image in images.values():
        assert image.dtype == np.float64
        assert image.ndim == (2 if grey else 3)
        assert 0 <= image.min() < image.max() <= 1


def test_pairs_of_cc15_have_the_published_noise(shared_data):
    pairs = standard_pairs("CC15", shared_data)
    assert len(pairs) == 15
    psnr = [10 * np.log10(1 / np.mean((noisy - clean) ** 2)) for noisy, clean in pairs.values()]
    # 33.41 dB, stated with two decimals beside the data.
    assert np.mean(psnr) == pytest.approx(33.41, abs=0.005)


def test_transparent_bands_of_nc12_are_cut_off(shared_data):
    image = standard_set("NC12", shared_data)["__192x192__bears.png"]
    assert image.shape == (128, 192, 3)  # 192 rows, of which 64 are transparent
    assert image[0].max() > 0
    assert image[-1].max() > 0


# ---- fetching ----


def test_fetch_then_read(served, tmp_path, capfd):
    paths = fetch_standard_set("Set12", tmp_path / "new")
    assert [path.name for path in paths] == ["01.png", "02.png"]
    images = standard_set("Set12", tmp_path / "new")
    assert {name: image[0, 0] for name, image in images.items()} == {"01.png": 0.2, "02.png": 0.4}
    assert capfd.readouterr() == ("", "")


def test_whole_files_are_not_fetched_again_and_damaged_ones_are(served, tmp_path, capsys):
    first, second = fetch_standard_set("Set12", tmp_path, progress=True)
    assert capsys.readouterr().out.endswith("Set12: 2 of 2 files\n")
    before = first.stat().st_mtime_ns
    second.write_bytes(b"damaged")
    fetch_standard_set("Set12", tmp_path)
    assert first.stat().st_mtime_ns == before
    assert len(standard_set("Set12", tmp_path)) == 2


def test_other_bytes_from_the_server_are_refused(served, tmp_path):
    for path in served.rglob("01.png"):
        path.write_bytes(b"<html>please log in</html>")
    message = "sent other bytes than the published eval/Set12/01.png; nothing was kept"
    with pytest.raises(ValueError, match=message):
        fetch_standard_set("Set12", tmp_path)
    assert not (tmp_path / "eval" / "Set12" / "01.png").exists()


def test_a_file_that_the_server_lacks(served, tmp_path):
    for path in served.rglob("02.png"):
        path.unlink()
    with pytest.raises(ConnectionError, match=r"not download .*02.png \(HTTPError\); 1 of 2"):
        fetch_standard_set("Set12", tmp_path)


def test_offline_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]  # closed again below: nobody listens there
    monkeypatch.setattr(standard_sets, "FILE_URL", f"http://127.0.0.1:{port}/{{path}}")
    start = time.monotonic()
    message = (
        r"could not download http://127.0.0.1:.* \(ConnectionError\); 0 of 12 files are in .*; "
        "check the internet connection and call this again; the lessons work without it"
    )
    with pytest.raises(ConnectionError, match=message):
        fetch_standard_set("Set12", tmp_path)
    assert time.monotonic() - start < 5


def test_a_silent_server_does_not_hang(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(standard_sets, "FILE_URL", f"http://127.0.0.1:{port}/{{path}}")
        with pytest.raises(ConnectionError, match="ReadTimeout"):
            fetch_standard_set("Set12", tmp_path, timeout=0.2)
