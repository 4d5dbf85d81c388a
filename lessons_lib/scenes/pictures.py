"""Pictures to work on: those bundled with scikit-image, and the field's standard sets.

The bundled pictures are read straight from the installed package, never downloaded. The
standard sets are not part of the course, because most of them state no licence that would
allow it: they are read from a folder that the user names, or fetched on request, and every
file is checked against its sha256 in ``standard_sets.tsv``.
"""

import csv
import hashlib
import importlib.util
import io
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.image import Image, as_image
from lessons_lib.scenes.photo import centre_crop

DATA_VARIABLE = "WHY_EDGES_BLUR_DATA"
STANDARD_SETS = ("Set12", "BSD68", "CBSD68", "CC15", "RNI15", "NC12")
FILE_URL = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"
_TABLE = Path(__file__).with_name("standard_sets.tsv")


# As scikit-image 0.26 documents them; 'not stated' where it does not. Columns: name, file in
# skimage/data, origin, licence.
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
moon | moon.png | not stated | not stated
page | page.png | not stated | not stated
retina | retina.jpg | Mikael Häggström 2014, doi 10.15347/wjm/2014.008 | CC0
rocket | rocket.jpg | SpaceX, launch of DSCOVR | public domain (released by SpaceX)
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


class StandardSetMissing(FileNotFoundError):
    """A standard set is not on this computer; the text says how to get it."""


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
    image = _decode(path.read_bytes())
    return image if size is None else centre_crop(image, size)


def standard_set(name: str, folder: str | Path | None = None) -> dict[str, Image]:
    """All images of a standard set, each checked against its sha256.

    Parameters
    ----------
    name : str
        'Set12', 'BSD68' (grey), 'CBSD68' (colour), 'CC15' (30 files: 15 noisy and their
        15 references, see :func:`standard_pairs`), 'RNI15' or 'NC12' (noisy, without
        reference).
    folder : path, optional
        Holds ``eval/Set12``, ``real/CC15`` and so on; by default the environment variable
        ``WHY_EDGES_BLUR_DATA``.

    Returns
    -------
    dict of str to ndarray
        File name to float64 image in [0, 1], in the table's order. Transparent bands
        (NC12) are cut off.

    Raises
    ------
    StandardSetMissing
        If no folder is named or a file is not in it.
    ValueError
        For an unknown set, or a file that is not the published one.
    """
    rows = _rows(name)
    root = folder or os.environ.get(DATA_VARIABLE)
    if not root:
        raise StandardSetMissing(
            f"{name} is not part of the course and no folder is named; {_how(name)}"
        )
    paths = [Path(root) / row["file"] for row in rows]
    for path, row in zip(paths, rows, strict=True):
        if not path.is_file():
            raise StandardSetMissing(f"{name} is not in {root}: no {row['file']}; {_how(name)}")
    return {
        path.name: _decode(_published_bytes(path, row["sha256"]))
        for path, row in zip(paths, rows, strict=True)
    }


def _published_bytes(path: Path, sha256: str) -> bytes:
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} is not the published {path.name}: expected sha256 {sha256[:12]}..., "
            f"got {found[:12]}...; delete it and fetch it again"
        )
    return data


def standard_pairs(
    name: str = "CC15", folder: str | Path | None = None
) -> dict[str, tuple[Image, Image]]:
    """Real noisy photos with their references: scene name to ``(noisy, clean)``.

    Parameters
    ----------
    name : str
        'CC15', the one set with references: means of many shots of a still scene.
    folder : path, optional
        As for :func:`standard_set`.

    Raises
    ------
    ValueError
        For a set without references.

    References
    ----------
    S. Nam et al., A holistic approach to cross-channel image noise modeling and its
    application to image denoising, CVPR 2016.
    """
    if name != "CC15":
        raise ValueError(f"only CC15 has noisy and clean pairs, got {name!r}; use standard_set")
    images = standard_set(name, folder)
    scenes = sorted(file.removesuffix("_real.png") for file in images if "_real" in file)
    return {
        scene: (images[f"{scene}_real.png"], images[f"{scene}_mean.png"]) for scene in scenes
    }


def fetch_standard_set(
    name: str, folder: str | Path, *, progress: bool = False, timeout: float = 10.0
) -> list[Path]:
    """Download a set's files from the public repository at the pinned commit.

    Only ever called by the user; nothing in the course calls it. Files that are there
    already, and whole, are not downloaded again.

    Parameters
    ----------
    name : str
        As for :func:`standard_set`. Read the licence column of ``standard_sets.tsv`` first.
    folder : path
        Where to put ``eval/...`` or ``real/...``; made if it does not exist.
    progress : bool
        Whether to print how many files are done.
    timeout : float
        Longest silence of the server, s.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ConnectionError
        If a file cannot be downloaded; those before it stay.
    ValueError
        For an unknown set, or if the server sends other bytes than the published ones.
    """
    rows = _rows(name)
    paths = []
    for row in rows:
        paths.append(_fetch(row, Path(folder), timeout, f"{len(paths)} of {len(rows)}"))
        if progress:
            print(f"\r{name}: {len(paths)} of {len(rows)} files", end="", flush=True)
    if progress:
        print()
    return paths


def _fetch(row: dict[str, str], folder: Path, timeout: float, done: str) -> Path:
    import pooch  # here, because only those who download need it
    from requests import RequestException

    path, url = folder / row["file"], _url(row["source"])
    log = pooch.get_logger()
    level = log.level
    log.setLevel(logging.WARNING)  # pooch announces every single file on standard error
    try:
        pooch.retrieve(
            url,
            known_hash=f"sha256:{row['sha256']}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=timeout),
        )
    except RequestException as error:
        raise ConnectionError(
            f"could not download {url} ({type(error).__name__}); {done} files are in {folder}; "
            "check the internet connection and call this again; the lessons work without it"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"the server sent other bytes than the published {row['file']}; nothing was kept; "
            "try another network, or get the set elsewhere and name its folder"
        ) from error
    finally:
        log.setLevel(level)
    return path


def _url(source: str) -> str:
    """Web address of 'owner/repository@commit:path'."""
    repository, _, rest = source.partition("@")
    commit, _, path = rest.partition(":")
    return FILE_URL.format(repository=repository, commit=commit, path=quote(path))


def _rows(name: str) -> list[dict[str, str]]:
    if name not in STANDARD_SETS:
        raise ValueError(f"standard set must be one of {', '.join(STANDARD_SETS)}; got {name!r}")
    with open(_TABLE, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["set"] == name]


def _how(name: str) -> str:
    return (
        f"set {DATA_VARIABLE} to the folder that holds eval and real, or download it with "
        f"lessons_lib.scenes.pictures.fetch_standard_set({name!r}, folder)"
    )


def _decode(data: bytes) -> Image:
    """float64 image of trusted bytes; a transparent border is cut off, not painted black."""
    with PillowImage.open(io.BytesIO(data)) as opened:
        array = np.asarray(opened)
    if array.ndim == 3 and array.shape[2] == 4:
        opaque = array[..., 3] == 255
        rows, cols = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
        array = array[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1, :3]
    return as_image(array)
