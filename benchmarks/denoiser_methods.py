"""Which methods are compared, with which peers, and what decides their results."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks.network_peers import COST_ONLY
from benchmarks.peers import PEERS, Denoise
from lessons_lib.denoisers.rules import RULES
from lessons_lib.learning import weights

# Method of the course -> the same method elsewhere (benchmarks/peers.py).
PAIRS: dict[str, tuple[str, ...]] = {
    "Gaussian": ("scipy_gaussian",),
    "local Wiener": ("scipy_wiener",),
    "median": ("scipy_median",),
    "bilateral": ("cv2_bilateral", "skimage_bilateral"),
    "total variation": ("skimage_tv_chambolle", "skimage_tv_default"),
    "wavelet": ("skimage_wavelet_visu", "skimage_wavelet_bayes"),
    "wavelet, undecimated": ("skimage_wavelet_bayes_cs",),
    "non-local means": ("skimage_nlm_fast",),
}
# How many times a peer's processor time ours may take. Usually as much as the peer, and 5 %
# for the scatter: two runs of the very same function differed by up to 4 %.
COST_LIMITS = {"cv2_bilateral": 3.0, "skimage_tv_chambolle": 0.5, "skimage_nlm_fast": 1 / 3}
USUAL_COST_LIMIT = 1.05
OUR_PACKAGES = ("numpy", "scipy", "scikit-image", "PyWavelets")


@dataclass(frozen=True)
class Goal:
    """What a method without a peer has to reach, set before it was written.

    Attributes
    ----------
    psnr : dict of str to tuple of float
        For each set, at 15, 25 and 50, dB.
    seconds : float
        Processor seconds per megapixel.
    """

    psnr: dict[str, tuple[float, float, float]]
    seconds: float


GOALS = {
    "local DCT": Goal({"Set12": (31.6, 29.0, 25.6)}, 1.5),
    # 0.1 dB below the published ones.
    "BM3D": Goal({"Set12": (32.27, 29.87, 26.62), "BSD68": (30.98, 28.47, 25.50)}, 2.7),
    # 0.1 dB above the published FFDNet, at its cost.
    "network": Goal({"Set12": (32.85, 30.60, 27.42), "BSD68": (31.73, 29.30, 26.39)}, 2.4),
    "network, bfloat16": Goal(
        {"Set12": (32.85, 30.60, 27.42), "BSD68": (31.73, 29.30, 26.39)}, 0.65
    ),
}
# Method -> another one's layers with random weights, which take turns with it on the clock.
COST_PAIRS = {"network": ("ffdnet_layers",), "network, bfloat16": ("ffdnet_layers_bfloat16",)}


def ours() -> list[str]:
    """Names of the course's methods, in the table's order."""
    return list(RULES)


def peers_of(method: str) -> list[str]:
    """Keys of those peers that are installed."""
    return [key for key in PAIRS.get(method, ()) if PEERS[key].available()]


def timed_with(method: str) -> list[str]:
    """Keys of all that take turns with a method on the clock."""
    return [*peers_of(method), *COST_PAIRS.get(method, ())]


def all_packages() -> str:
    """Names and versions of all packages in the table."""
    installed = {peer.distribution for peer in PEERS.values() if peer.available()}
    return packages((*OUR_PACKAGES, *sorted(installed - set(OUR_PACKAGES))))


def missing_peers() -> list[str]:
    """Labels of those peers that are not."""
    return [peer.label for peer in PEERS.values() if not peer.available()]


def chosen(methods: list[str]) -> Iterator[str]:
    """The noisy image, then each method with its peers."""
    yield "noisy"
    for method in methods:
        yield method
        yield from peers_of(method)


def label(method: str) -> str:
    """How the table names it."""
    return PEERS[method].label if method in PEERS else method


def describe(method: str) -> dict:
    """What the table says of a method beside its numbers."""
    about = {"name": method, "label": label(method), "ours": method not in PEERS}
    if method in PEERS:
        about["cost limit"] = COST_LIMITS.get(method, USUAL_COST_LIMIT)
    else:
        about["rule"] = RULES[method].words
    about["cost only"] = {key: COST_ONLY[key].label for key in COST_PAIRS.get(method, ())}
    if method in GOALS:
        about["goal"] = asdict(GOALS[method])
    return about


def denoiser(method: str, level: int) -> Denoise:
    """Build a method at one noise level (of 255)."""
    if method in PEERS | COST_ONLY:
        return (PEERS | COST_ONLY)[method].denoiser(level)
    return RULES[method].denoiser(level / 255)


def threaded() -> list[str]:
    """Those of ours that can use several threads."""
    return [name for name in ours() if hasattr(denoiser(name, 25), "threads")]


def fingerprint(method: str, level: int) -> str:
    """Whatever decides a method's result: its settings, its source, the packages, the protocol."""
    folder = Path(__file__).parent
    names = ("denoiser_protocol.py", "peers.py", *(["network_peers.py"] * (method in COST_ONLY)))
    protocol = sources_hash(*(folder / name for name in names))
    if method in PEERS:
        return f"{PEERS[method].fingerprint(level)}; protocol {protocol}"
    if method in COST_ONLY:
        return f"{COST_ONLY[method].fingerprint(level)}; protocol {protocol}"
    ours = denoiser(method, level)
    source = sources_hash(*sources_of(type(ours).__module__))
    if method.startswith("network"):
        source += f", weights {weights.table()['grey']['sha256'][:12]}, torch {version('torch')}"
    return f"{ours!r}; source {source}; {packages()}; protocol {protocol}"


@lru_cache
def sources_of(module: str) -> tuple[Path, ...]:
    """The files of a module and of all that it imports from the library, sorted."""
    waiting, found = [module], {}
    while waiting:
        name = waiting.pop()
        spec = find_spec(name)
        # Packages' own files only list names; a change there changes no result.
        if name in found or not spec or not spec.origin or spec.origin.endswith("__init__.py"):
            continue
        found[name] = Path(spec.origin)
        for node in ast.walk(ast.parse(found[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("lessons_lib"):
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                waiting += [node.module, *(name for name in inside if _is_module(name))]
    return tuple(sorted(found.values()))


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is a module, not a package
        return False


@lru_cache
def sources_hash(*paths: Path) -> str:
    """One short hash of the contents of these files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def packages(names: tuple[str, ...] = OUR_PACKAGES) -> str:
    """Names and versions; by default of what ours are computed with."""
    return ", ".join(f"{name} {version(name)}" for name in names)
