"""Measures of edges, written for people."""

import math

NYQUIST = 0.5  # cycles/px: the finest pattern that pixels can hold


def format_mtf50(value: float) -> str:
    """Write an MTF50 for people: '≥ 0.5' past Nyquist, 'no edge' if no contrast is left."""
    if value >= NYQUIST:
        return "≥ 0.5"
    return "no edge" if value <= 0 else f"{value:.3f}"


def format_width(value: float) -> str:
    """Write a rise width for people: 'no edge' where it is infinite."""
    return f"{value:.2f}" if math.isfinite(value) else "no edge"
