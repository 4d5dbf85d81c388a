"""The denoiser benchmark: its protocol, how it goes on after a stop, and README's table."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

import bootstrap
from benchmarks import denoiser_methods as methods
from benchmarks import denoiser_protocol as protocol
from benchmarks import denoisers as bench
from benchmarks.denoiser_store import Store
from benchmarks.denoiser_table import PUBLISHED, PUBLISHED_SOURCE, disagreements, render
from benchmarks.peers import PEERS, Peer

ROOT = Path(__file__).resolve().parents[2]


# ---- the protocol ----


def test_noise_is_neither_clipped_nor_rounded():
    clean = np.zeros((40, 30))
    noisy = protocol.noisy_copy(clean, 25)
    assert noisy.dtype == np.float32
    assert noisy.min() < 0
    expected = np.random.default_rng(0).standard_normal((40, 30)) * 25 / 255
    # float32 keeps 24 bits of values below 1.
    np.testing.assert_allclose(noisy, expected, atol=2.0**-24)


def test_the_estimate_is_clipped_before_it_is_scored():
    clean = np.full((16, 16), 0.5)
    scores = protocol.fidelity(lambda noisy, sigma: np.full_like(noisy, 7), [clean], 25)
    assert scores["psnr"] == pytest.approx(-10 * math.log10(0.25), abs=1e-4)  # 4 digits are kept


def test_psnr_is_taken_per_image_and_then_averaged():
    clean = [np.full((16, 16), 0.5), np.full((20, 12), 0.5)]
    offsets = {(16, 16): 0.1, (20, 12): 0.01}

    def estimate(noisy, sigma):
        assert sigma == 15 / 255
        return 0.5 + np.full(noisy.shape, offsets[noisy.shape])

    assert protocol.fidelity(estimate, clean, 15)["psnr"] == pytest.approx((20 + 40) / 2)


def test_methods_take_turns_and_the_median_round_counts():
    # One method lasts a tick, the other ten; in the second of three rounds all takes longer.
    ticks, calls = {"short": 1.0, "long": 10.0}, []
    now = 0.0

    def method(name):
        def denoise(noisy, sigma):
            nonlocal now
            calls.append(name)
            slow = 5 if len(calls) in (7, 8, 9, 10) else 1
            now += ticks[name] * slow
            return noisy

        return denoise

    images = [np.zeros((100, 100)), np.zeros((100, 100))]
    seconds = protocol.seconds_per_megapixel(
        {name: method(name) for name in ticks}, images, 25, rounds=3, clock=lambda: now
    )
    assert calls == ["short", "long"] * 7  # once to warm up, then 2 images in 3 rounds
    # 2 images of 0.01 megapixels: 2 ticks in 0.02 megapixels.
    assert seconds == pytest.approx({"short": 100, "long": 1000})


def test_both_numbers_of_threads_see_the_same_images():
    calls = []

    def method(name):
        def denoise(noisy, sigma):
            calls.append((name, noisy.shape))
            return noisy

        return denoise

    images = [np.zeros((10, 10)), np.zeros((20, 10))]
    seconds = protocol.threads_seconds(method("one"), method("two"), images, 25, rounds=2)
    turn = [(name, image.shape) for name in ("one", "two") for image in images]
    assert calls == [("one", (10, 10)), ("two", (10, 10)), *turn, *turn]
    assert set(seconds) == {"one", "two"} and min(seconds.values()) > 0
    assert methods.threaded() == ["non-local means", "BM3D"]


def test_edge_widths_are_those_of_the_course():
    widths = protocol.edge_widths(methods.denoiser("Gaussian", bench.EDGE_LEVEL))
    assert len(widths["mean"]) == len(widths["single"]) == 4
    # A linear filter blurs alike at every contrast; 24 draws scatter by 4 % at ratio 1.
    assert widths["mean"] == pytest.approx([widths["mean"][0]] * 4, rel=0.12)


# ---- the methods and their peers ----


def test_every_pair_names_a_method_and_peers():
    assert set(methods.PAIRS) | set(methods.GOALS) <= set(methods.ours())
    named = {key for keys in methods.PAIRS.values() for key in keys}
    assert named | {"noisy"} == set(PEERS)
    assert set(methods.COST_LIMITS) <= named


@pytest.mark.parametrize("key", PEERS)
def test_a_peer_keeps_shape_and_input(key):
    if not PEERS[key].available():
        pytest.skip(f"{PEERS[key].distribution} is not installed (requirements-bench.txt)")
    noisy = protocol.noisy_copy(np.full((33, 40), 0.5), 25)
    before = noisy.copy()
    for level in bench.LEVELS:
        assert PEERS[key].denoiser(level)(noisy, level / 255).shape == noisy.shape
        np.testing.assert_array_equal(noisy, before)


def test_peers_run_with_the_settings_of_the_reference_run(shared_data):
    reference = json.loads((shared_data / "peers_params.json").read_text())
    ours_for = {
        "scipy_gaussian": {"g": "width"},
        "scipy_median": {"k": "side"},
        "scipy_wiener": {"k": "side"},
        "cv2_bilateral": {"c": "value_ratio", "g": "width"},
        "skimage_bilateral": {"c": "value_ratio", "g": "width"},
        "skimage_tv_chambolle": {"w": "weight_ratio"},
        "skimage_tv_default": {"w": "weight_ratio"},
        "skimage_wavelet_visu": {"w": "wavelet", "k": "threshold_ratio"},
        "skimage_wavelet_bayes": {"w": "wavelet"},
        "skimage_wavelet_bayes_cs": {"w": "wavelet", "sh": "shifts"},
        "skimage_nlm_fast": {"ps": "patch", "pd": "distance", "h": "width_ratio"},
    }
    assert set(ours_for) == set(PEERS) - {"noisy"}
    for key, names in ours_for.items():
        wanted = reference[key.replace("tv_default", "tv_chambolle")]
        for level in bench.LEVELS:
            settings = {k: v for k, v in PEERS[key].settings[level].items() if k != "eps"}
            assert settings == {names[k]: v for k, v in wanted[str(level)].items()}, key


def test_a_missing_package_is_said_plainly(monkeypatch, stored):
    monkeypatch.setattr(Peer, "available", lambda self: self.module != "cv2")
    assert methods.peers_of("bilateral") == ["skimage_bilateral"]
    text = render(stored | {"not installed": methods.missing_peers()})
    assert "OpenCV `bilateralFilter` was not measured, because its package is not installed " in (
        text
    )


def test_a_changed_setting_or_source_changes_the_fingerprint(tmp_path):
    # A peer that the course itself depends on: OpenCV is installed for the benchmark alone.
    assert methods.fingerprint("scipy_median", 15) != methods.fingerprint("scipy_median", 25)
    first, second = tmp_path / "a" / "rule.py", tmp_path / "b" / "rule.py"
    for path, text in ((first, "WIDTH = 1\n"), (second, "WIDTH = 2\n")):
        path.parent.mkdir()
        path.write_text(text)
    assert methods.sources_hash(first) != methods.sources_hash(second)
    assert repr(methods.denoiser("median", 25)) in methods.fingerprint("median", 25)


def test_a_result_depends_on_the_sources_that_its_method_imports():
    names = {path.name for path in methods.sources_of("lessons_lib.denoisers.linear")}
    assert names == {"linear.py", "contract.py", "image.py"}
    network = {path.name for path in methods.sources_of("lessons_lib.denoisers.network")}
    assert {"network.py", "networks.py", "layers.py", "batches.py", "contract.py"} <= network
    assert "bm3d.py" not in network


# ---- going on after a stop ----


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "build" / "results.jsonl")


def test_a_result_is_kept_for_its_fingerprint_alone(store):
    store.put("median", "radius 2", {"psnr": 24.9})
    again = Store(store.path)
    assert again.get("median", "radius 2") == {"psnr": 24.9}
    assert again.get("median", "radius 3") is None
    assert again.get("bilateral", "radius 2") is None


def test_the_later_of_two_lines_counts(store):
    store.put("median", "radius 2", {"psnr": 24.9})
    store.put("median", "radius 3", {"psnr": 24.1})
    assert Store(store.path).get("median", "radius 3") == {"psnr": 24.1}
    assert Store(store.path).get("median", "radius 2") is None


def test_a_line_cut_short_by_a_kill_is_measured_again(store):
    store.put("median", "m", {"psnr": 24.9})
    store.put("bilateral", "b", {"psnr": 27.5})
    store.path.write_bytes(store.path.read_bytes()[:-9])
    again = Store(store.path)
    assert again.get("median", "m") == {"psnr": 24.9}
    assert again.get("bilateral", "b") is None
    again.put("bilateral", "b", {"psnr": 27.5})  # must not be glued to the torn line
    assert Store(store.path).get("bilateral", "b") == {"psnr": 27.5}


@pytest.mark.parametrize("line", [b"\xff\x00 no text", b"[1, 2]", b'{"key": "median"}', b""])
def test_a_corrupt_line_is_skipped(store, line):
    store.put("median", "m", {"psnr": 24.9})
    store.path.write_bytes(line + b"\n" + store.path.read_bytes())
    assert Store(store.path).get("median", "m") == {"psnr": 24.9}


def test_forget_drops_what_is_named(store):
    store.put("median", "m", {"psnr": 24.9})
    store.put("bilateral", "b", {"psnr": 27.5})
    store.forget(["median"])
    assert store.get("median", "m") is None
    assert Store(store.path).get("median", "m") is None
    assert Store(store.path).get("bilateral", "b") == {"psnr": 27.5}


def made_up(task: bench.Task) -> dict:
    """A result of the right form."""
    if task.kind == "cost":
        return dict.fromkeys(task.names(), 0.5)
    if task.kind == "edges":
        return {"mean": [1.0, 2.0, 3.0, None], "single": [1.0, 2.0, 3.0, 4.0]}
    return {"psnr": 27.0, "ssim": 0.7}


@pytest.fixture
def marks():
    return {task: "mark" for task in bench.plan(["bilateral", "box"], ("Set12",), (25,))}


def test_a_quick_run_takes_costs_less_often_and_keeps_them_apart():
    whole, quick = (bench.plan(["BM3D"], ("Set12",), (25,), quick) for quick in (False, True))
    assert {task.kind for task in whole} == {"fidelity", "edges", "cost", "threads"}
    assert {task.kind for task in quick} == {"fidelity", "edges", "cost"}
    shared = {task.key for task in quick} & {task.key for task in whole}
    assert {key.split(" | ")[0] for key in shared} == {"fidelity", "edges"}
    assert [task.rounds for task in quick if task.kind == "cost"] == [bench.QUICK_ROUNDS]


def test_a_stopped_run_goes_on_where_it_was(monkeypatch, store, marks):
    measured = []

    def stopped(tasks, folder, workers):
        for task in tasks[:2]:
            measured.append(task)
            yield task, made_up(task)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        bench.measure_missing(marks, store, "", 2)

    def whole(tasks, folder, workers):
        for task in tasks:
            measured.append(task)
            yield task, made_up(task)

    monkeypatch.setattr(bench, "run", whole)
    assert bench.measure_missing(marks, Store(store.path), "", 2) == 0
    assert measured == list(marks), "each once, in order"
    marks = {task: "other" if task.method == "box" else mark for task, mark in marks.items()}
    measured.clear()
    bench.measure_missing(marks, Store(store.path), "", 2)
    assert {task.method for task in measured} == {"box"}, "what has changed is measured again"
    table = render(bench.collect(marks, Store(store.path)))
    assert "| **bilateral** | 27.00 | 0.700 | 0.50 |" in table


def test_a_method_that_fails_costs_no_other_result(monkeypatch, store, marks, capsys):
    def one_fails(tasks, folder, workers):
        for task in tasks:
            broken = task.kind == "fidelity" and task.method == "box"
            yield task, ValueError("no such width") if broken else made_up(task)

    monkeypatch.setattr(bench, "run", one_fails)
    assert bench.measure_missing(marks, store, "", 2) == 1
    assert "fidelity | box | Set12 | 25: FAILED: ValueError('no such width')" in (
        capsys.readouterr().out
    )
    assert sum(store.get(task.key, mark) is None for task, mark in marks.items()) == 1


def test_costs_are_taken_last_and_alone(monkeypatch, store, marks):
    calls = []

    def note(tasks, folder, workers):
        calls.append(({task.kind for task in tasks}, workers))
        return iter(())

    monkeypatch.setattr(bench, "run", note)
    bench.measure_missing(marks, store, "", 2)
    assert calls == [({"fidelity", "edges"}, 2), ({"cost"}, 1)]


# ---- the command ----


def test_missing_images_are_said_without_a_traceback(tmp_path, capsys):
    assert bench.main(["--quick", "--data", str(tmp_path / "nowhere")]) == 2
    text = capsys.readouterr().err
    assert text.startswith("The benchmark cannot start: Set12 is not in ")
    assert "set WHY_EDGES_BLUR_DATA to the folder that holds eval" in text


def test_the_folder_is_the_named_one_or_the_variable_or_beside(monkeypatch, tmp_path):
    monkeypatch.setenv("WHY_EDGES_BLUR_DATA", str(tmp_path))
    assert bench.data_folder(None) == str(tmp_path.resolve())
    assert bench.data_folder("/other") == str(Path("/other").resolve())
    monkeypatch.delenv("WHY_EDGES_BLUR_DATA")
    assert bench.data_folder(None) == str((ROOT.parent / "shared" / "data").resolve())


def test_both_benchmarks_have_a_command():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = make.split("\n\n")[1].split(":")[0].split()
    assert {"bench", "latency"} <= set(targets) & set(bootstrap.COMMANDS)


def test_bench_goes_on_without_its_own_requirement(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(bootstrap, "setup", lambda tests: None)
    monkeypatch.setattr(bootstrap, "pip", lambda *words, quiet: False)
    monkeypatch.setattr(bootstrap, "run", lambda *words: asked.append(words[1:]) or 0)
    assert bootstrap.bench(["--quick"]) == 0
    assert asked == [("-m", "benchmarks.denoisers", "--quick")]
    assert "the table will say what is missing" in capsys.readouterr().out


def test_the_bench_requirement_is_pinned():
    lines = (ROOT / "requirements-bench.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split("==")[0] for line in lines if not line.startswith("#")]
    assert names == ["opencv-python-headless"]
    assert all("==" in line for line in lines if not line.startswith("#"))


# ---- the table ----


@pytest.fixture(scope="module")
def stored():
    return json.loads(bench.RESULT.read_text(encoding="utf-8"))


def test_readme_shows_the_stored_results(stored):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- denoiser table: begin -->\n")[1]
    assert table.split("\n<!-- denoiser table: end -->")[0] == render(stored)
    assert "Measured by `make bench` on " in render(stored)


def test_the_stored_results_are_of_all_methods(stored):
    ours = [method["name"] for method in stored["methods"] if method["ours"]]
    assert ours == methods.ours()
    for method in stored["methods"]:
        assert {name: list(levels) for name, levels in method["fidelity"].items()} == {
            "Set12": ["15", "25", "50"], "BSD68": ["15", "25", "50"]
        }  # fmt: skip


def test_peers_agree_with_an_earlier_measurement(stored, shared_data):
    text = disagreements(stored, shared_data / "peers.tsv")
    assert text == "66 values of peers.tsv compared, 0 differ by more than 0.02 dB"


def test_a_disagreement_is_named(stored, tmp_path):
    path = tmp_path / "peers.tsv"
    path.write_text("method\tdataset\tsigma\tpsnr\nnoisy\tSet12\t25\t21.0\n")
    text = disagreements(stored, path)
    assert "1 values of peers.tsv compared, 1 differ" in text
    assert "noisy Set12 25: 20.338 here, 21.000 there" in text
    assert disagreements(stored, tmp_path / "none.tsv").startswith("No none.tsv")


def small_result(ours: float, theirs: float, seconds: float, limit: float) -> dict:
    """One method with one peer that costs 1 s/MP."""
    psnrs = {"ours": ours, "peer": theirs}
    both = {
        name: {"Set12": {"25": {"psnr": value, "ssim": 0.7}}} for name, value in psnrs.items()
    }
    cost = {"25": {"mine": seconds, "other": 1.0}}
    return {
        "machine": "a machine, 2026-01-02", "packages": "numpy 0", "not installed": [],
        "rounds": 5, "days": ["2026-01-01", "2026-01-02"],
        "methods": [
            {"name": "mine", "label": "mine", "ours": True, "rule": "width 1 px",
             "fidelity": both["ours"], "cost": cost,
             "edges": {"mean": [1, 2, 3, None], "single": [1, 2, 3, 4]}},
            {"name": "other", "label": "other", "ours": False, "fidelity": both["peer"],
             "cost": {}, "edges": {}, "cost limit": limit},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "seconds", "limit", "verdict"),
    [
        (27.0, 1.0, 1.05, "1.00 | yes"),
        (26.996, 1.05, 1.05, "1.05 | yes"),  # what is compared is what is printed
        (26.994, 1.0, 1.05, "1.00 | PSNR 0 of 1, cost yes"),
        (28.0, 1.06, 1.05, "1.06 | PSNR 1 of 1, cost no"),
        (28.0, 2.9, 3.0, "2.90 | yes"),
    ],
)
def test_whether_ours_reaches_a_peer_is_computed(ours, seconds, limit, verdict):
    lines = render(small_result(ours, 27.0, seconds, limit)).splitlines()
    assert next(line for line in lines if line.startswith("| other")) == (
        f"| other | 27.00 | 0.700 | 1.00 | {verdict} |"
    )


def test_the_table_says_where_an_edge_is_lost_and_how_old_the_results_are():
    text = render(small_result(27, 27, 1, 1.05))
    assert "| mine | 1.0 (1.0) | 2.0 (2.0) | 3.0 (3.0) | no edge (4.0) | width 1 px |" in text
    assert "a machine, 2026-01-02 (the oldest results are of 2026-01-01), numpy 0." in text


def test_each_table_is_well_formed(stored):
    blocks = [b for b in render(stored).split("\n\n") if b.startswith("|")]
    assert len(blocks) == 2
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_published_values_are_quoted_from_their_source(shared_data):
    with open(shared_data / "published.tsv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["metric"] == "PSNR"]
    values = {
        (row["method"], row["dataset"], row["noise"]): float(row["value"])
        for row in rows
        if row["source"] == PUBLISHED_SOURCE  # so not SECONDARY, MEMORY or SUSPECT
    }
    for method, sets in PUBLISHED.items():
        for name, numbers in sets.items():
            for level, number in zip((15, 25, 50), numbers, strict=True):
                assert values[method, name, f"AWGN sigma={level}"] == number
