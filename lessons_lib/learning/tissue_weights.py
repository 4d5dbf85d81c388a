"""The generators of lesson 09 in files: safetensors, read only if the sha256 is right."""

import csv
import json
import os
from dataclasses import asdict
from functools import cache

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lessons_lib.learning import weights
from lessons_lib.learning.tissue_network import TissueNet, TissueShape
from lessons_lib.learning.tissue_training import TissuePlan

FOLDER = weights.FOLDER / "tissue"
FILES = FOLDER / "files.tsv"


def file_name(name: str) -> str:
    """File of a condition: 'band 0.02' is in band_0.02.safetensors."""
    return f"{name.replace(' ', '_')}.safetensors"


def save(name: str, network: TissueNet, plan: TissuePlan) -> None:
    """Write a generator in single precision, with its plan."""
    path = FOLDER / file_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.detach().contiguous() for key, value in network.state_dict().items()}
    header = {"shape": json.dumps(asdict(network.shape)), "plan": json.dumps(asdict(plan))}
    beside = path.with_suffix(".part")
    save_file(tensors, beside, header)
    beside.chmod(0o644)  # safetensors makes files that only their owner may read
    os.replace(beside, path)


def write_files() -> None:
    """Write the table of all weights in the folder with their sha256."""
    paths = sorted(FOLDER.glob("*.safetensors"))
    lines = ["file\tsha256", *(f"{path.name}\t{weights.digest(path)}" for path in paths)]
    FILES.write_text("\n".join(lines) + "\n", encoding="utf-8")


@cache
def load_tissue(name: str) -> TissueNet:
    """One of the committed generators, ready to draw; read once.

    Raises
    ------
    ValueError
        For an unknown name, a file of another sha256, or one that is cut short.
    FileNotFoundError
        If the file is missing.
    """
    with FILES.open(encoding="utf-8", newline="") as rows:
        known = {row["file"]: row["sha256"] for row in csv.DictReader(rows, delimiter="\t")}
    if file_name(name) not in known:
        names = ", ".join(sorted(file.removesuffix(".safetensors") for file in known))
        raise ValueError(f"there is no generator {name!r}; there are {names}")
    path = FOLDER / file_name(name)
    if not path.is_file():
        raise FileNotFoundError(f"the weights {path} are missing; {weights.AGAIN}")
    if weights.digest(path) != known[path.name]:
        raise ValueError(
            f"{path.name} is not the file that was committed: its sha256 is "
            f"{weights.digest(path)}, expected {known[path.name]}; {weights.AGAIN}"
        )
    return read(path)


def read(path: os.PathLike) -> TissueNet:
    """Read a generator that :func:`save` wrote; ValueError if the file is cut short."""
    try:
        with safe_open(path, "pt") as opened:
            tensors = {key: opened.get_tensor(key) for key in opened.keys()}
            shape = TissueShape(**json.loads(opened.metadata()["shape"]))
        network = shape.build()
        network.load_state_dict(tensors)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path} is cut short or no generator of this course ({error}); {weights.AGAIN}"
        ) from error
    return network.eval().requires_grad_(False)
