"""The Haar transform along a group of blocks, compiled by Numba, and what its loops share."""

from numba import njit

BLOCK = 8  # px; the loops below are unrolled for it
SIZE = BLOCK * BLOCK

# A relaxed order of sums is what lets the compiler add several numbers at once.
COMPILE = {"fastmath": {"reassoc", "contract", "arcp", "nsz"}, "nogil": True, "cache": True}


@njit(**COMPILE)
def _sum_and_difference(a, b, root_half):
    for j in range(a.size):
        total, difference = (a[j] + b[j]) * root_half, (a[j] - b[j]) * root_half
        a[j], b[j] = total, difference


@njit(**COMPILE)
def haar_forward(values, root_half):
    """Orthonormal Haar transform along a group, in place.

    ``values`` holds one spectrum of 64 numbers after the other, in bit-reversed order: then
    the neighbours that Haar pairs stand in the first and the second half, and each level
    is one long loop. The mean ends up in place 0.
    """
    half = values.size // 2
    while half >= SIZE:
        _sum_and_difference(values[:half], values[half : 2 * half], root_half)
        half //= 2


@njit(**COMPILE)
def haar_backward(values, root_half):
    """Undo :func:`haar_forward`, in place."""
    half = SIZE
    while 2 * half <= values.size:
        _sum_and_difference(values[:half], values[half : 2 * half], root_half)
        half *= 2


@njit(**COMPILE)
def bit_reversed(count, order):
    """Write the bit-reversed order of 0 ... count - 1 (count a power of 2) to ``order``."""
    order[0] = 0
    done, step = 1, count // 2
    while done < count:
        for i in range(done):
            order[done + i] = order[i] + step
        done *= 2
        step //= 2
