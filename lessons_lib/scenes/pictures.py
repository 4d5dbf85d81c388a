"""Pictures to work on that come inside scikit-image's wheel, each with origin and licence.

They are read straight from the installed package, never downloaded.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.image import Image, as_image
from lessons_lib.scenes.photo import centre_crop

# As scikit-image 0.26 documents them. Columns: name, file in skimage/data, origin, licence.
# Its moon and page state no origin, and the licence of its rocket is disputed: left out.
_BUNDLED_TABLE = """
astronaut | astronaut.png | NASA, https://flic.kr/p/r9qvLn | public domain
brick | brick.png | https://cc0textures.com/view.php?tex=Bricks25 | CC0
camera | camera.png | photograph by Lav Varshney | CC0
cell | cell.png | Paul Müller et al. 2018, doi 10.1364/OE.26.010729 | CC0
chelsea | chelsea.png | photograph by Stefan van der Walt | CC0
clock | clock_motion.png | photograph by Stefan van der Walt | public domain
coffee | coffee.png | photograph by Rachel Michetti, courtesy of Pikolo Espresso Bar | CC0
coins | coins.png | Brooklyn Museum, archives image 51611 | no known copyright restrictions
grass | grass.png | https://www.deviantart.com/linolafett/art/Grass-01-434853879 | CC0
gravel | gravel.png | https://cc0textures.com/view.php?tex=Gravel04 | CC0
hubble_deep_field | hubble_deep_field.jpg | NASA, HubbleSite release 2012/37 | public domain
immunohistochemistry | ihc.png | CMMI (microscopy centre) | no known copyright restrictions
microaneurysms | microaneurysms.png | HRF database 07_dr, doi 10.1155/2013/154860 | CC0
retina | retina.jpg | Mikael Häggström 2014, doi 10.15347/wjm/2014.008 | CC0
text | text.png | https://en.wikipedia.org/wiki/File:Corner.png | public domain
"""


@dataclass(frozen=True)
class Bundled:
    """A picture in scikit-image's wheel: its file there, where it comes from, its licence."""

    file: str
    origin: str
    licence: str


BUNDLED = {
    name: Bundled(*facts)
    for name, *facts in (line.split(" | ") for line in _BUNDLED_TABLE.strip().splitlines())
}


def picture_names() -> tuple[str, ...]:
    """Names that :func:`picture` takes, in alphabetical order."""
    return tuple(sorted(BUNDLED))


def picture(name: str, size: int | None = None) -> Image:
    """One of scikit-image's bundled pictures; works without a network.

    Parameters
    ----------
    name : str
        One of :func:`picture_names`.
    size : int, optional
        Side of a centred square crop, px. Pixels are never resampled, because that would
        change the very edges and textures that the course measures.

    Returns
    -------
    ndarray
        float64 ``(H, W)`` or ``(H, W, 3)`` in [0, 1], display-encoded.

    Raises
    ------
    ValueError
        For an unknown name or a crop that does not fit.
    FileNotFoundError
        If this installation of scikit-image came without the file.
    """
    if name not in BUNDLED:
        raise ValueError(
            f"picture must be one of {', '.join(picture_names())}; got {name!r}; "
            "for your own file use lessons_lib.scenes.photo.read_photo"
        )
    package = Path(importlib.util.find_spec("skimage").origin).parent
    path = package / "data" / BUNDLED[name].file
    if not path.is_file():
        raise FileNotFoundError(
            f"the picture {name} is missing from the installed scikit-image; "
            "install the version in requirements.txt again with pip"
        )
    with PillowImage.open(path) as opened:
        image = as_image(np.asarray(opened))
    return image if size is None else centre_crop(image, size)
