# %% [markdown]
# # PS3 Whom does a pixel average with?
#
# **The question:** three denoisers leave the same noise on a flat wall. At a weak edge one makes it 2 or 3 px
# wide and the other two three times as much; at a strong edge one leaves six times its noise. Who is who,
# and why?
#
# **You will** compute all patch distances of a picture at once, turn distances into weights, find a group of
# alike blocks, filter it as BM3D's second stage does, and measure what rare patches pay.
#
# **Time:** about 90 minutes. **Needs:** lesson 05. **Points:** 29 (five functions of 4 or 5, one written
# answer of 7).
#
# **How to work:** fill in the marked cells; leave the others as they are. *Run All* stops at the first open
# question: go on there. The check below an answer uses one set of cases; when it is graded, the same
# properties are checked on cases that nobody has seen, so write the method, not the numbers.
#
# **Honesty:** talk about ideas with anybody. Write code and text yourself, and name whoever or whatever
# helped you, programs too, in one line of your written answer.

# %% tags=["setup"]
import numpy as np
from scipy import fft, ndimage

from lessons_lib.classroom.assignments.judging import hidden_check, public_check
from lessons_lib.scenes.pictures import picture

# %% [markdown]
# ## Friends of a pixel
#
# A piece of a picture, and the same piece in noise of $\sigma = 0.08$. Four pixels are marked. Before you go on,
# guess which of them finds many others that look alike within 6 px, and which finds nobody.

# %%
clean = picture("camera", 256)[20:116, 90:186]

from lessons_lib.display.figures import draw_image, new_figure

sigma = 0.08
noisy = clean + sigma * np.random.default_rng(301).standard_normal(clean.shape)
spots = {"haze": (48, 36), "coat": (84, 58), "edge": (46, 55), "eyepiece": (12, 46)}
figure, axes = new_figure(2, width=9, height=4.4, alt="A man's face before a camera, clean and noisy, with four "
    "marks: in the grey haze, on the dark coat, on an upright edge, and at the camera's eyepiece.")
draw_image(axes[0, 0], clean, "clean")
draw_image(axes[0, 1], noisy, "noisy")
for name, (row, col) in spots.items():
    axes[0, 0].plot(col, row, "s", markersize=9, fillstyle="none", color="#E69F00", markeredgewidth=2)
    axes[0, 0].annotate(name, (col, row), (6, 6), textcoords="offset points", color="#E69F00")
figure

# %% [markdown]
# ### Question 1: all distances of one shift (1 + 3 points)
#
# The patch of pixel $i$ is the $(2r+1) \times (2r+1)$ pixels around it, $n$ of them. For **one** shift $s$ (rows,
# columns; not (0, 0)), return for *every* pixel $i$ the squared distance between its patch and the patch of the pixel at
# $i + s$, summed over the $n$ pixels, with the noise floor $2\sigma^2 n$ taken off. The picture goes round
# (left of the first column stands the last). Do not cut at 0: twins must come out 0 *on average*.
#
# Four loops in Python would take minutes. One squared difference of two pictures and one running sum
# take a millisecond. (`np.roll` and `ndimage.uniform_filter(..., mode="wrap")` help.)

# %% tags=["answer"]
def distance_map(noisy, shift, radius, sigma):
    """Patch distance of each pixel to the one at + shift, floor taken off; (H, W)."""
    ### BEGIN SOLUTION
    n = (2 * radius + 1) ** 2
    other = np.roll(noisy, (-shift[0], -shift[1]), axis=(0, 1))
    summed = n * ndimage.uniform_filter((noisy - other) ** 2, 2 * radius + 1, mode="wrap")
    return summed - 2 * sigma**2 * n
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps3", "distance_map", distance_map)

# %% tags=["hidden", "points=3"]
hidden_check("ps3", "distance_map", distance_map)

# %% tags=["demo"]
try:
    far = distance_map(noisy, (0, 4), 2, sigma) / (25 * sigma**2)
    print(f"to the patch 4 px to the right, over n sigma²: half of the pixels below {np.median(far):.2f}, "
          f"1 % above {np.quantile(far, 0.99):.0f}")
    shown, axes = new_figure(1, width=4.5, height=4.6, alt="Dark where the picture is flat; bright stripes along "
                             "the upright outlines.")
    draw_image(axes[0, 0], far, "distance to the patch 4 px to the right", 0, 20)
except NotImplementedError:
    shown = "Question 1 is open; afterwards this cell shows a map of distances."
shown

# %% [markdown]
# ### Question 2: weights and the effective number (1 + 3 points)
#
# `distances` holds the distances of one pixel to all pixels of its window, floor taken off, some below 0; entry
# `own` is the pixel itself. With $h = \text{strength} \cdot \sigma$ and $n$ pixels in a patch (`count`):
#
# $$w_j \propto \exp\Big(-\frac{\max(d_j,\ 0)}{h^2 n}\Big) .$$
#
# The pixel's own distance says nothing, whatever its entry holds. Its own weight shall be the **largest of the others**
# (1 if all others are 0 in the computer). Make the sum 1 and return two things: the weights, and the effective
# number $N = 1 / \sum_j w_j^2$.

# %% tags=["answer"]
def friend_weights(distances, own, sigma, count, strength):
    """(weights that sum to 1, effective number) for one pixel; distances is an array (M,)."""
    ### BEGIN SOLUTION
    weights = np.exp(-np.maximum(distances, 0) / ((strength * sigma) ** 2 * count))
    weights[own] = 0
    weights[own] = weights.max() if weights.max() > 0 else 1
    weights = weights / weights.sum()
    return weights, float(1 / np.sum(weights**2))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps3", "friend_weights", friend_weights)

# %% tags=["hidden", "points=3"]
hidden_check("ps3", "friend_weights", friend_weights)

# %% tags=["demo"]
try:
    shifts = [(down, right) for down in range(-6, 7) for right in range(-6, 7)]
    own = shifts.index((0, 0))
    maps = np.array([distance_map(noisy, shift, 2, sigma) for shift in shifts])
    for name, (row, col) in spots.items():
        weights, number = friend_weights(maps[:, row, col], own, sigma, 25, 0.75)
        print(f"{name:8} averages {number:5.1f} pixels; its largest weight is {weights.max():.2f}")
except NotImplementedError:
    print("Question 1 or 2 is open; afterwards this cell counts the friends of the four pixels.")

# %% [markdown]
# ## Groups of blocks
#
# ### Question 3: find a group (1 + 4 points)
#
# BM3D stacks alike blocks. A block is `side` x `side` px, named by its **first** pixel (top left). Candidates for the
# block at `spot` are all blocks whose first pixel is at most `search` px away in rows *and* in columns, and which
# lie in the picture as a whole.
#
# Their distance is the *mean* squared difference (nothing taken off). Keep those with a distance of at most `limit`, the
# nearest first, `count` of them at most; then cut the number down to a power of two. Return their first pixels as an
# array of shape `(K, 2)`: row, column. The block itself, at distance 0, comes first.

# %% tags=["answer"]
def find_group(noisy, spot, side, search, count, limit):
    """First pixels (row, col) of the blocks most like the one at spot, nearest first; (K, 2)."""
    ### BEGIN SOLUTION
    def block(row, col):
        return noisy[row : row + side, col : col + side]

    found = []
    for row in range(max(spot[0] - search, 0), min(spot[0] + search, noisy.shape[0] - side) + 1):
        for col in range(max(spot[1] - search, 0), min(spot[1] + search, noisy.shape[1] - side) + 1):
            distance = np.mean((block(row, col) - block(*spot)) ** 2)
            if distance <= limit:
                found.append((distance, row, col))
    nearest = sorted(found)[:count]
    size = 2 ** int(np.log2(len(nearest)))
    return np.array([place[1:] for place in nearest[:size]])
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps3", "find_group", find_group)

# %% tags=["hidden", "points=4"]
hidden_check("ps3", "find_group", find_group)

# %% tags=["demo"]
try:
    places = find_group(noisy, (76, 67), 8, 9, 16, 6 * sigma**2)  # an edge of the bright post
    figure, axes = new_figure(len(places[:8]), width=11, height=1.8, alt="The first blocks of a group, all noisy, "
                              "all with an upright edge between dark and bright.")
    for panel, (row, col) in zip(axes[0], places, strict=False):
        draw_image(panel, noisy[row : row + 8, col : col + 8], f"{row}, {col}")
    shown = figure
except NotImplementedError:
    shown = "Question 3 is open; afterwards this cell shows your group."
shown

# %% [markdown]
# ### Question 4: filter the group (1 + 4 points)
#
# BM3D's second stage has a *pilot*, the first stage's estimate of the same group. Take both stacks, `(K, b, b)` with $K$ a
# power of two, to coefficients: the cosine transform in each block (`fft.dctn(..., axes=(1, 2), norm="ortho")`), and
# along the stack the orthonormal **Haar** transform (all $\log_2 K$ levels: sums and differences over $\sqrt2$, then
# the same on the sums). With the pilot's coefficients $\hat\theta$, each noisy one is multiplied by the gain
#
# $$g = \frac{\hat\theta^2}{\hat\theta^2 + \sigma^2} .$$
#
# Go back, and return the filtered stack and the weight that it gets when estimates are averaged, $1 / \sum g^2$.

# %% tags=["answer"]
def wiener_group(noisy_group, pilot_group, sigma):
    """(filtered stack, weight) by Wiener gains in three dimensions; stacks (K, b, b)."""
    ### BEGIN SOLUTION
    def haar(stack):
        if len(stack) == 1:
            return stack
        first, second = stack[0::2], stack[1::2]
        return np.concatenate([haar((first + second) / np.sqrt(2)), (first - second) / np.sqrt(2)])

    matrix = haar(np.eye(len(noisy_group)))  # a transform is what it does to unit vectors

    def forward(stack):
        return np.tensordot(matrix, fft.dctn(stack, axes=(1, 2), norm="ortho"), axes=1)

    power = forward(pilot_group) ** 2
    gains = power / (power + sigma**2)
    back = np.tensordot(matrix.T, gains * forward(noisy_group), axes=1)
    return fft.idctn(back, axes=(1, 2), norm="ortho"), float(1 / np.sum(gains**2))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps3", "wiener_group", wiener_group)

# %% tags=["hidden", "points=4"]
hidden_check("ps3", "wiener_group", wiener_group)

# %% [markdown]
# How much does the stack bring? The cell filters one block with the edge of the bright post alone, and in its group, with two
# pilots: the true blocks, which nobody has, and blocks that a Gaussian has cleaned.

# %% tags=["demo"]
try:
    places = find_group(noisy, (76, 67), 8, 9, 16, 6 * sigma**2)
    truth, soft, rough = (np.array([image[row : row + 8, col : col + 8] for row, col in places])
                          for image in (clean, ndimage.gaussian_filter(noisy, 1.0), noisy))
    for name, pilot in (("true", truth), ("Gaussian", soft)):
        for size in (1, len(places)):
            estimate, weight = wiener_group(rough[:size], pilot[:size], sigma)
            error = np.sqrt(np.mean((estimate[0] - truth[0]) ** 2)) / sigma
            print(f"{name:8} pilot, {size:2} blocks: error of the first block {error:.2f} sigma, weight {weight:.3f}")
except NotImplementedError:
    print("Question 3 or 4 is open; afterwards this cell filters a group.")

# %% [markdown]
# ## What the rare ones pay
#
# ### Question 5: noise by effective number (1 + 3 points)
#
# `estimates` are several denoised draws of one picture, `(draws, H, W)`, and `number` is the effective number of each
# pixel, `(H, W)`. For each bin between two neighbouring `edges` return the noise left there: the **root of the mean variance
# over the draws** (divide by the draws less one) of all pixels with lower edge $\le N <$ upper edge. One value per bin;
# no bin is empty.

# %% tags=["answer"]
def noise_by_number(estimates, number, edges):
    """Standard deviation of the noise left in each bin of the effective number; (B,) for B + 1 edges."""
    ### BEGIN SOLUTION
    variance = estimates.var(axis=0, ddof=1)
    bins = zip(edges[:-1], edges[1:], strict=True)
    return np.sqrt([variance[(low <= number) & (number < high)].mean() for low, high in bins])
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps3", "noise_by_number", noise_by_number)

# %% tags=["hidden", "points=3"]
hidden_check("ps3", "noise_by_number", noise_by_number)

# %% tags=["demo"]
from lessons_lib.denoisers.non_local_means import NonLocalMeans, effective_number

rng, edges = np.random.default_rng(302), np.array([1.0, 4, 16, 64, 170])
draws = clean + sigma * rng.standard_normal((12, *clean.shape))
estimates = np.array([NonLocalMeans()(one, sigma) for one in draws])
number = np.mean([effective_number(one, sigma) for one in draws], axis=0)
try:
    for low, high, left in zip(edges[:-1], edges[1:], noise_by_number(estimates, number, edges), strict=True):
        share = np.mean((low <= number) & (number < high))
        print(f"N from {low:3.0f} to {high:3.0f}: {share:4.0%} of the pixels, noise left {left / sigma:.2f} sigma")
except NotImplementedError:
    print("Question 5 is open; afterwards this cell measures non-local means.")

# %% [markdown]
# ## Three denoisers without names
#
# P, Q and R are a Gaussian average, non-local means and BM3D, in some order, set so that each leaves the same noise in flat
# parts. They met a slanted edge of contrast 8 $\sigma$ and one of 1 $\sigma$, 12 times each, and one of 12 $\sigma$, at
# which the noise within 1 px of the edge was measured.

# %%
from lessons_lib.classroom.assignments.ps3_programs import PROGRAMS  # a test measures them again

print("   contrast/sigma   width of the mean [px]   of one estimate [px]   jitter [px]")
for name, one in PROGRAMS.items():
    for ratio, *numbers in zip((8, 1), one.width, one.width_per_draw, one.jitter, strict=True):
        print("{} {:11} {:20.2f} {:22.2f} {:17.2f}".format(name, ratio, *numbers))
    print(f"  noise left: flat {one.noise_flat:.2f} sigma, at a strong edge {one.noise_at_edge:.2f} sigma")

# %% [markdown]
# ### Question 6: which cause blurred this edge? (7 points)
#
# Say which of P, Q and R is which. For the weak edge (1 $\sigma$) name the cause that widened each (**mixing** or **mis-deciding**),
# say whether it is blur or jitter, and defend it with numbers from the table. Explain with the law of the patch distance (mean
# $D + 2\sigma^2 n$, scatter $\sigma^2\sqrt{8n}$ at $D = 0$) why one of them cannot see this edge, and with the size of a group why another can.
# Then explain the noise at the strong edge with your own numbers from question 2 or 5. Last: what would you change to
# get a narrower weak edge, and what does it cost? 200 words or so.

# %% [markdown] tags=["written", "points=7"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# **Q is the Gaussian: mixing**, 6.8 px at 8 and 7.2 px at 1: the contrast hardly matters; it leaves 0.1 $\sigma$ at the strong
# edge, too. **P is non-local means: mis-deciding.** 0.9 px at 8, but 8.4 px at 1, wider than the Gaussian that cleans as well. **R is
# BM3D: mis-deciding as well, but later**: 0.9 px at 8, 2.6 px at 1. In all three single estimates are nearly as wide as the mean (P
# 7.5 px), the jitter (0.4 to 0.7 px) would make less than 2 px: blur. **Why:** across the edge by one pixel only one column of a
# 5 x 5 patch differs: D = 5 $\sigma^2$ for a contrast of 1 $\sigma$. The scatter of the floor is $\sqrt{200}$ = 14 $\sigma^2$, so friend and
# stranger look alike. BM3D sums 16 blocks: a coefficient of the edge counts $\sqrt{16}$ = 4 times as much against the same
# noise. **Strong edge:** there P's pixels find few friends: N is 8 at the edge and 3 at the eyepiece, against 164 in the haze, and
# 0.86 $\sigma$ is left below N = 4, 0.17 $\sigma$ above 64. So 0.68 $\sigma$ stays at the strong edge, six times as much as where it is flat. **Change**, for instance: a smaller strength narrows P's weak edge and leaves more noise everywhere;
# four times the light doubles contrast/$\sigma$.
#
# Points: each denoiser named, with its cause and two numbers (1 each, 3). Blur, not jitter, with a width of one estimate (1). The law or the
# stack, with a number (1). Strong edge by effective number, with an own number (1). A change with its price (1). No point for a
# cause without a number.
# === END MARK SCHEME ===
