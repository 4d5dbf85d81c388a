# %% [markdown]
# # 05 Non-local means and BM3D: finding more of the same
#
# **The question:** a picture says most things more than once. Can a denoiser find the places that say
# the same, average *them*, and so keep edges that no single place could keep?
#
# **You will**
#
# 1. predict which contrast the noise in a patch hides (exercise 1),
# 2. write non-local means for a signal (exercise 2),
# 3. filter a group of alike blocks together (exercise 3),
# 4. put overlapping estimates back into one picture (exercise 4),
# 5. find the places of your own photo that have no like (exercise 5).
#
# **Time:** 120 minutes; a good place for a pause is before BM3D. **Needs:** lesson 03 (bilateral
# filter), lesson 04 (thresholds, local DCT), the blur curve of lesson 02.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. Two pixels are compared by the 5 x 5 pixels around them instead of by their own values. Now make
#    that 15 x 15. Is a patch beside a weak edge *easier* to tell from its neighbour one pixel across the
#    edge? *My answer:*
# 2. Non-local means leaves 0.1 $\sigma$ of noise in a flat wall. How much does it leave right at a strong
#    edge? *My answer:*
# 3. An edge is too weak for the threshold in every single block. Sixteen blocks with the same edge are
#    stacked. How much weaker may the edge be? *My answer:*

# %%
import itertools
import json
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.special import ndtr
from scipy.stats import ncx2

from lessons_lib.classroom import lesson_05 as check
from lessons_lib.denoisers import (
    Bilateral,
    Gaussian,
    Guided,
    LocalDCT,
    LocalWiener,
    Median,
    TotalVariation,
    UndecimatedHaar,
    WaveletShrink,
)
from lessons_lib.denoisers.bm3d import BM3D, bm3d_steps
from lessons_lib.denoisers.bm3d_by_definition import (
    block_group,
    bm3d_by_definition,
    haar_matrix,
    transform,
)
from lessons_lib.denoisers.bm3d_transforms import biorthogonal_matrix, cosine_matrix, inverse
from lessons_lib.denoisers.non_local_means import (
    NonLocalMeans,
    effective_number,
    non_local_means,
    non_local_means_by_definition,
    non_local_weights,
)
from lessons_lib.denoisers.rules import rule
from lessons_lib.diagnosis.blur_curve import blur_curve, edge_estimates
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import gather
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.diagnosis.scoreboard import Scoreboard, residual_noise, score
from lessons_lib.display.figures import (
    Line,
    draw_image,
    draw_lines,
    draw_signed,
    image_row,
    new_figure,
)
from lessons_lib.display.patch_bench import patch_bench
from lessons_lib.display.subjects import photographed_street
from lessons_lib.image import luminance
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.standard_sets import StandardSetMissing, standard_set

# %% [markdown]
# # Part 1: non-local means
#
# ## One pixel is a poor witness
#
# The bilateral filter of lesson 03 asks: does that pixel have *my value*? In noise of standard deviation
# $\sigma$ that is a weak question. Buades, Coll and Morel ask: does that pixel have *my surroundings*?
#
# Call $P_i$ the **patch** of pixel $i$: the $n = (2r+1)^2$ noisy values around it, with the patch radius
# $r$. Two patches are compared by their squared distance, summed over all $n$ pixels:
#
# $$d_{ij} = |P_i - P_j|^2 .$$
#
# How often is the answer wrong? Take a flat patch, one of its own kind, and one on the other side of an
# edge of contrast $c$. The noise may make the wrong one look nearer.

# %%
def wrong_choice(ratio, side, draws=8000, seed=0):
    """How often a patch that is brighter by ratio * sigma looks nearer than a true twin."""
    mine, twin, other = np.random.default_rng(seed).standard_normal((3, draws, side, side))
    near = np.sum((mine - twin) ** 2, axis=(1, 2))
    far = np.sum((mine - other - ratio) ** 2, axis=(1, 2))
    return np.mean(far < near)


ratios = np.array([0.25, 0.5, 1, 1.5, 2, 3, 4])
mistakes = {side: [wrong_choice(one, side) for one in ratios] for side in (1, 3, 5, 7)}
print(f"contrast/sigma 2: a single pixel errs in {mistakes[1][4]:.0%}, 5 x 5 in {mistakes[5][4]:.2%}")
assert mistakes[1][4] > 0.2 and mistakes[5][4] < 0.002

# %%
edge_4, sigma = SlantedEdge(contrast=0.2), 0.05
noisy_edge = edge_4.image() + sigma * np.random.default_rng(0).standard_normal((96, 96))
figure, axes = new_figure(2, width=11, height=3.8, alt="Left: a noisy edge with three patches: mine "
    "and a twin on the dark side, another on the light side. Right: how often the wrong patch looks "
    "nearer falls with contrast, and falls the faster the larger the patch.")
draw_image(axes[0, 0], noisy_edge[24:72, 24:72], "my patch, a twin, and a stranger", 0.2, 0.8)
for (row, col), colour in zip(((20, 12), (34, 14), (22, 36)), ("C0", "C0", "C1"), strict=True):
    axes[0, 0].plot(np.array([0, 5, 5, 0, 0]) + col, np.array([0, 0, 5, 5, 0]) + row, colour, lw=2)
draw_lines(axes[0, 1], [Line(f"{side} x {side} px", ratios, rate, "both")
                        for side, rate in mistakes.items()], x_label="contrast / σ",
           y_label="wrong choices", title="the more pixels vote, the rarer the mistake")
figure

# %% [markdown]
# ## The law of the patch distance
#
# Each of the $n$ differences has a true part and noise of variance $2\sigma^2$ (both pixels are noisy).
# With the clean patches $p_i$, $p_j$ and $D = |p_i - p_j|^2$, for patches that do not overlap:
#
# $$\mathrm E\,d_{ij} = D + 2\sigma^2 n, \qquad
#   \mathrm{var}\,d_{ij} = 8\sigma^4 n + 8\sigma^2 D .$$
#
# $2\sigma^2 n$ is the **noise floor**: even a perfect twin is that far away. It is known and can be taken
# off. Its *scatter* $\sigma^2\sqrt{8n}$ cannot, and what is small against it is hidden.

# %%
n, contrasts, law = 25, np.array([0, 0.5, 1, 2, 3]), {}
rng = np.random.default_rng(1)
for c in contrasts:  # in units of sigma
    P, Q = rng.standard_normal((2, 20_000, n))
    d = np.sum((P - Q - c) ** 2, axis=1)
    D = c**2 * n
    mean, scatter = D + 2 * n, np.sqrt(8 * n + 8 * D)
    law[c] = d.mean(), d.std(), mean, scatter
    print(f"c = {c:3.1f} sigma: mean {d.mean():6.2f} (law {mean:6.2f}), scatter {d.std():5.2f} ({scatter:.2f})")
    # 20,000 draws: the mean is known to scatter / 141, the scatter to 0.6 %; four of each.
    assert abs(d.mean() - mean) < 4 * scatter / 141 and abs(d.std() / scatter - 1) < 0.03

# %%
fine = np.linspace(0, 3, 61)
middle, half = fine**2 * n + 2 * n, np.sqrt(8 * n + 8 * fine**2 * n)
figure, axes = new_figure(width=8, height=3.8, alt="Patch distance over sigma squared against contrast. "
    "A parabola starts at the noise floor of 50, with a band of plus and minus 14 around it. Measured "
    "means lie on it. Up to a contrast of 0.75 sigma it stays within the band of the floor.")
axes[0, 0].fill_between(fine, middle - half, middle + half, color="0.85")
axes[0, 0].axhspan(2 * n - half[0], 2 * n + half[0], color="#E69F00", alpha=0.25)
draw_lines(axes[0, 0], [Line("mean by the law (grey: ± scatter)", fine, middle),
                        Line("measured", contrasts, [law[c][0] for c in contrasts], "points"),
                        Line("noise floor (orange: ± its scatter)", [0, 3], [2 * n] * 2)],
           x_label="contrast c [σ]", y_label="d / σ²", title="25 pixels, all of them different by c")
axes[0, 0].set_ylim(0, 320)
figure

# %% [markdown]
# Two large patches on either side of an edge differ in all $n$ pixels, so $D = c^2 n$. It equals the
# scatter of the floor at $c = \sigma\,(8/n)^{1/4}$ = 0.75 $\sigma$ for 25 pixels: larger patches see
# weaker contrasts.
#
# **But blur is made by the neighbour.** Move a patch by *one* pixel across a vertical edge: only one
# column changes, $2r+1$ pixels, and $D = c^2(2r+1)$. And the two patches overlap: each difference shares
# a pixel with the next one in its row, and the squares of the two have the covariance $2\sigma^4$. Counted
# over all rows, the variance is $\sigma^4 n\,(12 - \tfrac{4}{2r+1})$ in place of $8\sigma^4 n$. Set $D$
# equal to its root:
#
# $$c_{\text{hidden}} = \sigma\,\Big(12 - \frac{4}{2r+1}\Big)^{1/4} .$$
#
# The patch size has all but cancelled.

# %%
def one_pixel_away(c, r, draws=20_000, seed=2):
    """Distances of one patch to the next one across an edge, and to the next one along it."""
    y = np.random.default_rng(seed).standard_normal((draws, 2 * r + 2, 2 * r + 2))
    y[..., r + 1:] += c  # the edge runs right of the middle of my patch
    mine = y[:, :-1, :-1]
    return [np.sum((mine - other) ** 2, axis=(1, 2)) for other in (y[:, :-1, 1:], y[:, 1:, :-1])]


# %%
wins = []
for r in (1, 2, 3, 7):
    side, hidden = 2 * r + 1, (12 - 4 / (2 * r + 1)) ** 0.25
    across, along = one_pixel_away(hidden, r)
    scatter = side * np.sqrt(12 - 4 / side)
    wins.append(np.mean(across < along))
    print(f"{side:2} x {side:<2}: hidden below {hidden:.2f} sigma; there the patch across looks nearer "
          f"in {wins[-1]:.1%}")
    # 20,000 draws know the scatter to 0.7 %, and the mean to scatter / 100; four of each.
    assert abs(along.std() / scatter - 1) < 0.03
    assert abs(across.mean() - 2 * side**2 - scatter) < 4 * across.std() / 141
assert 0.17 < wins[0] < 0.24 and 0.11 < wins[-1] < 0.17

# %% [markdown]
# From 3 x 3 to 15 x 15 the hidden contrast is 1.81 to 1.85 $\sigma$. There the neighbour on the wrong
# side still wins one contest in five with 3 x 3 px and one in seven with 15 x 15: 25 times the pixels
# hardly help (Predict 1).
#
# ## From distance to weight
#
# Take off the floor, cut what falls below 0, and turn it into a weight:
#
# $$w_{ij} \propto \exp\Big(-\frac{\max(d_{ij} - 2\sigma^2 n,\ 0)}{h^2 n}\Big), \qquad
#   \hat x_i = \sum_j w_{ij}\,y_j, \qquad \sum_j w_{ij} = 1 .$$
#
# $j$ runs over a square of **search radius** $R$ around $i$. $h$ is the **filter width**; its ratio to
# $\sigma$ is called the *strength*.

# %%
def weights_at(y, spot, sigma, r=2, R=6, strength=0.75):
    """Weights with which the pixel at `spot` averages, over its search window."""
    n, (row, col) = (2 * r + 1) ** 2, spot
    mine = y[row - r:row + r + 1, col - r:col + r + 1]
    weights = np.zeros((2 * R + 1, 2 * R + 1))
    for down, across in np.ndindex(weights.shape):
        i, j = row + down - R, col + across - R
        d = np.sum((mine - y[i - r:i + r + 1, j - r:j + r + 1]) ** 2)
        weights[down, across] = np.exp(-max(d - 2 * sigma**2 * n, 0) / ((strength * sigma) ** 2 * n))
    return weights / weights.sum()


# %%
spot = (48, 46)  # on the dark side, 1.5 px from the edge
w, window = weights_at(noisy_edge, spot, sigma), np.s_[42:55, 40:53]
np.testing.assert_allclose(w, non_local_weights(noisy_edge, spot, sigma)[window], atol=1e-15)
np.testing.assert_allclose(np.sum(w * noisy_edge[window]), non_local_means(noisy_edge, sigma)[spot])
print(f"{w.size} weights, sum {w.sum():.3f}; the largest is {w.max():.3f}, the pixel's own")
assert w[6, 6] == w.max()

# %% [markdown]
# **Fast.** Pixel by pixel that is slow. Turn the loops inside out: for *one shift*, the distances of all
# pixels at once are the squared difference of the picture and its shifted self, summed over a running
# window. And the distance from $i$ to $j$ serves $j$ as well. The library does just that, in pieces that
# fit the processor's cache.

# %%
def nlm(y, sigma, own=1.0, r=2, R=6, strength=0.75):
    """Non-local means, shift by shift; the picture goes round at its borders."""
    n, total, weights, largest = (2 * r + 1) ** 2, 0.0, 0.0, 0.0
    for shift in set(itertools.product(range(-R, R + 1), repeat=2)) - {(0, 0)}:
        moved = np.roll(y, shift, (0, 1))
        d = n * uniform_filter((y - moved) ** 2, 2 * r + 1, mode="wrap")  # all patches at once
        w = np.exp(-np.maximum(d - 2 * n * sigma**2, 0) / (n * (strength * sigma) ** 2))
        total, weights, largest = total + w * moved, weights + w, np.maximum(largest, w)
    mine = np.maximum(largest, 1e-9) if own == "largest" else own  # the pixel's own weight
    return (total + mine * y) / (weights + mine)


# %%
camera, sigma = picture("camera", 256), 25 / 255
noisy_camera = add_gaussian(camera, sigma, np.random.default_rng(1))
by_hand, fast = nlm(noisy_camera, sigma), NonLocalMeans()(noisy_camera, sigma)
np.testing.assert_allclose(by_hand[8:-8, 8:-8], fast[8:-8, 8:-8], atol=1e-12)  # away from the border
small = noisy_camera[:40, :50]
np.testing.assert_allclose(non_local_means_by_definition(small, sigma), non_local_means(small, sigma))
print(f"noisy {psnr(camera, noisy_camera):.2f} dB, non-local means {psnr(camera, fast):.2f} dB")

# %% [markdown]
# **The pixel's own weight.** Its distance to itself is 0 and says nothing. Its weight must be *chosen*:
# 1; or that of its best friend; or nearly none, which trusts the others alone.

# %%
grass = picture("grass", 256)
noisy_grass = add_gaussian(grass, 10 / 255, np.random.default_rng(1))
found = {}
for own in (1.0, "largest", 1e-3):
    found[own] = psnr(camera, nlm(noisy_camera, sigma, own)), psnr(grass, nlm(noisy_grass, 10 / 255, own))
    print(f"own weight {own!s:8}: camera man {found[own][0]:.2f} dB, grass in weak noise {found[own][1]:.2f} dB")
assert abs(found[1.0][0] - found["largest"][0]) < 0.15  # in the camera man it hardly matters
assert found[1.0][1] > found["largest"][1] + 1 and found[1.0][1] > found[1e-3][1] + 1

# %% [markdown]
# Where everything has friends, 1 and the best friend's weight are within 0.1 dB. In grass under weak
# noise the best friend is no friend, and a pixel does better to believe itself, by more than 1 dB. The
# library takes 1.
#
# ## See: whom do four pixels average with?
#
# A pixel on flat ground, on an edge, in a corner and in a texture. Below the weights: how many pixels do
# they average? Ten equal weights of $1/10$ sum to 1, and their squares to $1/10$. So call
#
# $$N_i = \frac{1}{\sum_j w_{ij}^2}$$
#
# the **effective number** of pixel $i$. Were the weights fixed, the noise left would be
# $\sigma/\sqrt{N_i}$.

# %%
coat = noisy_camera[130:226, 68:164]  # the coat's hem against the grass
spots = {"flat": (coat, (75, 40)), "edge": (coat, (45, 30)), "corner": (coat, (36, 10)),
         "texture": (noisy_grass, (128, 140))}
weights, numbers = {}, {}
for name, (y, (row, col)) in spots.items():
    level = 10 / 255 if name == "texture" else sigma
    everywhere = non_local_weights(y, (row, col), level)
    weights[name] = everywhere[row - 6:row + 7, col - 6:col + 7]
    numbers[name] = 1 / np.sum(everywhere**2)
    np.testing.assert_allclose(numbers[name], effective_number(y, level)[row, col])
    assert abs(everywhere.sum() - 1) < 1e-12
print({name: f"{number:.1f} pixels" for name, number in numbers.items()})
assert numbers["flat"] > 100 > 40 > numbers["edge"] > numbers["corner"] and numbers["texture"] < 10

# %%
figure, axes = new_figure(4, 2, width=12, height=6, alt="Four noisy neighbourhoods and their weights. "
    "Flat: weights all over the window. Edge: a stripe along the edge. Corner: hardly more "
    "than the pixel itself. Texture: five pixels along a blade of grass.")
for (name, (y, (row, col))), top, bottom in zip(spots.items(), *axes, strict=True):
    draw_image(top, y[row - 8:row + 9, col - 8:col + 9], f"{name}, noisy", -0.1, 1.0)
    top.plot([5.5, 10.5, 10.5, 5.5, 5.5], [5.5, 5.5, 10.5, 10.5, 5.5], "C1", linewidth=2)
    draw_signed(bottom, weights[name], f"weights: N = {numbers[name]:.1f}", weights[name].max(), scale=False)
figure

# %% [markdown]
# The edge pixel averages *along* its edge, though nobody told it what an edge is. The corner is
# nearly alone; the grass finds a few pixels of its own blade.
#
# **Weights are not the Jacobian row.** The weights move when the pixels move. The row of the Jacobian
# (lesson 02: how the estimate reacts to each noisy pixel) holds both effects. Both sum to 1: add a
# constant to the picture, and no distance changes.

# %%
rows = {}
for name in ("edge", "corner"):
    y, (row, col) = spots[name]
    top, left = max(row - 16, 0), max(col - 16, 0)
    near = y[top:row + 17, left:col + 17]  # holds all that the pixel can see
    rows[name] = gather(NonLocalMeans(), near, sigma, (row - top, col - left))
    inside = rows[name][row - top - 8:row - top + 9, col - left - 8:col - left + 9]
    off = np.abs(inside[2:-2, 2:-2] - weights[name]).max()
    print(f"{name}: row sum {rows[name].sum():.3f}, {np.sum(inside < -1e-3)} negative entries, differs "
          f"from the weights by up to {off:.2f}")
    assert abs(rows[name].sum() - 1) < 1e-6 and inside.min() < -0.01
    rows[name] = inside

# %%
figure, axes = new_figure(4, width=12, height=3.2, alt="Weights and Jacobian rows of the edge pixel and "
    "the corner pixel. The rows have negative entries within the pixel's own patch and spread over "
    "more pixels than the weights.")
for name, pair in zip(rows, (axes[0, :2], axes[0, 2:]), strict=True):
    framed = np.pad(weights[name], 2)
    for panel, title, array in zip(pair, ("weights", "Jacobian row"), (framed, rows[name]), strict=True):
        draw_signed(panel, array, f"{name}: {title}", np.abs(rows[name]).max(), scale=False)
figure

# %% [markdown]
# ## The rare patch
#
# Here is $N_i$ of every pixel of the camera man. It falls to nearly 1 where a patch has no like: at
# corners, at thin things, where two edges meet. There nothing is averaged, and the noise stays. Look for
# its trace in the estimate: a **noisy halo** around strong edges.

# %%
number = effective_number(noisy_camera, sigma)
piece = np.s_[0:130, 90:220]
figure, axes = new_figure(3, width=12, height=4.1, alt="A camera on its tripod: noisy, estimated, and "
    "the effective number. It is over 100 on sky and coat, below 4 along the outlines of the "
    "camera, where the estimate is still grainy.")
draw_image(axes[0, 0], noisy_camera[piece], "noisy")
draw_image(axes[0, 1], fast[piece], "non-local means")
drawn = axes[0, 2].imshow(np.log10(number[piece]), cmap="viridis", interpolation="nearest")
axes[0, 2].set_title("log10 of the effective number N", fontsize=10)
axes[0, 2].set_axis_off()
figure.colorbar(drawn, ax=axes[0, 2], shrink=0.8)
print(f"N: 1 % of the pixels below {np.quantile(number, 0.01):.1f}, half above {np.median(number):.0f}")
assert np.quantile(number, 0.01) < 3 and np.median(number) > 90
figure

# %% [markdown]
# Now measure it on an edge of contrast 12 $\sigma$, which nobody can overlook: the noise left at each
# distance from the edge, over 48 draws, beside $\sigma/\sqrt{N}$.

# %%
strong, depth = SlantedEdge(contrast=12 * 0.05), np.arange(0, 9)
distance = np.abs(strong.distance())
distance[:10] = distance[-10:] = np.inf  # not at the picture's border
rng = np.random.default_rng(0)
copies = strong.image() + 0.05 * rng.standard_normal((16, 96, 96))


def halo(denoiser, draws=48):
    """Noise left at 0 to 8 px from a strong edge, over sigma."""
    variance = edge_estimates(denoiser, strong, 0.05, draws, seed=0).var(axis=0, ddof=1)
    rings = [(distance >= one) & (distance < one + 1) for one in depth]
    return np.sqrt([variance[ring].mean() for ring in rings]) / 0.05


left = {strength: halo(NonLocalMeans(strength=strength)) for strength in (0.4, 0.75, 1.5)}
inverse_number = np.mean([1 / effective_number(one, 0.05) for one in copies], axis=0)
fixed = np.sqrt([inverse_number[(distance >= d) & (distance < d + 1)].mean() for d in depth])

# %%
print("noise left [sigma] at 0 to 8 px, strength 0.75:", left[0.75].round(2))
print("if the weights were fixed, sigma / sqrt(N):    ", fixed.round(2))
assert left[0.75][0] > 5 * left[0.75][8] and np.all(left[0.75] > 0.98 * fixed)
assert np.all(left[0.75] < 1.4 * fixed)
figure, axes = new_figure(width=8, height=3.6, alt="Noise left against distance from a strong edge. It "
    "is 0.67 sigma at the edge and falls to 0.13 at 4 px for strength 0.75; the dotted line of fixed "
    "weights runs somewhat below. A lower strength has a higher halo, a higher one a lower halo.")
draw_lines(axes[0, 0], [*(Line(f"h = {k} σ", depth + 0.5, one, "both") for k, one in left.items()),
                        Line("σ / √N, h = 0.75 σ", depth + 0.5, fixed)],
           x_label="distance from the edge [px]", y_label="noise left [σ]", title="the halo")
figure

# %% [markdown]
# Within 1 px of the edge about six times as much noise is left as far away (Predict 2). $\sigma/\sqrt N$ tells
# the shape, but the noise is up to a third higher: the weights were chosen *by this noise*, and a
# pixel's best friends are those whose noise is alike.
#
# **Small $h$ leaves a noisy halo, large $h$ blurs.** Both sides of the coin, in one table:

# %%
coin = {}
for strength in (0.4, 0.75, 1.5):
    widths = [p.width for p in blur_curve(NonLocalMeans(strength=strength), ratios=(4, 2))]
    coin[strength] = (left[strength][0], residual_noise(NonLocalMeans(strength=strength)), *widths)
    print("h = {:4} σ: at the edge {:.2f} σ, flat {:.2f} σ; width {:.2f} px at contrast/sigma 4, {:.2f} "
          "px at 2".format(strength, *coin[strength]))
columns = np.array(list(coin.values())).T
assert np.all(np.diff(columns[:2]) < 0) and np.all(np.diff(columns[2:]) > 0)

# %%
bricks = picture("brick", 256)[80:176, 80:176]
noisy_bricks = add_gaussian(bricks, 0.1, np.random.default_rng(0))
pictures = {f"h = {k} σ": NonLocalMeans(strength=k)(noisy_bricks, 0.1) for k in (0.3, 0.75, 2.0)}
image_row({"clean": bricks, "noisy": noisy_bricks, **pictures}, low=0.1, high=0.9,
          alt="A brick wall: clean, noisy, and three filter widths. With 0.3 sigma grain stays along the "
          "joints; with 0.75 there is less of it; with 2 sigma the joints are washed out.")

# %% [markdown]
# ## The whole blur curve from one closed form
#
# How much weight does a pixel get whose clean patch differs by $D$? $d_{ij}/2\sigma^2$ is a sum of $n$
# squared normal numbers with shifted means. Its distribution is known: *non-central chi-squared*, with
# $n$ degrees of freedom and non-centrality $D/2\sigma^2$. So the mean weight is an integral (over
# patches that do not overlap):

# %%
def mean_weight(D, n=25, strength=0.75):
    """E of exp(-max(d - 2n, 0) / (strength² n)), in units of sigma = 1."""
    d = np.linspace(0, 12 * n + 4 * D, 6000)
    density = ncx2.pdf(d / 2, n, max(D, 1e-9) / 2) / 2
    return np.sum(np.exp(-np.maximum(d - 2 * n, 0) / (strength**2 * n)) * density) * (d[1] - d[0])


rng = np.random.default_rng(3)
for D in (0, 25, 100):
    P, Q = rng.standard_normal((2, 20_000, 25))
    d = np.sum((P - Q - np.sqrt(D / 25)) ** 2, axis=1)
    w = np.exp(-np.maximum(d - 50, 0) / (0.75**2 * 25))
    print(f"D = {D:3} σ²: mean weight {w.mean():.4f}, law {mean_weight(D):.4f}")
    assert abs(w.mean() - mean_weight(D)) < 4 * w.std() / np.sqrt(20_000)
print(f"across an edge of 1 σ, against the own side: {mean_weight(25) / mean_weight(0):.0%}")
assert abs(mean_weight(25) / mean_weight(0) - 0.41) < 0.01

# %% [markdown]
# At contrast/$\sigma$ = 1 a flat patch *entirely on the other side* still gets 41 % of a twin's weight.
# Now put mean weights in the place of weights, and average the **clean** edge with them. No noise is
# drawn at all:

# %%
table_D = np.r_[0, np.geomspace(0.5, 6000, 60)]
table_w = np.array([mean_weight(D) for D in table_D])


def expected_estimate(x, sigma, r=2, R=6):
    """Non-local means of a clean picture with the weights that noise leaves on average."""
    n, total, weights = (2 * r + 1) ** 2, x.copy(), np.ones(x.shape)
    padded = np.pad(x, R, mode="symmetric")
    for down, across in itertools.product(range(2 * R + 1), repeat=2):
        if (down, across) == (R, R):
            continue
        moved = padded[down:down + len(x), across:across + x.shape[1]]
        D = n * uniform_filter((x - moved) ** 2, 2 * r + 1, mode="mirror") / sigma**2
        w = np.interp(D, table_D, table_w)
        total, weights = total + w * moved, weights + w
    return total / weights


# %%
ratios, sigma = (12, 8, 6, 4, 3, 2, 1), 0.05
points = {"non-local means": list(blur_curve(NonLocalMeans(), ratios=ratios, draws=48))}
measured, predicted = [point.width for point in points["non-local means"]], []
for ratio, width in zip(ratios, measured, strict=True):
    edge = SlantedEdge(contrast=ratio * sigma)
    predicted.append(rise_width(edge_spread(expected_estimate(edge.image(), sigma), edge)))
    print(f"contrast/sigma {ratio:2}: predicted {predicted[-1]:.2f} px, measured {width:.2f} px")
# The mean of a quotient is not the quotient of means: the law runs up to 10 % above.
assert all(-0.05 < law / found - 1 < 0.15 for law, found in zip(predicted, measured, strict=True))

# %%
figure, axes = new_figure(2, width=12, height=3.8, alt="Left: mean weight falls with contrast; a patch "
    "wholly across loses it at 2 sigma, the neighbour one pixel across only at 4. Right: the width "
    "predicted from it runs just above the measured points, from 0.9 px at 12 to 8 px at 1.")
draw_lines(axes[0, 0], [Line(f"{name}: D = {k} c²", fine * 2, [mean_weight(k * c**2) for c in fine * 2])
                        for name, k in (("all 25 pixels differ", 25), ("one column differs", 5))],
           x_label="contrast c [σ]", y_label="mean weight before dividing", title="what a false friend gets")
draw_lines(axes[0, 1], [Line("measured, 48 draws", ratios, measured, "points"),
                        Line("predicted without noise", ratios, predicted)],
           x_label="contrast / σ", y_label="10-90 % width [px]", log_x=True, title="blur against contrast")
axes[0, 1].set_xticks(ratios, [str(ratio) for ratio in ratios])
axes[0, 1].minorticks_off()
figure

# %% [markdown]
# From 12 down to 2 the width triples. Between 2 and 1 it falls apart, to 8 px: an average over the whole window
# of 13 px would make 0.8 · 13 = 10.4 px.
#
# # Part 2: BM3D
#
# An average needs twins. Dabov, Foi, Katkovnik and Egiazarian need only relatives. They stack the
# blocks that look alike, up to $K = 16$ of 8 x 8 px, into a **group**, and treat the stack as lesson 04
# treats a block: write it as a few large numbers, delete the small ones, go back.
#
# The language: a wavelet transform of each block (a *biorthogonal* one, a relative of Haar's, whose rows
# have length 1 but stand only nearly at right angles: noise keeps its $\sigma$), then Haar along the
# stack. The threshold is $T = 2.7\,\sigma$.

# %%
def haar(stack):
    """Haar transform along the first axis: the mean first, then differences of finer pieces."""
    if len(stack) == 1:
        return stack
    first, second = stack[0::2], stack[1::2]
    return np.concatenate([haar((first + second) / np.sqrt(2)), (first - second) / np.sqrt(2)])


# %%
group = block_group(noisy_bricks, 0.1, (40, 44))  # a joint between two bricks
B = biorthogonal_matrix()
spectrum = haar(B @ group.blocks @ B.T)
kept = np.abs(spectrum) >= 2.7 * 0.1
kept[0, 0, 0] = True  # the mean of the group is never doubted
back = np.tensordot(haar_matrix(16).T, kept * spectrum, axes=1)
estimate = inverse(B) @ back @ inverse(B).T
np.testing.assert_allclose(spectrum, group.spectrum, atol=1e-12)
np.testing.assert_allclose(estimate, group.estimate, atol=1e-12)
energy = (kept * spectrum) ** 2
energy[0, 0, 0] = 0  # but for the mean
share = energy[0].sum() / energy.sum()
print(f"{len(group.blocks)} blocks; {kept.sum()} of {kept.size} coefficients stay; "
      f"{share:.0%} of their energy is in the first tile, the mean of the stack")
assert share > 0.7

# %%
figure, axes = new_figure(5, 4, width=11, height=8.6, alt="A group of BM3D: the first five of 16 noisy "
    "blocks with a bright joint; their coefficients, large only in the first tile; what passes the "
    "threshold, the largest of it in the first tile; the filtered blocks, each with its joint.")
for k in range(5):
    draw_image(axes[0, k], group.blocks[k], f"block {k + 1}", 0.1, 0.9)
    draw_signed(axes[1, k], spectrum[k] / 0.1, f"Haar {k + 1}: spectrum [σ]", 8, scale=k == 4)
    draw_signed(axes[2, k], (kept * spectrum)[k] / 0.1, f"kept: {kept[k].sum()} of 64", 8, scale=k == 4)
    draw_image(axes[3, k], estimate[k], f"filtered {k + 1}", 0.1, 0.9)
figure

# %% [markdown]
# (Second and third row: Haar along the stack. The first tile is the sum of all blocks over 4, the others
# are differences.) Most of the joint went into the first tile, the noise into all 1,024 numbers.
#
# ## Why a stack sees weaker edges
#
# Say each of $K$ blocks holds the same edge, with a coefficient $\theta$ in its own transform. The Haar
# mean along the stack is the sum over $\sqrt K$: it holds $\sqrt K\,\theta$, and its noise is still
# $\sigma$. With $\Phi$ the normal distribution function it survives with the chance
#
# $$P = \Phi\Big(\frac{\sqrt K\,\theta - T}{\sigma}\Big) + \Phi\Big(\frac{-\sqrt K\,\theta - T}{\sigma}\Big).$$
#
# Sixteen blocks see an edge *four times* weaker than one block (Predict 3).

# %%
C = cosine_matrix()  # lesson 04's cosines, for which the edge's coefficient is large
half = np.where(np.arange(8) >= 4, 1.0, 0.0) * np.ones((8, 1))  # an edge through the block
unit = abs((C @ half @ C.T)[0, 1])  # its first coefficient at contrast 1
strengths, survived, chance = np.array([0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4]), {}, {}
rng = np.random.default_rng(4)
for K in (1, 4, 16):
    found = [np.mean([abs(transform(c * half + rng.standard_normal((K, 8, 8)), C)[0, 0, 1]) > 2.7
                      for _ in range(500)]) for c in strengths]
    theta = np.sqrt(K) * unit * strengths
    survived[K], chance[K] = np.array(found), ndtr(theta - 2.7) + ndtr(-theta - 2.7)
    # 500 draws know a share to 0.022 at most; four of those.
    assert np.abs(survived[K] - chance[K]).max() < 0.09
print(f"one block: half of the edges survive at c = {2.7 / unit:.2f} σ; 16 blocks: {2.7 / 4 / unit:.2f} σ")

# %%
figure, axes = new_figure(width=8, height=3.6, alt="Chance that an edge's coefficient survives against "
    "contrast for groups of 1, 4 and 16: three climbing curves, one half at 0.74, 0.37 and 0.19 sigma; measured "
    "dots lie on them.")
lines = []
for K in survived:
    lines += [Line(f"K = {K}: law", strengths, chance[K]), Line("measured", strengths, survived[K], "points")]
draw_lines(axes[0, 0], lines, x_label="contrast [σ]", y_label="share that survives", log_x=True,
           title="the more blocks agree, the weaker an edge may be")
axes[0, 0].set_xticks(strengths, [f"{c:g}" for c in strengths])
axes[0, 0].minorticks_off()
figure

# %% [markdown]
# The law holds for *true* relatives. BM3D finds them by noisy distances, so the patch-distance law is
# back. It looks up to 19 px away in each direction (beyond 9 px at every second pixel) and takes the nearest
# 16 whose *mean* squared difference is below $6\sigma^2$, three times the floor of $2\sigma^2$. On a straight edge true relatives abound. In a rare place the group is filled with
# whatever is least unlike.
#
# ## Aggregation, and the Wiener stage
#
# There is a group for every third pixel in each direction, and each returns all its blocks. Spread evenly,
# that is $16 \cdot 64 / 3^2 \approx 114$ block estimates for a pixel. They are averaged with weights: 1 /
# (number of coefficients kept), times a window that fades towards the block's border.

# %%
corner = noisy_camera[150:197, 70:117]
count = np.zeros(corner.shape)
for spot in itertools.product(range(0, 40, 3), repeat=2):
    for row, col in block_group(corner, 25 / 255, spot).positions:
        count[row:row + 8, col:col + 8] += 1
print(f"estimates per pixel: {count[8:-8, 8:-8].mean():.0f} on average, from {count.min():.0f} to {count.max():.0f}")
assert 90 < count[8:-8, 8:-8].mean() < 160 and count.min() >= 1

written_out = bm3d_by_definition(corner[:32, :32], 25 / 255)  # all groups, one after the other
np.testing.assert_allclose(written_out, BM3D()(corner[:32, :32], 25 / 255), atol=1e-10)

# %% [markdown]
# The result is a good picture, $\hat x_1$. So BM3D runs **again**: it looks for groups in $\hat x_1$,
# where distances have hardly any noise, and replaces the threshold by the *Wiener gain* of lesson 03, coefficient by
# coefficient, with $\hat x_1$'s own coefficient $\hat\theta$ as the guess of the true one:
#
# $$g = \frac{\hat\theta^2}{\hat\theta^2 + \sigma^2} .$$
#
# A wrong decision of the first stage can now be mended a little, but what $\hat x_1$ does not hold has
# $\hat\theta \approx 0$ and is nearly gone. (This stage takes every fourth pixel, and likeness below
# $1.4\,\sigma^2$. The docstring of `bm3d` says what else differs from the paper.)

# %%
steps = list(bm3d_steps(noisy_camera, 25 / 255))  # (share done, estimate so far): for progress bars
first = next(estimate for share, estimate in steps if share > 0.4)
stages = {"non-local means": fast, "BM3D, first stage": first, "BM3D, both stages": steps[-1][1]}
for name, estimate in stages.items():
    print(f"{name}: {psnr(camera, estimate):.2f} dB")
values = [psnr(camera, estimate) for estimate in stages.values()]
assert values[1] > values[0] + 0.5 and values[2] > values[1] + 0.1
pilot_group = block_group(noisy_camera, 25 / 255, (150, 66), pilot=first)
print(f"a group of the second stage: {len(pilot_group.blocks)} blocks")

# %%
face = np.s_[10:100, 60:150]
image_row({"clean": camera[face], "noisy": noisy_camera[face],
           **{name: estimate[face] for name, estimate in stages.items()}},
          alt="The camera man's face: clean, noisy, after non-local means with grain at its outline, "
          "and after the first and both stages of BM3D, with clean outlines; they look nearly alike.")

# %% [markdown]
# ## The patch bench
#
# Click a pixel. *Non-local means* shows its weights, the patches most like its own, and $N$; *BM3D group*
# the stack, its spectrum and what survives.
#
# 1. Slanted edge: pull *contrast / σ* from 12 to 1. Where does weight begin to cross the edge?
# 2. Click on the camera man's tripod, at the right. Is $N$ near 1? Raise the filter width until it is
#    not. What happened to the edge?
# 3. *BM3D group*, slanted edge, contrast 1: do all blocks of the group hold the edge? How many
#    coefficients draw it?
# 4. Brick wall: compare the two methods on a joint, and on a crossing of two joints.

# %%
bench = patch_bench()
bench

# %% [markdown]
# ## Against the published table
#
# An implementation of one's own may be wrong and still look good. The published PSNR of BM3D on the
# twelve images 'Set12' at $\sigma$ = 25/255 is 29.97 dB. Those images are not part of the course (their
# licences are unclear). If you have them (`standard_set` says how), this cell measures; if not, it shows
# what the project's benchmark measured and stored.

# %%
def stored(method, level, path=Path("../benchmarks/results/denoisers.json")):
    """Mean PSNR on Set12 in the stored benchmark, or None."""
    methods = json.loads(path.read_text(encoding="utf-8"))["methods"] if path.exists() else []
    found = [one["fidelity"]["Set12"][str(level)]["psnr"] for one in methods if one["name"] == method]
    return found[0] if found else None


try:
    level, values = 25 / 255, []
    for x in standard_set("Set12").values():
        y = (x + level * np.random.default_rng(0).standard_normal(x.shape)).astype(np.float32)
        values.append(psnr(x, np.clip(BM3D()(y, level), 0, 1)))
    mean, how = np.mean(values), "measured here"
except StandardSetMissing:
    mean, how = stored("BM3D", 25), "stored by the benchmark"
print("no images and no stored benchmark" if mean is None else f"{mean:.2f} dB, {how}; published 29.97 dB")
assert mean is None or abs(mean - 29.97) < 0.12  # another noise moves the mean by 0.01

# %% [markdown]
# # Part 3: measured
#
# ## Blur against contrast/$\sigma$, beside every family so far

# %%
few = (8, 4, 2, 1)
family = {"Gaussian 1.5": Gaussian(1.5), "median 2": Median(2), "local Wiener": LocalWiener(),
          "bilateral": Bilateral(), "guided": Guided(), "total variation": TotalVariation(),
          "db2, BayesShrink": WaveletShrink(), "Haar, all shifts": UndecimatedHaar(),
          "local DCT": LocalDCT(), "BM3D": BM3D()}
for name, one in family.items():
    points[name] = list(blur_curve(one, ratios=few))
curves = {name: {point.ratio: point.width for point in found} for name, found in points.items()}
curves = {name: [curve[k] for k in curve if round(k) in few] for name, curve in curves.items()}
for name, widths in curves.items():
    print(f"{name:18}" + "".join(f"{width:7.2f}" for width in widths) + "  px at 8, 4, 2, 1")
means, stack = curves["non-local means"], curves["BM3D"]
assert means[0] < 1.1 and stack[0] < 1.1 and means[3] > 6.5
assert stack[3] < 0.85 * min(widths[3] for name, widths in curves.items() if name != "BM3D")

# %%
figure, axes = new_figure(2, width=12, height=4, alt="10-90 per cent width against contrast over sigma, "
    "lesson 03's filters at the left, lesson 04's and BM3D at the right, non-local means in both. At 8 most "
    "are near 1 px. At 1 BM3D has under 3 px, the others 3.5 to 7, and non-local means over 8.")
order = list(curves)
for panel, group_of in zip(axes[0], (order[:7], [order[0], *order[7:]]), strict=True):
    draw_lines(panel, [Line(name, few, curves[name], "both") for name in group_of],
               x_label="contrast / σ", y_label="10-90 % width [px]", log_x=True)
    panel.set_xticks(few, [str(ratio) for ratio in few])
    panel.set_ylim(0, 9)
    panel.minorticks_off()
figure

# %% [markdown]
# **Blur or jitter?** (Lesson 02.) A sharp edge that stands elsewhere in each draw would also be wide in
# the mean. A jitter of standard deviation $t$ px alone makes a width of $2.563\sqrt{t^2 + 1/12}$. Compare
# it with the width of single draws:

# %%
for name in ("non-local means", "BM3D"):
    for point in (one for one in points[name] if round(one.ratio) in (4, 2, 1)):
        alone = 2.563 * np.sqrt(point.jitter**2 + 1 / 12)
        print(f"{name:16} at {point.ratio:.0f}: mean {point.width:.2f} px, single draws {point.width_per_draw:.2f}"
              f" px, jitter {point.jitter:.2f} px would make {alone:.2f} px")
        assert point.width_per_draw > 0.75 * point.width
        assert point.ratio > 1.5 or alone < 0.7 * point.width_per_draw

# %% [markdown]
# Each single estimate is nearly as wide as the mean: both **blur**. Their edges do jitter, but by far too
# little to make such a mean.
#
# **At equal noise left.** A fair contest gives each the strength that leaves the same noise in flat
# parts, here the 0.113 $\sigma$ of non-local means:

# %%
equal = {"Gaussian": Gaussian(2.61), "bilateral": Bilateral(3.0, 4.92), "total variation": TotalVariation(0.828, 200),
         "Haar, all shifts": UndecimatedHaar(threshold_ratio=3.35), "local DCT": LocalDCT(threshold_ratio=2.73),
         "non-local means": NonLocalMeans(), "BM3D, told 0.87 σ": BM3D(0.87)}
alike = {}
for name, one in equal.items():
    noise = residual_noise(one)
    assert abs(noise - 0.113) < 0.01  # scatter from seed to seed: 0.003
    alike[name] = [point.width for point in blur_curve(one, ratios=few, draws=16)]
    print(f"{name:18}" + "".join(f"{width:7.2f}" for width in alike[name]) + f"   noise left {noise:.3f} σ")
others = [widths[2] for name, widths in alike.items() if name != "BM3D, told 0.87 σ"]
assert alike["BM3D, told 0.87 σ"][2] < 0.75 * min(others)  # at 2: far ahead
weakest = {name: widths[3] for name, widths in alike.items()}
assert min(weakest, key=weakest.get) == "BM3D, told 0.87 σ"
assert weakest["non-local means"] > weakest["Gaussian"]  # by 1 px or so
assert alike["Gaussian"][0] > 6.5 * alike["non-local means"][0]

# %% [markdown]
# At 8 non-local means is seven times sharper than the Gaussian that cleans as well. At 1 it is the wider of
# the two: it no longer sees the edge, and averages nearly all of its window. At 4 BM3D and Haar over all
# shifts are about level; from 2 down BM3D is ahead of everything else. That fits the law of the stack: 16
# blocks see a coefficient four times weaker than a single block does.
#
# ## Why this edge blurred
#
# | aspect | non-local means | BM3D |
# |---|---|---|
# | cause | **mis-deciding**: friends are chosen by noisy distances | **mis-deciding**: so are groups, and coefficients below $T$ are deleted |
# | equation | $\mathrm E\,d = D + 2\sigma^2 n$, scatter $\sigma^2\sqrt{8n + 8D/\sigma^2}$ | survives if $\sqrt K\,\theta > T$ |
# | depends on | contrast/$\sigma$: hidden below 1.8 $\sigma$ at the next pixel | contrast/$\sigma$, and how many relatives there are |
# | not the cause | mixing: at 12 the edge is as sharp as the clean one | jitter: single draws are as wide |
#
# The numbers, and the price of not blurring:

# %%
clean_width = rise_width(edge_spread(strong.image(), strong))
print(f"non-local means: {measured[0]:.2f} px at 12 (clean: {clean_width:.2f}), {measured[5]:.2f} px at 2, "
      f"{measured[6]:.1f} px at 1; BM3D: {stack[2]:.2f} and {stack[3]:.2f} px")
print(f"price: h 0.75 -> 0.4 σ makes the edge at 2 {coin[0.75][3]:.2f} -> {coin[0.4][3]:.2f} px wide, and leaves "
      f"{coin[0.75][0]:.2f} -> {coin[0.4][0]:.2f} σ at strong edges, {coin[0.75][1]:.2f} -> {coin[0.4][1]:.2f} σ in flat parts")
assert measured[0] < clean_width + 0.1 and measured[6] > 2.4 * measured[5]
assert coin[0.4][3] < 0.85 * coin[0.75][3] and coin[0.4][1] > 1.3 * coin[0.75][1]

# %% [markdown]
# Go back to **Predict**. Which of your answers would you change, and which number makes you do it?

# %% [markdown]
# ## Exercises
#
# **Exercise 1: what does the floor hide?** Two patches of `n` pixels, which do not overlap, differ by the
# contrast $c$ in only `different` of their pixels. Return the contrast, in units of $\sigma$, at which
# the true distance $D$ is `z` times the scatter that the *noise floor* has.

# %% tags=["exercise"]
def visible_contrast(n, different, z):
    """Contrast / sigma at which D is z times the scatter of the floor."""
    raise NotImplementedError

# %% tags=["check"]
check.check_visible_contrast(visible_contrast)

# %% tags=["solution"]
def visible_contrast(n, different, z):
    """Contrast / sigma at which D is z times the scatter of the floor."""
    # c² different = z sqrt(8 n), in units of sigma²
    return float(np.sqrt(z * np.sqrt(8 * n) / different))

# %% [markdown]
# **Exercise 2: really non-local.** Write non-local means for a *signal* (1-D). A patch has
# $n = 2r+1$ values; the signal is mirrored at its ends (`np.pad(signal, r, mode="symmetric")`). Let
# every sample search the *whole* signal, take off the floor, and give the sample itself the weight 1.
# `h` is the filter width in the units of the signal.

# %% tags=["exercise"]
def nlm_signal(signal, sigma, r, h):
    """Non-local means of a 1-D signal over all its samples."""
    raise NotImplementedError

# %% tags=["check"]
check.check_nlm_signal(nlm_signal)

# %% tags=["solution"]
def nlm_signal(signal, sigma, r, h):
    """Non-local means of a 1-D signal over all its samples."""
    n = 2 * r + 1
    padded = np.pad(signal, r, mode="symmetric")
    patches = np.array([padded[k:k + n] for k in range(len(signal))])
    d = np.sum((patches[:, None] - patches[None]) ** 2, axis=2)
    weights = np.exp(-np.maximum(d - 2 * sigma**2 * n, 0) / (h**2 * n))
    return weights @ signal / weights.sum(axis=1)

# %% [markdown]
# **Exercise 3: filter a group.** `blocks` is a stack `(K, 8, 8)` with noise of `sigma`. Transform it by
# cosines along *all three* axes (`from scipy import fft`, then `fft.dctn(blocks, norm="ortho")`), delete
# what is not above `ratio * sigma` in size, but never the first coefficient, and go back (`fft.idctn`,
# also with `norm="ortho"`). Return the filtered stack and the weight that the aggregation gives to it:
# 1 / (number of coefficients kept).

# %% tags=["exercise"]
def filter_group(blocks, sigma, ratio):
    """(filtered stack, weight) by a hard threshold in three dimensions."""
    raise NotImplementedError

# %% tags=["check"]
check.check_filter_group(filter_group)

# %% tags=["solution"]
def filter_group(blocks, sigma, ratio):
    """(filtered stack, weight) by a hard threshold in three dimensions."""
    from scipy import fft

    spectrum = fft.dctn(blocks, norm="ortho")
    keep = np.abs(spectrum) > ratio * sigma
    keep[0, 0, 0] = True
    return fft.idctn(keep * spectrum, norm="ortho"), 1 / np.count_nonzero(keep)

# %% [markdown]
# **Exercise 4: put it back together.** `estimates` are blocks `(m, b, b)`, `positions` the (row, col) of
# each one's first pixel, `weights` one number per block. Return a picture of the shape of `fallback`, whose
# pixels are the weighted means of all blocks that cover them. Where no block lies, take `fallback`'s pixel.

# %% tags=["exercise"]
def aggregate(estimates, positions, weights, fallback):
    """Weighted mean of overlapping blocks; same shape as fallback."""
    raise NotImplementedError

# %% tags=["check"]
check.check_aggregate(aggregate)

# %% tags=["solution"]
def aggregate(estimates, positions, weights, fallback):
    """Weighted mean of overlapping blocks; same shape as fallback."""
    total, covered = np.zeros(fallback.shape), np.zeros(fallback.shape)
    for block, (row, col), weight in zip(estimates, positions, weights, strict=True):
        place = np.s_[row:row + len(block), col:col + block.shape[1]]
        total[place] += weight * block
        covered[place] += weight
    return np.where(covered > 0, total / np.where(covered > 0, covered, 1), fallback)

# %% [markdown]
# **Exercise 5: what has no like?** `number` is the effective number $N$ of each pixel of a photo, as
# `effective_number(photo, sigma)` gives it. Take the noise left in a pixel to be of variance
# $\sigma^2/N$. Return two things: which pixels average fewer than `fewest` pixels (a boolean picture),
# and which *share* of all the variance that is left sits in them.

# %% tags=["exercise"]
def rare_pixels(number, fewest):
    """(boolean picture, share of the variance left that is in it)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_rare_pixels(rare_pixels)

# %% tags=["solution"]
def rare_pixels(number, fewest):
    """(boolean picture, share of the variance left that is in it)."""
    rare = number < fewest
    return rare, float(np.sum(1 / number[rare]) / np.sum(1 / number))

# %% [markdown]
# Now use it. Without a photo of yours, the cell takes a piece of the night street. For your own, set
# `PHOTO` to a file name and `PIECE` to a part with edges and texture.

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg"
PIECE = np.s_[60:276, 150:446]  # rows, columns
FACTOR = 2  # by which sigma is above its estimate; see below

photo = luminance(photographed_street() if PHOTO is None else read_photo(PHOTO).display)[PIECE].astype(float)
level = FACTOR * estimate_sigma(photo)
try:
    rare, share = rare_pixels(effective_number(photo, level), 8)
    cleaned = NonLocalMeans()(photo, level)
    print(f"sigma {level:.3f}: {rare.mean():.1%} of the pixels have no like; "
          f"{share:.0%} of the noise left sits in them")
    shown = image_row({"photo": photo, "non-local means": cleaned, "pixels without a like": 1.0 * rare},
                      alt="A piece of your photo, its estimate, and the pixels that average fewer than 8.")
except NotImplementedError:
    shown = "Solve exercise 5 first; then this cell looks at your photo."
shown

# %% [markdown]
# Which things in your photo are rare? Are they where the estimate is grainy? Now set `FACTOR = 1`. The
# noise of a developed photo is coloured (lesson 01): `estimate_sigma` looks at its finest detail only and
# finds too little, so that every blotch counts as something of its own. *My answer:*

# %% [markdown]
# ## Scoreboard
#
# One row per denoiser, each at its own default.

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


board = Scoreboard((score(noisy_itself, camera, sigma=25 / 255, name="noisy itself"),))
for name, one in {"Gaussian 1.5": Gaussian(1.5), "bilateral": Bilateral(), "total variation": rule("total variation"),
                  "Haar, all shifts": UndecimatedHaar(), "local DCT": LocalDCT(),
                  "non-local means": NonLocalMeans(), "BM3D": BM3D()}.items():
    board = board.add(score(one, camera, sigma=25 / 255, name=name))
board

# %%
by_name = {row.name: row for row in board.rows}
best, means_row = by_name["BM3D"], by_name["non-local means"]
print(f"BM3D {best.psnr:.2f} dB, local DCT {by_name['local DCT'].psnr:.2f} dB, non-local means {means_row.psnr:.2f} dB")
assert board.rows[0] is best and best.psnr > board.rows[1].psnr + 0.4
assert best.width_1 == min(row.width_1 for row in board.rows if row.name != "noisy itself")
assert means_row.contrast_kept > best.contrast_kept > by_name["local DCT"].contrast_kept

# %% [markdown]
# ## What it cannot do
#
# A patch can only be compared with those that are *there*. Would more pictures help? Levin and Nadler let
# a denoiser search in huge numbers of clean patches of natural photos, and asked what the best
# estimate could reach; a year later they went on with Durand and Freeman. In words: larger patches tell
# more, but are so much rarer that the gain soon ends; and even with *unlimited* examples a positive error
# stays, because different clean patches explain the same noisy one. (Their figures are not measured here.)
#
# Non-local means asks *who looks like me?*, and BM3D *what do we share?*, in a language that somebody
# wrote down. Lesson 06 lets a network learn the language from many pictures. It will blur edges for another
# reason.

# %% [markdown]
# ## References
#
# - A. Buades, B. Coll, J.-M. Morel, *A non-local algorithm for image denoising*, 2005, doi
#   [10.1109/CVPR.2005.38](https://doi.org/10.1109/CVPR.2005.38); *A review of image denoising algorithms,
#   with a new one*, 2005, doi [10.1137/040616024](https://doi.org/10.1137/040616024).
# - J. Darbon and others, *Fast nonlocal filtering applied to electron cryomicroscopy*, 2008, doi
#   [10.1109/ISBI.2008.4541250](https://doi.org/10.1109/ISBI.2008.4541250); J. Froment, *Parameter-free
#   fast pixelwise non-local means denoising*, 2014, doi
#   [10.5201/ipol.2014.120](https://doi.org/10.5201/ipol.2014.120): shifts and running sums.
# - K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, *Image denoising by sparse 3-D transform-domain
#   collaborative filtering*, 2007, doi [10.1109/TIP.2007.901238](https://doi.org/10.1109/TIP.2007.901238).
# - M. Lebrun, *An analysis and implementation of the BM3D image denoising method*, 2012, doi
#   [10.5201/ipol.2012.l-bm3d](https://doi.org/10.5201/ipol.2012.l-bm3d).
# - K. Zhang and others, *Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising*,
#   2017, doi [10.1109/TIP.2017.2662206](https://doi.org/10.1109/TIP.2017.2662206): the table with BM3D on
#   Set12.
# - A. Levin, B. Nadler, *Natural image denoising: optimality and inherent bounds*, 2011, doi
#   [10.1109/CVPR.2011.5995309](https://doi.org/10.1109/CVPR.2011.5995309); A. Levin, B. Nadler,
#   F. Durand, W. T. Freeman, *Patch complexity, finite pixel correlations and optimal denoising*, 2012,
#   doi [10.1007/978-3-642-33715-4_6](https://doi.org/10.1007/978-3-642-33715-4_6).
