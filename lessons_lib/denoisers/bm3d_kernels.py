"""The inner loops of BM3D, compiled by Numba: matching, the Haar transform, shrinkage.

They work on one row of reference blocks at a time, in float32 or float64. What they
compute is written out readably in ``bm3d_by_definition.py``, and a test holds both equal.
Each small function has few arrays and one loop over neighbouring numbers, which is what
the compiler turns into vector instructions.
"""

import numpy as np
from numba import njit

from lessons_lib.denoisers.bm3d_haar import (
    BLOCK,
    COMPILE,
    SIZE,
    bit_reversed,
    haar_backward,
    haar_forward,
)


@njit(**COMPILE)
def _set_squares(out, a, b, c, d, e, f, g, h):
    for x in range(out.size):
        first, second, third, fourth = a[x] - b[x], c[x] - d[x], e[x] - f[x], g[x] - h[x]
        out[x] = (first * first + second * second) + (third * third + fourth * fourth)


@njit(**COMPILE)
def _add_squares(out, a, b, c, d, e, f, g, h):
    for x in range(out.size):
        first, second, third, fourth = a[x] - b[x], c[x] - d[x], e[x] - f[x], g[x] - h[x]
        out[x] += (first * first + second * second) + (third * third + fourth * fourth)


@njit(**COMPILE)
def _add(out, a, b):
    for x in range(out.size):
        out[x] = a[x] + b[x]


@njit(**COMPILE)
def _keep_nearest(distances, step, shift, worst, counts, nearest, chosen):
    """Insert one shift's distance into every reference block's sorted list, if it is near."""
    most = nearest.shape[1]
    for k in range(worst.size):
        distance = distances[step * k]
        if distance < worst[k]:
            count = counts[k]
            place = min(count, most - 1)
            values, shifts = nearest[k], chosen[k]
            while place > 0 and values[place - 1] > distance:
                values[place], shifts[place] = values[place - 1], shifts[place - 1]
                place -= 1
            values[place], shifts[place] = distance, shift
            if count < most:
                counts[k] = count + 1
            if counts[k] == most:
                worst[k] = values[most - 1]


@njit(**COMPILE)
def match_row(guide, margin, row, down, across, step, limit, counts, nearest, chosen):
    """Find the blocks most like each reference block of one row.

    ``guide`` has ``margin`` px of huge numbers around it, so that blocks outside the image
    are never near; ``row`` counts in the image itself. Shift 0 is the reference block
    itself, and always comes first. ``counts``, ``nearest`` (sums of squared differences) and
    ``chosen`` (numbers of shifts) are the result, one row for each reference block.
    """
    width = guide.shape[1] - 2 * margin
    inside = width - BLOCK + 1
    squares, pairs = np.empty(width, guide.dtype), np.empty(width, guide.dtype)
    fours, distances = np.empty(width, guide.dtype), np.empty(inside, guide.dtype)
    worst = np.empty(counts.size, guide.dtype)
    worst[:] = limit
    counts[:] = 1
    nearest[:, 0], chosen[:, 0] = -1, 0
    for shift in range(1, down.size):
        start = margin + across[shift]
        stop, end = margin + width, start + width
        for k in range(0, BLOCK, 4):
            own = margin + row + k
            other = own + down[shift]
            a, b = guide[own][margin:stop], guide[other][start:end]
            c, d = guide[own + 1][margin:stop], guide[other + 1][start:end]
            e, f = guide[own + 2][margin:stop], guide[other + 2][start:end]
            g, h = guide[own + 3][margin:stop], guide[other + 3][start:end]
            if k == 0:
                _set_squares(squares, a, b, c, d, e, f, g, h)
            else:
                _add_squares(squares, a, b, c, d, e, f, g, h)
        # Sums of 2, 4 and 8 neighbouring columns.
        _add(pairs[: width - 1], squares[: width - 1], squares[1:])
        _add(fours[: width - 3], pairs[: width - 3], pairs[2 : width - 1])
        _add(distances, fours[:inside], fours[4 : inside + 4])
        _keep_nearest(distances, step, shift, worst, counts, nearest, chosen)


@njit(**COMPILE)
def _copy_line(out, values):
    for x in range(out.size):
        out[x] = values[x]


@njit(**COMPILE)
def _add_scaled_line(out, values, scale):
    for x in range(out.size):
        out[x] += scale * values[x]


@njit(**COMPILE)
def collect_blocks(plane, row, blocks):
    """Lay out all blocks whose first row is ``row``: pixel (i, j) of each in row 8 i + j."""
    columns = blocks.shape[1]
    for i in range(BLOCK):
        for j in range(BLOCK):
            _copy_line(blocks[BLOCK * i + j], plane[row + i][j : j + columns])


@njit(**COMPILE)
def spread_blocks(blocks, weights, window, total, weight, row):
    """Add the weighted blocks of one row, and their weights, to the picture."""
    columns = blocks.shape[1]
    one = window[0] / window[0]
    for i in range(BLOCK):
        for j in range(BLOCK):
            pixel = BLOCK * i + j
            _add_scaled_line(total[row + i][j : j + columns], blocks[pixel], one)
            _add_scaled_line(weight[row + i][j : j + columns], weights, window[pixel])


@njit(**COMPILE)
def _hard(values, threshold):
    """Zero what is below the threshold, but for the mean (number 0); count what is kept."""
    mean = values[0]
    # 1 and 0 in the type of the values: float64 in between would halve the speed.
    one, nothing = threshold / threshold, threshold - threshold
    kept = nothing
    for j in range(values.size):
        keep = one if abs(values[j]) >= threshold else nothing
        values[j] *= keep
        kept += keep
    if values[0] != mean or mean == nothing:
        kept += one
    values[0] = mean
    return one / kept


@njit(**COMPILE)
def _wiener(values, pilot, noise):
    """Multiply by the pilot's Wiener gain, but for the mean; return 1 / sum of gains^2."""
    mean = values[0]
    one, energy = noise / noise, noise - noise
    for j in range(values.size):
        power = pilot[j] * pilot[j]
        gain = power / (power + noise)
        energy += gain * gain
        values[j] *= gain
    first = pilot[0] * pilot[0] / (pilot[0] * pilot[0] + noise)
    values[0] = mean
    return one / (energy - first * first + one)


@njit(**COMPILE)
def _copy(out, values):
    for j in range(SIZE):
        out[j] = values[j]


@njit(**COMPILE)
def _add_weighted(out, values, weight):
    for j in range(SIZE):
        out[j] += weight * values[j]


@njit(**COMPILE)
def shrink_row(
    spectra, pilots, sums, weights, row, step, down, across, counts, chosen, setting,
    use_pilot, root_half,
):  # fmt: skip
    """Filter the groups of one row of reference blocks, and add them up where they belong.

    ``spectra``, ``pilots`` and ``sums`` are ring buffers ``(rows, columns, 64)`` of the 2-D
    transforms of all blocks near this row; image row r is in place r modulo rows. A
    group's estimate is added to ``sums`` with its weight, still transformed: the blocks
    that several groups share are then transformed back only once. ``setting`` is the
    threshold, or with ``use_pilot`` the noise variance.
    """
    ring, most = spectra.shape[0], chosen.shape[1]
    group, pilot = np.empty(most * SIZE, sums.dtype), np.empty(most * SIZE, sums.dtype)
    order, last = np.empty(most, np.int64), 0
    for k in range(counts.size):
        count = 1
        while 2 * count <= counts[k]:
            count *= 2
        if count != last:
            bit_reversed(count, order)
            last = count
        for i in range(count):
            y = (row + down[chosen[k, i]]) % ring
            x = step * k + across[chosen[k, i]]
            at = SIZE * order[i]
            _copy(group[at : at + SIZE], spectra[y, x])
            if use_pilot:
                _copy(pilot[at : at + SIZE], pilots[y, x])
        values = group[: count * SIZE]
        haar_forward(values, root_half)
        if use_pilot:
            haar_forward(pilot[: count * SIZE], root_half)
            weight = _wiener(values, pilot[: count * SIZE], setting)
        else:
            weight = _hard(values, setting)
        haar_backward(values, root_half)
        for i in range(count):
            y = (row + down[chosen[k, i]]) % ring
            x = step * k + across[chosen[k, i]]
            at = SIZE * order[i]
            _add_weighted(sums[y, x], group[at : at + SIZE], weight)
            weights[y, x] += weight
