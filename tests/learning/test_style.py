"""Style transfer: the network's layout and laws, features, Gram matrices, the committed files."""

import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from safetensors import safe_open

from benchmarks import style as bench
from lessons_lib.learning import style, style_weights
from lessons_lib.learning.checkpoints import facts_of
from lessons_lib.learning.layers import parameters_of
from lessons_lib.learning.style_features import Features, gram, gram_distance, grams
from lessons_lib.learning.style_measures import checkerboard, texture_distance
from lessons_lib.learning.style_network import StyleShape
from lessons_lib.learning.style_plan import StylePlan, train_style, windows
from lessons_lib.learning.style_training import descend
from lessons_lib.scenes.pictures import picture

ROWS = style_weights.table()
MOSAIC_NAMES = tuple(style.MOSAICS)
PHOTO = picture("coffee", 128).astype(np.float32)


def random_net(upsampling="nearest", scale=255.0):
    torch.manual_seed(0)
    return StyleShape(4, 1, upsampling, scale).build()


# The network


def test_the_published_width_has_the_published_number_of_parameters():
    assert parameters_of(StyleShape(32, upsampling="transposed").build()) == 1_679_235


@pytest.mark.parametrize("upsampling", ["nearest", "transposed"])
@pytest.mark.parametrize("size", [(8, 8), (33, 50), (41, 39)])
def test_any_size_comes_back(upsampling, size):
    with torch.inference_mode():
        assert random_net(upsampling)(torch.rand(2, 3, *size)).shape == (2, 3, *size)


@pytest.mark.parametrize("name", MOSAIC_NAMES)
@pytest.mark.parametrize(("gain", "offset"), [(0.05, 0.0), (0.05, 0.7), (3.0, -1.0)])
def test_exposure_is_erased(name, gain, offset):
    shape = style_weights.load(name).shape
    network = shape.build().double()
    network.load_state_dict(style_weights.load(name).state_dict())
    x = torch.from_numpy(np.moveaxis(PHOTO, 2, 0)[None].astype(np.float64))
    with torch.inference_mode():
        # eps of 1e-5 beside variances of (.05 x 255 x contrast)^2: some 1e-6 of a layer.
        assert float((network(gain * x + offset) - network(x)).abs().max()) < 1e-4


def test_small_pictures_keep_a_trace_of_exposure():
    """In [0, 1] the norm's eps is no longer nothing."""
    x = torch.rand(1, 3, 32, 32, dtype=torch.float64)
    gaps = []
    for scale in (255.0, 1.0):
        network = random_net(scale=scale).double()
        with torch.inference_mode():
            gaps.append(float((network(0.05 * x) - network(x)).abs().max()))
    assert gaps[1] > 100 * gaps[0]


def test_a_shape_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="transposed, nearest, got 'bilinear'"):
        StyleShape(upsampling="bilinear")
    with pytest.raises(ValueError, match="at least 1"):
        StyleShape(width=0)


# Features and Gram matrices


def test_gram_matrices_are_mean_products():
    maps = torch.rand(2, 5, 6, 7)
    by_hand = torch.einsum("bkij,blij->bkl", maps, maps) / 42
    torch.testing.assert_close(gram(maps), by_hand)
    moved = maps.flatten(2)[..., torch.randperm(42)].view(2, 5, 7, 6)
    torch.testing.assert_close(gram(moved), by_hand)


def test_the_distance_is_0_for_itself_and_1_for_nothing():
    features = Features(channels=1, count=5, scales=2)
    some = grams(features.maps(torch.rand(1, 1, 40, 40)))
    assert gram_distance(some, some).item() == 0
    nothing = [torch.zeros_like(one) for one in some]
    assert gram_distance(nothing, some).item() == pytest.approx(1, abs=1e-6)
    assert gram_distance(nothing, some, floor=1e9).item() < 1e-6


def test_features_are_the_same_each_time_and_blind_to_brightness():
    features = Features(channels=3, count=4, scales=2)
    torch.testing.assert_close(features.filters(), features.filters(), rtol=0, atol=0)
    x = torch.rand(1, 3, 32, 32)
    for one, other in zip(features.maps(x), features.maps(x + 0.2), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    seeing = Features(channels=3, count=4, scales=1, mean_kept=1.0)
    assert (seeing.maps(x)[0] - seeing.maps(x + 0.2)[0]).abs().max() > 0.01


def test_features_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="need 3 channels and sides of at least 40 px"):
        Features().maps(torch.rand(1, 3, 39, 64))
    with pytest.raises(ValueError, match="need 3 channels"):
        Features().maps(torch.rand(1, 1, 64, 64))


def test_windows_cut_squares():
    x = torch.arange(2 * 3 * 8 * 8.0).view(2, 3, 8, 8)
    cut = windows(x, 4)
    assert cut.shape == (8, 3, 4, 4)
    torch.testing.assert_close(cut[1], x[0, :, :4, 4:])
    torch.testing.assert_close(cut[6], x[1, :, 4:, :4])


# Measures


def test_the_checkerboard_score_of_known_pictures():
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.standard_normal((200, 203))
    rows, cols = np.indices(noise.shape)
    board = 0.1 * ((rows + cols) % 2)
    # 16 means of 2,500 pixels each explain 16 / 40,000 of white noise, a few times that at most.
    assert checkerboard(noise) < 2e-3
    # The Gaussian's mirrored border disturbs the outermost pixels of the pattern.
    assert checkerboard(board) > 0.98
    assert checkerboard(np.full((9, 9), 0.3)) == 0
    with pytest.raises(ValueError, match="at least 4 x 4 px"):
        checkerboard(noise[:3])


# The committed files


@pytest.mark.parametrize("name", ROWS)
def test_the_committed_file_is_the_one_in_the_table(name):
    row, path = ROWS[name], style_weights.FOLDER / ROWS[name]["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert path.stat().st_size < 3_000_000
    network = style_weights.load(name)
    assert not network.training and network.shape == style.NETWORKS[name].shape
    assert int(row["parameters"]) == parameters_of(network)
    with safe_open(path, "pt") as opened:
        made = json.loads(opened.metadata()["made"])
    plan = facts_of(style.NETWORKS[name])
    assert {key: made[key] for key in plan} == plan
    assert made["name"] == name and made["images"] == "bundled"
    assert f"`{name}`" in (style_weights.FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_network_is_committed_and_known():
    assert tuple(ROWS) == tuple(style.NETWORKS)
    with pytest.raises(ValueError, match="must be one of mosaic, .* got 'monet'"):
        style_weights.load("monet")


def test_the_card_holds_the_stored_scores():
    assert bench.card(bench.stored()) in bench.CARD.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MOSAIC_NAMES)
def test_the_stored_scores_are_those_of_the_files(name):
    row = bench.stored()["rows"][f"{name} 0"]
    found = bench.score_mosaic(style_weights.load(name))
    for key, value in found.items():
        # Half precision in the file moves them by some per mille.
        assert value == pytest.approx(row[key], rel=0.05, abs=0.003), key


@pytest.mark.parametrize("name", MOSAIC_NAMES)
def test_the_mosaic_reaches_what_the_lesson_says(name):
    row = bench.stored()["rows"][f"{name} 0"]
    for photo in ("coffee", "camera"):
        assert row[f"{photo}_before"] > 3 * row[f"{photo}_after"]


@pytest.mark.parametrize("seed", range(3))
def test_transposed_convolution_leaves_a_checkerboard_before_any_training(seed):
    scores = []
    for upsampling in ("transposed", "nearest"):
        torch.manual_seed(seed)
        network = StyleShape(upsampling=upsampling).build()
        scores.append(checkerboard(style.stylise(PHOTO, network)))
    assert scores[0] > 5 * scores[1]


def test_a_damaged_or_missing_file_is_refused(tmp_path):
    path = tmp_path / "one.safetensors"
    with pytest.raises(FileNotFoundError, match="are missing"):
        style_weights.load_style(path)
    sha256 = style_weights.save_style(path, random_net(), {})
    assert parameters_of(style_weights.load_style(path, sha256)) == parameters_of(random_net())
    with pytest.raises(ValueError, match="is not the file that was committed"):
        style_weights.load_style(path, "0" * 64)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="cut short or not a style network"):
        style_weights.load_style(path)
    denoiser = style_weights.FOLDER / ROWS["denoise_mse"]["file"]
    with pytest.raises(ValueError, match="not a style network"):
        style_weights.load_style(denoiser)


# Stylising a photo


@pytest.mark.parametrize("shape", [(32, 32), (61, 47), (50, 33, 1), (45, 38, 3)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_grey_and_odd_photos_become_mosaics(shape, kind):
    photo = np.random.default_rng(0).random(shape).astype(kind)
    given = photo.copy()
    made = style.stylise(photo)
    assert made.shape == (*shape[:2], 3) and np.isfinite(made).all()
    np.testing.assert_array_equal(photo, given)


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (np.zeros((40, 31, 3)), "at least 32 x 32 px, got 40 x 31"),
        (np.full((40, 40, 3), 0.3), "one colour only"),
        (np.random.default_rng(0).random((40, 40, 4)), "drop the alpha channel"),
        (np.zeros((40, 40), dtype=np.uint8), "must be float"),
        (np.full((40, 40), np.nan), "NaN or infinite"),
        (np.zeros((2001, 1000)), "2.0 million pixels"),
    ],
)
def test_impossible_photos_are_refused(photo, words):
    with pytest.raises(ValueError, match=words):
        style.stylise(photo)


def test_a_float32_photo_twenty_times_darker_gives_the_same_mosaic():
    # float32: 1e-7 of 255, through 16 norms that each divide by what is left of the contrast.
    np.testing.assert_allclose(
        style.stylise(np.float32(0.05) * PHOTO), style.stylise(PHOTO), atol=1e-3
    )


# Training


def tiny_plan(steps):
    return StylePlan(
        shape=StyleShape(2, 1), steps=steps, batch=2, side=48, window=48, warming=1,
        features=Features(count=4, scales=2),
    )  # fmt: skip


@pytest.fixture
def colour_pictures():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (60, 70, 3), dtype=np.uint8) for _ in range(2)]


def test_a_training_goes_on_where_it_was_interrupted(tmp_path, colour_pictures):
    whole = [one.loss for one in train_style(tiny_plan(4), colour_pictures)]
    training = train_style(tiny_plan(4), colour_pictures, tmp_path)
    first = [next(training).loss for _ in range(4)]
    assert first == whole and np.isfinite(whole).all()
    again = list(train_style(tiny_plan(4), colour_pictures, tmp_path))
    assert again == []  # nothing is left to do


def test_training_lowers_the_loss(colour_pictures):
    progress = list(train_style(tiny_plan(40), colour_pictures))[-1]
    assert np.mean(progress.losses[-5:]) < 0.8 * np.mean(progress.losses[:5])
    assert progress.step == progress.steps == 40


def test_the_command_trains_and_writes(tmp_path, monkeypatch, capsys):
    threads = torch.get_num_threads()
    pixels = np.random.default_rng(0).integers(0, 256, (140, 150, 3), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(tmp_path / "one.png")
    out = tmp_path / "mine.safetensors"
    asked = ["style", "mosaic", "--images", str(tmp_path), "--steps", "1", "--out", str(out)]
    monkeypatch.setattr("sys.argv", asked)
    style.main()
    torch.set_num_threads(threads)
    printed = capsys.readouterr().out
    assert "step 1 of 1" in printed and style_weights.weights.digest(out) in printed
    assert style_weights.load_style(out).shape == style.MOSAICS["mosaic"].shape


def test_texture_distance_of_two_pieces_of_one_lawn():
    grass, gravel = (picture(name).astype(np.float32) for name in ("grass", "gravel"))
    one, other = grass[:150, :150], grass[200:350, 200:350]
    assert texture_distance(one, one) == 0
    assert texture_distance(other, one) < 0.6 * texture_distance(gravel[:150, :150], one)


def test_a_batch_without_a_finite_gradient_is_left_out():
    def loss_at(network, step):
        loss = network(torch.ones(1, 3, 8, 8) * torch.arange(8.0)).mean()
        return loss * float("nan") if step == 1 else loss

    weights = []
    for progress in descend(tiny_plan(3), loss_at):
        weights.append([one.clone() for one in progress.network.parameters()])
    assert all(torch.isfinite(one).all() for one in weights[-1])
    assert np.isnan(progress.losses[1]) and np.isfinite(progress.losses[2])
