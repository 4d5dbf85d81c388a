"""The README's tables from stored results: nothing is measured and nothing typed here.

The exception are the values of papers, which stand below ours for orientation.
"""

import csv
from pathlib import Path

# Figures in the images grayscale_psnr.png of the authors' repositories, as transcribed in
# the file published.tsv of the project's data.
PUBLISHED_SOURCE = "cszn/DPIR@15bca3f figs/grayscale_psnr.png"
PUBLISHED = {  # in the order of their age
    "BM3D": {"Set12": (32.37, 29.97, 26.72), "BSD68": (31.08, 28.57, 25.60)},
    "DnCNN": {"Set12": (32.86, 30.44, 27.18), "BSD68": (31.73, 29.23, 26.23)},
    "FFDNet": {"Set12": (32.75, 30.43, 27.32), "BSD68": (31.63, 29.19, 26.29)},
    "DRUNet": {"Set12": (33.25, 30.94, 27.90), "BSD68": (31.91, 29.48, 26.59)},
}
PUBLISHED_LEVELS = ("15", "25", "50")
# Peers were measured before with the same protocol; other versions may round otherwise.
AGREEMENT = 0.02
RULE = "rule (s: sigma in image units)"


def render(result: dict) -> str:
    """All that stands between the marks in README.md."""
    first = result["methods"][0]["fidelity"]
    sets, levels = list(first), list(next(iter(first.values())))
    lines = [*_head(sets, levels)]
    owner: dict = {}
    for method in result["methods"]:
        owner = method if method["ours"] else owner
        lines.append(_line(method, owner, sets, levels))
        if "goal" in method:
            lines.append(_goal_line(method, sets, levels))
    lines += [_published_line(name, sets, levels) for name in PUBLISHED]
    notes = _notes(result, " / ".join(levels))
    return "\n".join([*lines, "", notes, "", *_edge_table(result), "", _source(result)])


def _head(sets: list[str], levels: list[str]) -> list[str]:
    at = " / ".join(levels)
    cells = ["method"]
    for name in sets:
        cells += [f"{name}, PSNR at {at}", "SSIM at 25"]
    cells += ["CPU s/MP at 25", f"ours : this one, CPU at {at}", "reached by ours"]
    return [_row(cells), "|" + "---|" * len(cells)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _psnrs(method: dict, name: str, levels: list[str]) -> list[float]:
    # What is compared is what is printed.
    return [round(method["fidelity"][name][level]["psnr"], 2) for level in levels]


def _line(method: dict, owner: dict, sets: list[str], levels: list[str]) -> str:
    cells = [f"**{method['label']}**" if method["ours"] else method["label"]]
    for name in sets:
        cells.append(_slashed(_psnrs(method, name, levels), ".2f"))
        cells.append(f"{method['fidelity'][name]['25']['ssim']:.3f}")
    seconds = owner.get("cost", {}).get("25", {}).get(method["name"])
    cells.append(_short(seconds) if seconds else "")
    if method["ours"] or not owner:
        return _row([*cells, "", ""])
    ratios = [cost[owner["name"]] / cost[method["name"]] for cost in owner["cost"].values()]
    cells.append(_slashed(ratios, ".2f"))
    psnrs = [(_psnrs(owner, name, levels), _psnrs(method, name, levels)) for name in sets]
    pairs = [pair for ours, theirs in psnrs for pair in zip(ours, theirs, strict=True)]
    cells.append(_verdict(pairs, max(ratios) <= method["cost limit"]))
    return _row(cells)


def _slashed(values: list[float], form: str) -> str:
    return " / ".join(f"{value:{form}}" for value in values)


def _short(seconds: float) -> str:
    return f"{seconds:.3f}" if seconds < 0.1 else f"{seconds:.2f}"


def _verdict(pairs: list[tuple[float, float]], cheap: bool) -> str:
    """Whether ours reaches the other in every pair (ours, theirs) and costs no more."""
    reached = sum(ours >= theirs for ours, theirs in pairs)
    if reached == len(pairs) and cheap:
        return "yes"
    return f"PSNR {reached} of {len(pairs)}, cost {'yes' if cheap else 'no'}"


def _goal_line(method: dict, sets: list[str], levels: list[str]) -> str:
    goals = {
        name: dict(zip(PUBLISHED_LEVELS, values, strict=True))
        for name, values in method["goal"]["psnr"].items()
    }
    seconds = {level: cost[method["name"]] for level, cost in method["cost"].items()}
    ratios = [value / method["goal"]["seconds"] for value in seconds.values()]
    cells, pairs = ["a goal set beforehand"], []
    for name in sets:
        wanted = [goals[name][level] for level in levels] if name in goals else []
        cells += [_slashed(wanted, ".2f"), ""]
        if wanted:
            pairs += zip(_psnrs(method, name, levels), wanted, strict=True)
    cells += [_short(method["goal"]["seconds"]), _slashed(ratios, ".2f")]
    return _row([*cells, _verdict(pairs, max(ratios) <= 1)])


def _published_line(name: str, sets: list[str], levels: list[str]) -> str:
    cells = [f"*published* {name}"]
    for each in sets:
        values = dict(zip(PUBLISHED_LEVELS, PUBLISHED[name][each], strict=True))
        cells += [_slashed([values[level] for level in levels], ".2f"), ""]
    return _row([*cells, "", "", ""])


def _notes(result: dict, levels: str) -> str:
    limits = {m["label"]: m["cost limit"] for m in result["methods"] if "cost limit" in m}
    usual = max(set(limits.values()), key=list(limits.values()).count)
    special = ", ".join(f"{v:.2g} for {k}" for k, v in limits.items() if v != usual)
    text = (
        "Bold: ours, float32, set by one rule from sigma for all images (second table; its few "
        "constants were chosen on crops of Set12). Below each: the same "
        "method in other packages, with settings tuned for each noise level. White Gaussian "
        f"noise of {levels} of 255 (seed 0 for each image), neither clipped nor rounded; "
        "estimates clipped to [0, 1]; PSNR (dB) and SSIM are means over the images. CPU: "
        "processor seconds per megapixel on Set12, single thread; a method and its peers take "
        f"turns on the same images, medians of {result['rounds']} rounds. *Reached by ours*: PSNR "
        "to 0.01 dB at least as high on every set and level, and at every level a CPU ratio of "
        f"at most {usual:g}" + (f" ({special})" if special else "") + ". Published values: "
        f"{PUBLISHED_SOURCE}."
    )
    for method in result["methods"]:
        if method.get("threads"):
            one, two = method["threads"]["one"], method["threads"]["two"]
            text += (
                f" {method['label']} on two threads: {_short(two)} instead of {_short(one)} s/MP "
                f"by the clock, {one / two:.2f} times as fast."
            )
        for key, label in method.get("cost only", {}).items():
            pairs = [(cost[method["name"]], cost[key]) for cost in method["cost"].values()]
            text += (
                f" {label} with random weights took turns with {method['label']}: "
                f"{_slashed([theirs for _, theirs in pairs], '.2f')} s/MP, ours : this one "
                f"{_slashed([ours / theirs for ours, theirs in pairs], '.2f')}."
            )
    for label in result["not installed"]:
        text += (
            f" {label} was not measured, because its package is not installed "
            "(`pip install -r requirements-bench.txt`)."
        )
    return text


def _edge_table(result: dict) -> list[str]:
    lines = [
        "Blur of the same denoisers: 10-90 % width (px) of a step in noise of 0.05, of the mean "
        "of 24 estimates, and of single estimates in brackets.",
        "",
        _row(["method", *(f"contrast / sigma {ratio}" for ratio in (8, 4, 2, 1)), RULE]),
        "|" + "---|" * 6,
    ]
    for method in result["methods"]:
        if method["edges"]:
            pairs = zip(method["edges"]["mean"], method["edges"]["single"], strict=True)
            cells = [f"{_width(mean)} ({_width(single)})" for mean, single in pairs]
            lines.append(_row([method["label"], *cells, method["rule"]]))
    return lines


def _width(value: float | None) -> str:
    return "no edge" if value is None else f"{value:.1f}"


def _source(result: dict) -> str:
    days = result["days"]
    since = f" (the oldest results are of {days[0]})" if len(days) > 1 else ""
    return f"Measured by `make bench` on {result['machine']}{since}, {result['packages']}."


def disagreements(result: dict, path: Path) -> str:
    """Say where the peers' PSNR differs from an earlier measurement (peers.tsv)."""
    if not path.is_file():
        return f"No {path.name} beside the images, so the peers are not compared with it."
    with open(path, encoding="utf-8", newline="") as file:
        earlier = {
            (row["method"], row["dataset"], row["sigma"]): float(row["psnr"])
            for row in csv.DictReader(file, delimiter="\t")
        }
    pairs = [
        ((method["name"], name, level), values["psnr"])
        for method in result["methods"]
        for name, by_level in method["fidelity"].items()
        for level, values in by_level.items()
    ]
    both = [(key, value, earlier[key]) for key, value in pairs if key in earlier]
    off = [
        f"{' '.join(key)}: {value:.3f} here, {old:.3f} there"
        for key, value, old in both
        if abs(value - old) > AGREEMENT
    ]
    return "\n".join([f"{len(both)} values of {path.name} compared, {len(off)} differ by more "
                      f"than {AGREEMENT} dB", *off])  # fmt: skip
