"""The field's standard test sets: read from the learner's own folder, or fetched on request.

They are not part of the course, because most of them state no licence that would allow it.
Every file is checked against its sha256 in ``standard_sets.tsv``.
"""

import csv
import hashlib
import io
import logging
import os
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.image import Image, as_image

DATA_VARIABLE = "WHY_EDGES_BLUR_DATA"
STANDARD_SETS = ("Set12", "BSD68", "CBSD68", "CC15", "RNI15", "NC12")
FILE_URL = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"
_TABLE = Path(__file__).with_name("standard_sets.tsv")


class StandardSetMissing(FileNotFoundError):
    """A standard set is not on this computer; the text says how to get it."""


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
    from requests import RequestException  # here, because only those who download need it

    path, url = folder / row["file"], _url(row["source"])
    try:
        _retrieve(url, path, row["sha256"], timeout)
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
    return path


def _retrieve(url: str, path: Path, sha256: str, timeout: float) -> None:
    import pooch

    log = pooch.get_logger()
    level = log.level
    log.setLevel(logging.WARNING)  # pooch announces every single file on standard error
    try:
        pooch.retrieve(
            url,
            known_hash=f"sha256:{sha256}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=timeout),
        )
    finally:
        log.setLevel(level)


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
        f"lessons_lib.scenes.standard_sets.fetch_standard_set({name!r}, folder)"
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
