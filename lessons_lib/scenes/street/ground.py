"""The wet ground of the night street: paving stones, pools of light, and reflections."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.scenes.street.light import EYE, SKY_LIGHT, Camera, Lamp

# Along the front and along the side wall, metres.
PAVEMENT_WIDTHS = (2.5, 1.25)


@dataclass(frozen=True)
class Stones:
    """What the ground is like at each sample: reflectance, slope (x, z), wetness."""

    reflectance: np.ndarray
    slope: np.ndarray
    wetness: np.ndarray


def ground(
    camera: Camera,
    lamps: list[Lamp],
    mirrored: np.ndarray,
    walls: list[tuple[np.ndarray, np.ndarray]],
    rng: np.random.Generator,
) -> tuple[int, np.ndarray]:
    """Render the ground below the horizon.

    Parameters
    ----------
    camera : Camera
        The view.
    lamps : list of Lamp
        What lights it.
    mirrored : ndarray, ``(H, W, 3)``
        The street upside down, as still water would show it.
    walls : list of (origin, normal)
        The paving follows the first wall; the pavement lines all of them.
    rng : Generator
        Makes the stones.

    Returns
    -------
    first_row : int
        Row where the ground starts.
    radiance : ndarray, ``(H - first_row, W, 3)``
    """
    samples, first_row = camera.samples - 1, int(np.ceil(camera.horizon)) + 1
    points = _ground_points(camera, first_row, samples)
    stones = _stones(points, walls, camera, rng)
    diffuse = np.ones((*points.shape[:2], 3), dtype=np.float32) * SKY_LIGHT.astype(np.float32)
    glints = np.zeros_like(diffuse)
    towards_eye = EYE.astype(np.float32) - points
    towards_eye /= np.linalg.norm(towards_eye, axis=-1, keepdims=True)
    for lamp in lamps:
        towards, falloff = lamp.reach(points)
        power = np.array(lamp.power, dtype=np.float32)
        diffuse += (towards[..., 1] * falloff)[..., None] * power
        glints += (_glint(towards, towards_eye, stones.slope) * falloff)[..., None] * power
    # Schlick's rule: water reflects 2 percent straight down and all of it at grazing angles.
    reflected = 0.02 + 0.98 * (1 - towards_eye[..., 1]) ** 5
    shine = (reflected * stones.wetness)[..., None]
    fine = np.concatenate([diffuse * stones.reflectance + glints * shine, shine], axis=-1)
    coarse = _average(fine, samples)
    return first_row, coarse[..., :3] + coarse[..., 3:] * mirrored[first_row:]


def _average(fine: np.ndarray, samples: int) -> np.ndarray:
    rows, columns = fine.shape[0] // samples, fine.shape[1] // samples
    return fine.reshape(rows, samples, columns, samples, -1).mean(axis=(1, 3), dtype=float)


def _ground_points(camera: Camera, first_row: int, samples: int) -> np.ndarray:
    """Return where the rays of the samples meet the ground, float32 ``(rows, columns, 3)``."""
    matrix = camera.matrix()
    down = first_row + (np.arange((camera.height - first_row) * samples) + 0.5) / samples
    right = (np.arange(camera.width * samples) + 0.5) / samples
    depth = EYE[1] * matrix[1, 1] / (camera.horizon - down)  # matrix[1, 1] is negative
    aside = (right[None, :] - matrix[0, 2]) / matrix[0, 0] * depth[:, None]
    points = np.zeros((*aside.shape, 3), dtype=np.float32)
    points[..., 0], points[..., 2] = aside, depth[:, None]
    return points


def _stones(
    points: np.ndarray,
    walls: list[tuple[np.ndarray, np.ndarray]],
    camera: Camera,
    rng: np.random.Generator,
) -> Stones:
    """Lay cobbles on the road and slabs on the pavement along the walls."""
    corner, normal = walls[0]
    flat = points - corner.astype(np.float32)
    outward = [flat @ wall_normal.astype(np.float32) for _, wall_normal in walls]
    widths = zip(outward, PAVEMENT_WIDTHS, strict=True)
    clear = np.maximum.reduce([distance - width for distance, width in widths])
    along = flat[..., 0] * np.float32(-normal[2]) + flat[..., 2] * np.float32(normal[0])
    cobbles = _paving(along, outward[0], (0.21, 0.16), 0.022, rng)
    slabs = _paving(along, outward[0], (0.9, 0.5), 0.014, rng)
    road = (clear > 0.14).astype(np.float32)[..., None]
    cover, tone, tilt_x, tilt_z = np.moveaxis(cobbles * road + slabs * (1 - road), -1, 0)
    road = road[..., 0]
    # Far stones are smaller than a pixel; their contrast fades before it would alias.
    size = camera.height * 680 / 512 * 0.16 * EYE[1] / points[..., 2] ** 2
    visible = np.exp(-((1.3 / np.maximum(size, 1e-3)) ** 2))
    kerb = ((clear > 0) & (road == 0)).astype(np.float32)
    shade = 1 + visible * (cover * (1 + 0.28 * tone) - 1)
    base = (0.075 + 0.08 * (1 - road) + 0.10 * kerb) * (0.12 + 0.88 * shade)
    colour = np.array((1.0, 0.97, 0.93), dtype=np.float32)
    slope = np.stack([tilt_x, tilt_z], -1) * (visible * (0.25 + 0.75 * road))[..., None]
    wetness = (0.35 + 0.5 * road) * (0.45 + 0.55 * (1 + visible * (cover - 1)))
    return Stones(base[..., None] * colour, slope, wetness)


def _paving(
    along: np.ndarray,
    outward: np.ndarray,
    size: tuple[float, float],
    joint: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return cover (0 in the joints), tone, and the slopes in x and z of each stone."""
    table = rng.standard_normal((256, 256, 3)).astype(np.float32)
    course = outward / np.float32(size[1])
    course_number = np.floor(course).astype(np.int32)
    shift = rng.random(256).astype(np.float32)
    run = along / np.float32(size[0]) + shift[course_number % 256]
    run_number = np.floor(run).astype(np.int32)
    across, up = run - run_number - 0.5, course - course_number - 0.5
    edge = np.minimum((0.5 - np.abs(across)) * size[0], (0.5 - np.abs(up)) * size[1])
    cover = np.clip((edge - joint / 3) / joint, 0, 1)
    own = table[course_number % 256, run_number % 256]
    # A stone is a low dome: its slope grows from its middle, and the whole stone leans.
    tilt_x = 0.30 * across + 0.05 * own[..., 1]
    tilt_z = 0.30 * up + 0.05 * own[..., 2]
    return np.stack([cover, own[..., 0], tilt_x, tilt_z], axis=-1).astype(np.float32)


def _glint(towards: np.ndarray, towards_eye: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the mirror-like share of a rough wet surface (a Gaussian of facet slopes)."""
    half = towards + towards_eye
    steep = half[..., 1] + 1e-6
    aside = half[..., 0] / steep - slope[..., 0]
    ahead = half[..., 2] / steep - slope[..., 1]
    # Facet slopes spread by 0.22; the factor keeps about the energy of a mirror.
    return 10.0 * np.exp(-(aside**2 + ahead**2) / np.float32(0.22) ** 2)
