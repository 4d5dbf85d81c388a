# %% [markdown]
# # PS2 Averages, lines and thresholds
#
# **The question:** three filters leave an edge of contrast $2\,\sigma$ between 2.5 and 4 px wide. One never
# looked at the edge, and two looked and were fooled, each in its own way. Which is which?
#
# **You will** compute what any average costs an edge, fit lines in windows that another picture guides,
# compute what a threshold risks, build a wavelet denoiser from nothing, and free it from its grid.
#
# **Time:** about 90 minutes. **Needs:** lessons 03 and 04. **Points:** 29 (five functions of 4 or 5, one
# written answer of 7).
#
# **How to work:** fill in the marked cells; leave the others as they are. *Run All* stops at the first open
# question: go on there. The check below an answer uses one set of cases; when it is graded, the same
# properties are checked on cases that nobody has seen, so write the method, not the numbers.
#
# **Honesty:** talk about ideas with anybody. Write code and text yourself, and name whoever or whatever
# helped you, programs too, in one line of your written answer.

# %% tags=["setup"]
import numpy as np
from scipy.special import ndtr  # Phi

from lessons_lib.classroom.assignments.judging import hidden_check, public_check
from lessons_lib.scenes.pictures import picture


def phi(x):
    """Density of the normal distribution."""
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


# %% [markdown]
# ## Filters that mix
#
# ### Question 1: what does an average cost an edge? (1 + 3 points)
#
# A row of samples holds one step of contrast $c$, between two samples, far from the ends. White noise of
# $\sigma$ lies on it. Each sample is replaced by the mean of its neighbours with the `weights`
# $w_{-r} \dots w_r$: symmetric, their sum is 1, some may be negative. Return two numbers:
#
# 1. bias² (the mean estimate minus the truth, squared) **summed over all samples** near the step;
# 2. the variance that **one** sample keeps.
#
# Lesson 03 had a formula for a Gaussian; this one must be exact for any weights.

# %% tags=["answer"]
def edge_error(weights, contrast, sigma):
    """(bias² summed across the step, variance of one sample); weights is an array (2 r + 1,)."""
    ### BEGIN SOLUTION
    radius = weights.size // 2
    # A sample k px from the step (k = 1, 2, ...) is off by the contrast times the weights that
    # lie k or more samples to its side.
    half = weights[radius + 1 :]
    beyond = np.cumsum(half[::-1])
    return float(2 * np.sum((contrast * beyond) ** 2)), float(sigma**2 * np.sum(weights**2))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps2", "edge_error", edge_error)

# %% tags=["hidden", "points=3"]
hidden_check("ps2", "edge_error", edge_error)

# %% [markdown]
# With an edge every 64 samples, the error per sample is bias² / 64 + variance. The cell asks for the Gaussian
# width that makes it least, for two contrasts.

# %% tags=["demo"]
try:
    x, widths = np.arange(-40, 41), np.arange(0.5, 9, 0.05)
    for contrast in (0.8, 0.1):
        kernels = [np.exp(-(x**2) / (2 * s**2)) for s in widths]
        parts = np.array([edge_error(k / k.sum(), contrast, 0.1) for k in kernels])
        best = np.argmin(parts[:, 0] / 64 + parts[:, 1])
        print(f"contrast/sigma {contrast / 0.1:.0f}: best width {widths[best]:.2f} px, an edge becomes "
              f"{2.563 * widths[best]:.1f} px wide")
except NotImplementedError:
    print("Question 1 is open; afterwards this cell finds the best width.")

# %% [markdown]
# One picture holds both edges, and one kernel cannot serve both. The next filter looks.
#
# ## Filters that decide
#
# ### Question 2: lines in windows (1 + 3 points)
#
# You have a noisy row $y$ and a *guide* $q$: the same scene, in other light (a flash, say). In the window of
# each sample, the $2r + 1$ samples around it, fit the line $a q + b$ to $y$:
#
# $$a = \frac{\mathrm{cov}(q, y)}{\mathrm{var}(q) + \epsilon}, \qquad b = \bar y - a\,\bar q ,$$
#
# with means, variance and covariance over the window (divided by $2r+1$). Every sample lies in $2r + 1$ windows: $\bar a$, $\bar b$ are the means of
# their $a$ and $b$, and the estimate is $\bar a\,q + \bar b$. At the ends, mirror the rows by
# `np.pad(row, r, mode="symmetric")`, and then the rows of $a$ and $b$ in the same way.

# %% tags=["answer"]
def guided_row(noisy, guide, radius, epsilon):
    """Guided filter of a row (N,) by another row (N,)."""
    ### BEGIN SOLUTION
    def mean(row):
        padded = np.pad(row, radius, mode="symmetric")
        return np.convolve(padded, np.ones(2 * radius + 1) / (2 * radius + 1), "valid")

    covariance = mean(guide * noisy) - mean(guide) * mean(noisy)
    variance = mean(guide**2) - mean(guide) ** 2
    slope = covariance / (variance + epsilon)
    level = mean(noisy) - slope * mean(guide)
    return mean(slope) * guide + mean(level)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps2", "guided_row", guided_row)

# %% tags=["hidden", "points=3"]
hidden_check("ps2", "guided_row", guided_row)

# %% [markdown]
# Guided by the noisy row itself the filter has to *decide* whether a window varies by an edge or by noise.
# The cell shows how much of a step's contrast is left between the two samples at the step, and the noise left
# in the flat part, over 400 rows. A clean guide needs no large $\epsilon$: what varies in it is an edge.

# %% tags=["demo"]
try:
    rng, sigma = np.random.default_rng(201), 0.05
    for ratio in (8, 4, 2, 1):
        clean = 0.5 + ratio * sigma * (np.arange(40) >= 20)
        rows = clean + sigma * rng.standard_normal((400, 40))
        own = np.array([guided_row(y, y, 2, (1.5 * sigma) ** 2) for y in rows])
        told = np.array([guided_row(y, clean, 2, (0.1 * sigma) ** 2) for y in rows])
        for name, one in (("itself as guide", own), ("a clean guide", told)):
            left = np.mean(one[:, 20] - one[:, 19]) / (ratio * sigma)
            print(f"contrast/sigma {ratio}, {name:15}: {left:4.0%} of the step is left; noise "
                  f"{one[:, 8].std() / sigma:.2f} sigma where it is flat")
except NotImplementedError:
    print("Question 2 is open; afterwards this cell measures a step.")

# %% [markdown]
# ## Thresholds
#
# ### Question 3: what does a threshold risk? (1 + 4 points)
#
# A noisy coefficient is $y = \theta + n$, with normal $n$ of standard deviation $\sigma$. Hard thresholding
# keeps $y$ if $|y| > T$, and else says 0. Return its **risk**
#
# $$\mathrm E\big[(\mathrm{hard}(y) - \theta)^2\big]$$
#
# for an array of $\theta$, within 0.1 % of $T^2$ (of $\sigma^2$ if that is larger). An integral on a fine grid
# is good enough; so are $\Phi$ (`ndtr`) and `phi`, if you note that
# $\int_u^\infty n^2 \varphi(n)\,\mathrm dn = u\,\varphi(u) + \Phi(-u)$.

# %% tags=["answer"]
def hard_risk(theta, threshold, sigma):
    """Mean squared error of hard thresholding for each true coefficient, (N,)."""
    ### BEGIN SOLUTION
    up, down = (threshold - theta) / sigma, (threshold + theta) / sigma  # noise that it takes
    deleted = ndtr(up) - ndtr(-down)
    kept = up * phi(up) + ndtr(-up) + down * phi(down) + ndtr(-down)
    return sigma**2 * kept + theta**2 * deleted
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps2", "hard_risk", hard_risk)

# %% tags=["hidden", "points=4"]
hidden_check("ps2", "hard_risk", hard_risk)

# %% tags=["demo"]
from lessons_lib.display.figures import Line, line_plot

theta, lines = np.linspace(0, 8, 161), []
try:
    lines = [Line(f"hard, T = {T} σ", theta, hard_risk(theta, T, 1.0)) for T in (2.0, 3.0, 4.0)]
except NotImplementedError:
    print("Question 3 is open; afterwards this figure shows your risk.")
line_plot(
    [*lines, Line("no threshold", theta, np.ones_like(theta))],
    x_label="true coefficient θ [σ]", y_label="risk [σ²]", title="where a threshold does harm",
    alt="Mean squared error against the true coefficient. Without a threshold it is 1. With one it is near 0 "
    "for 0, climbs far above 1 around the threshold, and comes down to 1 well above it.",
)

# %% [markdown]
# The hump is the price: around $T$ a threshold is several times worse than no denoiser at all. The finest
# coefficient of an edge of contrast $T$ (in 2-D) stands right under it.
#
# ### Question 4: a denoiser from nothing (1 + 4 points)
#
# Write the whole of it: `levels` levels of the 2-D Haar transform (the sides are divisible by
# $2^{\text{levels}}$; noise of $\sigma$ must stay $\sigma$ in every band), a **soft** threshold for each of the
# three detail bands of each level, and the way back. The threshold is BayesShrink's, for a band $y$:
#
# $$T = \frac{\sigma^2}{\sigma_x}, \qquad \sigma_x^2 = \max\big(\overline{y^2} - \sigma^2,\ 0\big) .$$
#
# Where $\sigma_x = 0$, the whole band becomes 0. The approximation is left alone. No wavelet library, please.

# %% tags=["answer"]
def bayes_haar(noisy, sigma, levels):
    """Estimate of a noisy picture (H, W) by Haar wavelets and BayesShrink."""
    ### BEGIN SOLUTION
    if levels == 0:
        return noisy
    x00, x01, x10, x11 = (noisy[row::2, col::2] for row in (0, 1) for col in (0, 1))

    def shrink(band):
        power = np.mean(band**2) - sigma**2
        threshold = sigma**2 / np.sqrt(power) if power > 0 else np.inf
        return np.sign(band) * np.maximum(np.abs(band) - threshold, 0)

    across, down = shrink((x00 - x01 + x10 - x11) / 2), shrink((x00 + x01 - x10 - x11) / 2)
    diagonal = shrink((x00 - x01 - x10 + x11) / 2)
    coarse = bayes_haar((x00 + x01 + x10 + x11) / 2, sigma, levels - 1)
    estimate = np.empty(noisy.shape)
    for row in (0, 1):
        for col in (0, 1):
            a, b = 1 - 2 * col, 1 - 2 * row  # signs of this pixel in the bands
            estimate[row::2, col::2] = (coarse + a * across + b * down + a * b * diagonal) / 2
    return estimate
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps2", "bayes_haar", bayes_haar)

# %% tags=["hidden", "points=4"]
hidden_check("ps2", "bayes_haar", bayes_haar)

# %% tags=["demo"]
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display.figures import image_row

clean, sigma = picture("camera", 256)[24:152, 60:188], 25 / 255
noisy = clean + sigma * np.random.default_rng(202).standard_normal(clean.shape)
shown = {"clean": clean, f"noisy: {psnr(clean, noisy):.1f} dB": noisy}
try:
    estimate = bayes_haar(noisy, sigma, 4)
    shown[f"yours: {psnr(clean, estimate):.1f} dB"] = estimate
except NotImplementedError:
    print("Question 4 is open; afterwards your estimate stands beside these.")
image_row(shown, alt="The head of a man with a camera: clean, noisy, and, once question 4 is answered, "
          "denoised, with blocks along the outlines.")

# %% [markdown]
# ### Question 5: free of the grid (1 + 3 points)
#
# The blocks come from the grid: a step inside a pair of pixels makes a detail, one between two pairs makes
# none. In one dimension, one level and with **hard** thresholding there are two grids: pairs (0, 1), (2, 3), ...
# and the pairs of the signal shifted by one sample. Return the mean of both estimates. The signal is periodic
# (its last sample is followed by its first) and of even length. A pair's detail is
# $d = (x_0 - x_1)/\sqrt2$; it stays if $|d| > T$.

# %% tags=["answer"]
def two_shifts(signal, threshold):
    """Mean of one-level Haar thresholding over both grids, (N,)."""
    ### BEGIN SOLUTION
    def one_grid(x):
        total, d = x[0::2] + x[1::2], (x[0::2] - x[1::2]) / np.sqrt(2)
        d = np.where(np.abs(d) > threshold, d, 0) / np.sqrt(2)
        return np.stack([total / 2 + d, total / 2 - d], axis=1).ravel()

    return (one_grid(signal) + np.roll(one_grid(np.roll(signal, 1)), -1)) / 2
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps2", "two_shifts", two_shifts)

# %% tags=["hidden", "points=3"]
hidden_check("ps2", "two_shifts", two_shifts)

# %% [markdown]
# What is it worth? The cell denoises many noisy steps of contrast $4\,\sigma$ with the threshold $2.5\,\sigma$,
# once where the step stands inside a pair of the first grid and once between two pairs.

# %% tags=["demo"]
from lessons_lib.denoisers.filter_bank import HAAR, merge, split
from lessons_lib.denoisers.thresholds import hard

try:
    rng = np.random.default_rng(203)
    for place, where in ((21, "inside a pair"), (20, "between two pairs")):
        clean = 4.0 * (np.arange(40) >= place)
        rows = clean + rng.standard_normal((2000, 40))
        coarse, details = zip(*(split(row, HAAR) for row in rows), strict=True)
        one = [merge(a, hard(d, 2.5), HAAR) for a, d in zip(coarse, details, strict=True)]
        for name, estimates in (("one grid ", one), ("both grids", [two_shifts(y, 2.5) for y in rows])):
            near = (np.array(estimates) - clean)[:, place - 2 : place + 2]
            print(f"step {where}, {name}: error within 2 px {np.sqrt(np.mean(near**2)):.2f} sigma")
except NotImplementedError:
    print("Question 5 is open; afterwards this cell measures steps on both grids.")

# %% [markdown]
# ## Three filters without names
#
# A, B and C are a Gaussian average, a guided filter (its guide is the noisy picture) and a Haar wavelet with a
# hard threshold on one grid, in some order. They met a slanted edge of contrast 8 $\sigma$ and one of 2
# $\sigma$, 24 times each. In px:

# %%
from lessons_lib.classroom.assignments.ps2_programs import three_programs

measured = three_programs()
print("filter  contrast/sigma  width of the mean  of one estimate  jitter   noise left (flat)")
for name, (at_8, at_2, left) in measured.items():
    for point in (at_8, at_2):
        print(f"{name:6} {point.ratio:11.0f} {point.width:18.2f} {point.width_per_draw:17.2f} "
              f"{point.jitter:10.2f} {left:14.2f} sigma")

# %% [markdown]
# ### Question 6: which cause blurred this edge? (7 points)
#
# For each of A, B and C say which filter it is, which cause widened its mean at contrast 2 $\sigma$ (**mixing**
# or **mis-deciding**), and whether *single* estimates are blurred or jitter. Defend each with numbers from the
# table. Then connect the table with two numbers that your own functions give, for instance what `edge_error`
# says of the mixing one at both contrasts, or what `hard_risk` says of a coefficient of 2 $\sigma$ (call them
# in a cell of your own). Last: for one of the filters, what would make the weak edge narrower, and what does
# that cost? 200 words or so.

# %% [markdown] tags=["written", "points=7"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# **C is the Gaussian: mixing.** Its width is 4.0 px at 8 and at 2: it does not depend on the contrast, for the
# weights never look. Single estimates are as wide as the mean (3.9 px): blur. `edge_error` says the same: bias² is
# 16 times as large at four times the contrast, so divided by contrast² it is one number. **A is the guided filter:
# mis-deciding.** 1.1 px at 8, 4.0 px at 2: it saw the strong edge and took the weak one for noise. Single estimates
# are blurred (3.2 px), and jitter by only 0.24 px. **B is the wavelet: mis-deciding.** 0.7 px at 8, 2.6 px at 2; but
# single estimates are sharp, 0.5 px: they stand where the surviving blocks allow (jitter 0.4 px and more along the
# edge), and the *mean* is wide. `hard_risk(2, 3, 1)` is 3.8 $\sigma^2$: the coefficient is mostly deleted,
# which loses 4 $\sigma^2$, where doing nothing costs 1. **Narrower**, for instance: a smaller epsilon, threshold or
# width leaves more noise in flat parts; all shifts turn B's jitter into blur and remove blocks; more light
# raises contrast/$\sigma$.
#
# Points: each filter named, with its cause and two numbers (1 each, 3). Blur against jitter told by widths of
# single estimates, for A and B (2). A number of one's own function, used rightly (1). What helps, with its price
# (1). No point for a cause without a number.
# === END MARK SCHEME ===
