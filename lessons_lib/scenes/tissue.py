"""Stained tissue: the brown stain's density, a mask as coarse as polygons, and what it hides.

The bundled picture shows colonic glands: where the protein FHL2 is, DAB stains brown; cell
nuclei are blue with haematoxylin (scikit-image, `data.immunohistochemistry`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lessons_lib.image import Image, check_image
from lessons_lib.scenes.band_noise import band_noise
from lessons_lib.scenes.pictures import picture

# Densities of pure haematoxylin, eosin and DAB (rows) in red, green, blue, as scikit-image
# has them.
STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
DAB_STRONG = 0.2  # density that becomes 1: the bundled picture's 99th percentile is .19
SMALLEST = 32  # px; below it a mask of polygon scale has no room
CLASSES = ("little brown", "some brown", "much brown")
POLYGON_WIDTH = 10.0  # px; a cell is some 16 px wide
GAP = 16  # px between the parts, so that no smoothing leaks from one to the other


@dataclass(frozen=True, eq=False)
class Tissue:
    """One piece of tissue, as a generator sees it and as it is.

    Attributes
    ----------
    brown : ndarray, ``(H, W)``
        Density of DAB over ``DAB_STRONG``; 0 and more, limited to 1.5.
    mask : ndarray of int, ``(H, W)``
        Class 0, 1 or 2 of ``CLASSES``, smoothed to the scale of polygons.
    structure : ndarray, ``(H, W)``
        +1 inside of cells' brown, else -1: the real inner structure, one bit per pixel.
    """

    brown: Image
    mask: np.ndarray
    structure: Image

    def part(self, rows: slice, columns: slice = slice(None)) -> "Tissue":
        """The same of some rows and columns."""
        pieces = (self.brown, self.mask, self.structure)
        return Tissue(*(one[rows, columns] for one in pieces))


def densities(photo: Image) -> Image:
    """Unmix a stained slide: how much haematoxylin, eosin and DAB lies on each pixel.

    Light passes through stain after stain, so densities add: -log I = stains . amounts
    (Beer and Lambert). Three colours and three stains make three equations.

    Parameters
    ----------
    photo : ndarray, ``(H, W, 3)``
        Image units; values below 1e-6 count as 1e-6.

    Returns
    -------
    ndarray, ``(H, W, 3)``
        Amounts; negative ones, which noise makes, count as 0.

    Raises
    ------
    ValueError
        If the photo is no colour image.

    References
    ----------
    Ruifrok and Johnston, Quantification of histochemical staining by color deconvolution,
    Analytical and Quantitative Cytology and Histology 23, 291-299, 2001.
    """
    check_image(photo, "the slide")
    if photo.ndim != 3 or photo.shape[2] != 3:
        raise ValueError(
            f"the slide must be a colour photo (H, W, 3), got {photo.shape}; stains are told "
            "apart by their colour, and a grey photo has none"
        )
    # Densities in units of log(1e-6), as scikit-image counts them.
    light = np.log(np.maximum(photo, 1e-6)) / np.log(1e-6)
    return np.maximum(light @ np.linalg.inv(STAINS), 0)


def polygon_mask(
    brown: Image, width: float = POLYGON_WIDTH, borders: tuple[float, float] = (0.2, 0.42)
) -> np.ndarray:
    """Three classes, far coarser than cells, as an annotator's polygons would be.

    Parameters
    ----------
    brown : ndarray, ``(H, W)``
        Density over ``DAB_STRONG``; at least 32 px on each side.
    width : float
        Standard deviation of the Gaussian that hides the cells, px.
    borders : (float, float)
        Smoothed density where one class ends and the next begins.

    Returns
    -------
    ndarray of int, ``(H, W)``

    Raises
    ------
    ValueError
        For pictures that are too small, constant, or end up in a single class.
    """
    check_image(brown, "brown")
    if brown.ndim != 2:
        raise ValueError(f"brown must be one stain (H, W), got {brown.shape}; take one channel")
    if min(brown.shape) < SMALLEST:
        raise ValueError(
            f"the slide is {brown.shape[0]} x {brown.shape[1]} px, at least {SMALLEST} px on "
            "each side are needed; take a larger piece"
        )
    if np.ptp(brown) < 1e-9:
        raise ValueError("the slide is constant: there is no brown and no background to tell "
                         "apart; take a stained piece")  # fmt: skip
    return check_mask(np.digitize(gaussian_filter(brown, width), borders))


def check_mask(mask: np.ndarray) -> np.ndarray:
    """Return a mask if a generator can learn from it.

    Raises
    ------
    ValueError
        If it is not ``(H, W)`` of whole numbers 0, 1, 2, or has a single class.
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or not np.issubdtype(mask.dtype, np.integer):
        raise ValueError(f"a mask is (H, W) of whole numbers, got {mask.dtype} {mask.shape}")
    classes = np.unique(mask)
    if classes.min() < 0 or classes.max() >= len(CLASSES):
        raise ValueError(
            f"a mask holds the classes 0 to {len(CLASSES) - 1}, got {classes.min()} to "
            f"{classes.max()}"
        )
    if len(classes) < 2:
        raise ValueError(
            f"the whole mask is class {classes[0]} ({CLASSES[classes[0]]}): nothing to tell "
            "apart; take a piece with tissue and background"
        )
    return mask


def inner_structure(brown: Image, fine: float = 1.0, coarse: float = 8.0) -> Image:
    """+1 where a pixel is browner than its surroundings, else -1: walls and insides of cells.

    Parameters
    ----------
    brown : ndarray, ``(H, W)``
        Density.
    fine, coarse : float
        Widths of the two Gaussians that are compared, px.
    """
    difference = gaussian_filter(brown, fine) - gaussian_filter(brown, coarse)
    return np.where(difference > 0, 1.0, -1.0)


def tissue_of(photo: Image) -> Tissue:
    """Unmix a slide and derive mask and structure from its brown; errors as those of the parts.

    Parameters
    ----------
    photo : ndarray, ``(H, W, 3)``
        A slide stained with haematoxylin and DAB, whose cells are some 16 px wide.
    """
    brown = np.minimum(densities(photo)[..., 2] / DAB_STRONG, 1.5)
    return Tissue(brown, polygon_mask(brown), inner_structure(brown))


def split(whole: Tissue, strips: int = 4) -> tuple[list[Tissue], list[Tissue]]:
    """Horizontal strips by turns to learn from and to test on, 16 px apart.

    By turns, because one half of a slide may well be stained more than the other.

    Raises
    ------
    ValueError
        If a strip would have fewer than 32 rows.
    """
    borders = np.linspace(0, whole.mask.shape[0], strips + 1).astype(int)
    if np.diff(borders).min() - GAP < SMALLEST:
        raise ValueError(
            f"{whole.mask.shape[0]} rows are too few for {strips} strips that are {GAP} px apart; "
            f"take a slide of at least {strips * (SMALLEST + GAP)} rows"
        )
    half, parts = GAP // 2, []
    for number, (top, below) in enumerate(zip(borders[:-1], borders[1:], strict=True)):
        # Nothing is taken off at the slide's own border.
        inner = slice(top + half * (number > 0), below - half * (number < strips - 1))
        parts.append(whole.part(inner))
    return parts[::2], parts[1::2]


def bundled_tissue() -> tuple[list[Tissue], list[Tissue]]:
    """The bundled slide in four strips: two to learn from and two to test on."""
    return split(tissue_of(picture("immunohistochemistry")))


def control_tissue(tissue: Tissue, frequency: float, rng: np.random.Generator) -> Tissue:
    """The same masks with a texture whose scale is known: spots and gaps of one frequency.

    Parameters
    ----------
    tissue : Tissue
        Its mask is kept.
    frequency : float
        Of the spots, cycles/px.
    rng : numpy.random.Generator
        Where the spots lie.
    """
    spots = np.where(band_noise(tissue.mask.shape, frequency, rng, width=0.15) > 0, 1.0, -1.0)
    brown = 0.4 + 0.2 * tissue.mask + 0.3 * spots  # spots everywhere: no crop is flat
    return Tissue(brown, tissue.mask, spots)
