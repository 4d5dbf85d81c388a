import hashlib

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.image import luminance
from lessons_lib.scenes.night_street import night_street, street_crops, street_edges
from lessons_lib.scenes.street.canvas import Canvas
from lessons_lib.scenes.street.light import Camera, Lamp, Panel

# The exposure that the course shows the street at: electrons at scene white, and read noise.
ELECTRONS_AT_WHITE, READ_NOISE = 60, 2.0


@pytest.fixture(scope="module")
def street():
    return night_street()


@pytest.fixture(scope="module")
def small_street():
    return night_street(128, 192)


def night_sigma(level):
    """Standard deviation of shot and read noise, in scene units."""
    return np.sqrt(level * ELECTRONS_AT_WHITE + READ_NOISE**2) / ELECTRONS_AT_WHITE


def levels_beside(image, edge, distance):
    """Means of the luminance along the edge, ``distance`` px above and below it."""
    start, end = np.array(edge.start), np.array(edge.end)
    along = (end - start) / np.linalg.norm(end - start)
    normal = np.array([-along[1], along[0]])  # points up: towards smaller rows
    share = np.linspace(0.05, 0.95, 80)[:, None]
    line = start + share * (end - start)
    grey = luminance(image)
    above, below = (
        ndimage.map_coordinates(grey, (line + side * distance * normal).T, order=1).mean()
        for side in (1, -1)
    )
    return above, below


def high_pass_energy(image):
    """Mean square of what a Gaussian of 2 px takes away, relative to the squared mean."""
    grey = luminance(image)
    fine = grey - ndimage.gaussian_filter(grey, 2)
    return (fine**2).mean() / grey.mean() ** 2


def test_it_is_a_linear_light_colour_image(street):
    assert street.shape == (512, 768, 3)
    assert street.dtype == np.float64
    assert np.isfinite(street).all()
    assert street.min() >= 0


def test_it_is_the_same_picture_each_time(small_street):
    first, second = (
        hashlib.sha256(image.tobytes()).hexdigest()
        for image in (small_street, night_street(128, 192))
    )
    assert first == second


def test_it_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    night_street(128, 128)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_it_has_a_high_dynamic_range(street):
    grey = luminance(street)
    assert 5 < street.max() <= 9  # the lamps
    assert 0.001 < (grey > 1).mean() < 0.02  # few pixels are brighter than white
    assert 0.02 < np.median(grey) < 0.08  # most of it is night
    assert np.percentile(grey, 1) < 0.02


def test_the_light_is_warm_left_and_cool_in_the_sky(street):
    sky, bricks = street[20:120, 560:660], street[100:200, 300:350]
    assert sky[..., 2].mean() > 1.3 * sky[..., 0].mean()
    assert bricks[..., 0].mean() > 1.5 * bricks[..., 2].mean()


@pytest.mark.parametrize("size", [(128, 128), (131, 257), (300, 150), (200, 500)])
def test_any_size_from_128_up(size):
    image = night_street(*size)
    assert image.shape == (*size, 3)
    assert np.isfinite(image).all() and image.min() >= 0


def test_a_small_street_is_the_large_one_averaged_down(street, small_street):
    # Area sampling: 4 x 4 default pixels cover one small pixel. The lens glare is as wide
    # in the scene at both sizes. What is left is a few samples at edges, most of all at
    # lamps, so square roots are compared, and by their mean error (0.006 when written).
    averaged = street.reshape(128, 4, 192, 4, 3).mean(axis=(1, 3))
    assert np.abs(np.sqrt(averaged) - np.sqrt(small_street)).mean() < 0.012


@pytest.mark.parametrize("size", [(512, 768), (128, 128), (301, 455)])
def test_crops_lie_inside_the_picture(size):
    crops = street_crops(*size)
    assert set(crops) == {"strong edge", "weak edge", "texture", "sign"}
    for crop in crops.values():
        for part, side, default in zip(crop, size, (512, 768), strict=True):
            assert 0 <= part.start < part.stop <= side
            assert part.stop - part.start == round(96 * side / default)


def test_the_strong_edge_crop_has_a_strong_edge(street):
    strong, weak = (
        luminance(street[street_crops()[name]]) for name in ("strong edge", "weak edge")
    )
    steepest, steepest_weak = (np.hypot(*np.gradient(grey)).max() for grey in (strong, weak))
    # A step of area-sampled height h has a central difference of up to h / 2; the window
    # rises by 0.45 and its noise half way up is 0.07, so 3 sigma per pixel is 0.21.
    assert steepest > 3 * night_sigma(np.median(strong))
    assert steepest > 2 * steepest_weak


def test_the_weak_edge_crop_has_weak_edges_only(street):
    # Low but not zero: the whole range of the crop is 1.5 to 4 times the noise, where
    # the strong crop has above 6.
    def spread_over_sigma(name):
        grey = luminance(street[street_crops()[name]])
        low, high = np.percentile(grey, (2, 98))
        return (high - low) / night_sigma((low + high) / 2)

    assert 1.5 < spread_over_sigma("weak edge") < 4
    assert spread_over_sigma("strong edge") > 6


def test_the_texture_crop_has_texture(street):
    crops = street_crops()
    texture = high_pass_energy(street[crops["texture"]])
    smooth_sky = high_pass_energy(street[150:246, 655:751][:60])
    assert texture > 0.02
    assert texture > 20 * smooth_sky


def test_the_sign_crop_has_letters_brighter_than_its_board(street):
    sign = street[street_crops()["sign"]]
    letters = sign[..., 0] > 1.5
    pieces, number = ndimage.label(ndimage.binary_opening(letters, np.ones((2, 1))))
    sizes = ndimage.sum_labels(letters, pieces, np.arange(1, number + 1))
    assert (sizes > 20).sum() == 4  # C, A, F, E
    assert sign.min() < 0.02


def test_the_strong_edge_is_strong_and_where_it_is_said_to_be(street):
    edge = street_edges()["strong"]
    light, dark = levels_beside(street, edge, 3)
    assert (light - dark) / night_sigma((light + dark) / 2) > 5
    # Area sampling puts half the contrast on the edge itself. Tolerance: paint is
    # placed to within half a fine texel (1.3 mm, 0.08 px), and the edge rises by less than
    # 0.6 of its contrast per pixel.
    middle, _ = levels_beside(street, edge, 0)
    assert (middle - dark) / (light - dark) == pytest.approx(0.5, abs=0.05)


def test_the_weak_edge_is_about_as_high_as_the_noise(street):
    edge = street_edges()["weak"]
    light, dark = levels_beside(street, edge, 3)
    assert 1.0 < (light - dark) / night_sigma((light + dark) / 2) < 1.6
    middle, _ = levels_beside(street, edge, 0)
    assert (middle - dark) / (light - dark) == pytest.approx(0.5, abs=0.05)


def test_edges_are_slanted_and_scale_with_the_picture():
    for name, angle in (("strong", 3.0), ("weak", 16.2)):
        edge, double = street_edges()[name], street_edges(1024, 1536)[name]
        assert edge.angle == pytest.approx(angle, abs=0.05)
        for end in ("start", "end"):
            # Pixel centres are integers, so that corner coordinates are index + 1/2.
            np.testing.assert_allclose(
                np.array(getattr(double, end)) + 0.5, 2 * (np.array(getattr(edge, end)) + 0.5)
            )


@pytest.mark.parametrize("function", [night_street, street_crops, street_edges])
@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((127, 200), "height must be a whole number of pixels, at least 128, got 127; render"),
        ((200, 64), "width must be a whole number of pixels, at least 128, got 64; render"),
        ((200.0, 300), "height must be a whole number of pixels, at least 128, got 200.0"),
        ((200, True), "width must be a whole number of pixels, at least 128, got True"),
    ],
)
def test_sizes_that_it_refuses(function, size, message):
    with pytest.raises(ValueError, match=message):
        function(*size)


def test_a_lamp_follows_the_inverse_square_law():
    lamp = Lamp((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    _, falloff = lamp.reach(np.array([[0.0, 0.0, 10.0], [0.0, 0.0, 20.0]]))
    # Tolerance: the 0.05 m^2 that keeps the light finite at the lamp itself.
    assert falloff[0] / falloff[1] == pytest.approx(4, rel=1e-3)


def test_a_panel_covers_pixels_by_their_area():
    camera = Camera(512, 768)
    canvas = Canvas(2.0, 1.0, (1.0, 1.0, 1.0))
    front, right, up = np.array([0.0, 0.0, -1.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    panel = Panel(canvas, np.array([-1.013, 1.2, 12.0]), right, up, front)
    picture = np.zeros((512, 768, 3))
    camera.draw(picture, panel, np.ones((*canvas.opacity.shape, 4), dtype=np.float32))
    # Closed form: 2 m x 1 m at 12 m through a focal length of 680 px. Tolerance: three
    # samples per pixel place each of the four sides within a sixth of a pixel.
    sides = 2 * 680 / 12, 680 / 12
    assert picture[..., 0].sum() == pytest.approx(sides[0] * sides[1], abs=sum(sides) / 3)
    inside = (picture[..., 0] > 0) & (picture[..., 0] < 1)
    assert inside.any()


def test_a_rectangle_covers_texels_exactly():
    canvas = Canvas(1.0, 1.0)
    canvas.rectangle((0.1, 0.203, 0.5004, 0.8), (1.0, 1.0, 1.0))
    assert canvas.opacity.sum() / 96**2 == pytest.approx(0.4004 * 0.597, rel=1e-12)
    rows, columns = np.nonzero(canvas.opacity)
    assert (rows.min(), columns.max()) == (int(0.2 * 96), int(0.5004 * 96))


def test_paint_covers_texels_by_their_area():
    canvas = Canvas(1.0, 1.0)
    canvas.polygon([(0.1, 0.1), (0.9, 0.2), (0.4, 0.8)], (0.5, 0.5, 0.5))
    area = 0.5 * abs(0.8 * 0.7 - 0.3 * 0.1)
    # Tolerance: half a fine texel (1/768 m) along a perimeter of 2.3 m.
    assert canvas.opacity.sum() / 96**2 == pytest.approx(area, abs=2.3 / 768)
    np.testing.assert_allclose(canvas.reflectance[..., 0], 0.5 * canvas.opacity)
