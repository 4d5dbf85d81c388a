"""The report of a class in words."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lessons_lib.classroom.agreement_records import BlockLine, ClassReport, RaterLine, Share

FEW = "not enough data"
MISSES = 2  # catch trials that one has to miss to be named: one slip happens


def report_text(report: "ClassReport") -> str:
    """Everything that a report holds, one fact a line."""
    lines = ["RATERS (95 % intervals after Wilson, each for one rater alone)"]
    lines += [line for one in report.raters for line in _rater(one)] or ["  nobody yet"]
    lines.append("CLASS (95 % intervals: raters and pairs drawn anew)")
    for block in report.blocks:
        lines += _block(block)
    if not report.blocks:
        lines.append(f"  {FEW}: 10 answers in one block are needed")
    if report.alpha_change is not None:
        change, interval = report.alpha_change
        lines.append(
            f"  alpha, block 2 minus block 1: {change:+.2f} {_span(interval, '+.2f')} "
            "(pairs drawn anew)"
        )
    if report.notes:
        lines.append("SET ASIDE, and why")
        lines += [f"  {note}" for note in report.notes]
    return "\n".join(lines)


def _rater(one: "RaterLine") -> list[str]:
    lines = [f"  {one.rater}: {one.count} answers"]
    if not one.preferences:
        lines[0] += f": {FEW}, 10 are needed (they still count for the class)"
    for block, shares in one.preferences.items():
        told = "; ".join(
            f"{method} {share.value:.0%} {_span(share.interval, '.0%')}"
            for method, share in shares.items()
        )
        lines.append(f"    block {block}: {told}")
    if one.one_sided:
        lines.append(
            f"    WARNING: chose the left picture in {one.left.won} of {one.left.count}; sides "
            "are random, so this rater may look at the side. Ask before you leave anybody out."
        )
    if one.repeats is not None:
        lines.append(
            f"    repeated pairs: {_share(one.repeats)} the same choice (by chance: 50%)"
        )
    if one.catches is not None and one.catches.count - one.catches.won >= MISSES:
        lines.append(
            f"    WARNING: missed {one.catches.count - one.catches.won} of {one.catches.count} "
            "catch trials (clean against blurred)"
        )
    return lines


def _block(one: "BlockLine") -> list[str]:
    title = "which is better?" if one.block == 1 else "with instructions"
    lines = [f"  block {one.block} ({title}): {one.count} answers of {one.raters} raters"]
    if one.raters == 1:
        lines.append("    one rater only: the intervals know nothing of other raters")
    for method in sorted(one.scores, key=lambda name: -one.scores[name][0]):
        score, interval = one.scores[method]
        lines.append(
            f"    {method}: {_share(one.preferences[method])}; Bradley-Terry {score:+.2f} "
            f"{_span(interval, '+.2f')}"
        )
    lines.append(
        f"    agreement: Krippendorff's alpha {_number(one.alpha)}, "
        f"mean of Cohen's kappa {_number(one.mean_cohen)}"
    )
    return lines


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"


def _share(share: "Share") -> str:
    return f"{share.won} of {share.count} = {share.value:.0%} {_span(share.interval, '.0%')}"


def _span(interval: tuple[float, float], form: str) -> str:
    return f"[{interval[0]:{form}}, {interval[1]:{form}}]"
