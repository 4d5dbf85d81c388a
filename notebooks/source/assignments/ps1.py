# %% [markdown]
# # PS1 How well can a camera know an edge?
#
# **The question:** two programs clean a burst of frames, and the mean of their results shows two edges
# that are equally wide. One program blurred its edge. The other never did. Which number tells them apart?
#
# **You will** measure what a camera's pixels do by themselves, predict the noise of every pixel value,
# come back from a stabilised scale without a bias, bound how well an edge's place can be known, and tell
# blur from jitter.
#
# **Time:** about 90 minutes. **Needs:** lessons 01 and 02. **Points:** 28 (five functions of 4 or 5, one
# written answer of 6).
#
# **How to work:** fill in the marked cells; leave the others as they are. *Run All* stops at the first open
# question: go on there. The check below an answer uses one set of cases; when it is graded, the same
# properties are checked on cases that nobody has seen, so write the method, not the numbers.
#
# **Honesty:** talk about ideas with anybody. Write code and text yourself, and name whoever or whatever
# helped you, programs too, in one line of your written answer.

# %% tags=["setup"]
import numpy as np
from scipy import stats

from lessons_lib.classroom.assignments.judging import hidden_check, public_check
from lessons_lib.classroom.assignments.ps1_programs import two_programs
from lessons_lib.scenes.sensor import Sensor, expose

# %% [markdown]
# ## The camera
#
# Here are two frames of an evenly lit wall, of one camera. Its raw numbers are in DN; without light a
# pixel says 256 DN. Look for what the two frames share: it is no noise, it comes back in every photo.

# %%
camera = Sensor(gain=0.5, prnu=0.025, dsnu=0.0, dark_current=0.0)

from lessons_lib.display import figures

wall = np.full((192, 192), 4000 / camera.quantum_efficiency)  # photons for 4,000 electrons
rng = np.random.default_rng(101)
first, second = (expose(wall, 1.0, camera, rng) for _ in range(2))
shown = {"first": first, "second": second, "first - second": first - second + first.mean()}
figures.image_row(
    {name: frame[:48, :48] for name, frame in shown.items()},
    low=first.mean() - 150, high=first.mean() + 150,
    alt="Two frames of a wall, enlarged, with nearly the same pattern of lighter and darker pixels; in "
    "their difference that pattern is gone and a weaker, different grain is left.",
)

# %% [markdown]
# ### Question 1: the pattern that stays (1 + 3 points)
#
# Pixels differ in sensitivity: pixel $k$ turns the light $e$ into $(1 + \text{PRNU}\cdot g_k)\,e$, with a
# normal number $g_k$ that is the same in each frame. So one frame varies from pixel to pixel by the pattern
# *and* by noise, the difference of two frames by noise alone (lesson 01).
#
# Return the **PRNU** of two such frames as a fraction of the light (0.02, say, not 2). The light is counted
# above `black_level`. Offsets do not differ here. If chance makes the pattern's variance negative, return 0.

# %% tags=["answer"]
def pixel_response(first, second, black_level):
    """PRNU, a fraction, from two frames [DN] of the same even light; arrays (H, W)."""
    ### BEGIN SOLUTION
    light = (first.mean() + second.mean()) / 2 - black_level
    # What both frames share has a covariance; their noises have none.
    pattern = np.mean((first - first.mean()) * (second - second.mean()))
    return float(np.sqrt(max(pattern, 0)) / light)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps1", "pixel_response", pixel_response)

# %% tags=["hidden", "points=3"]
hidden_check("ps1", "pixel_response", pixel_response)

# %% tags=["demo"]
try:
    print(f"our camera: PRNU {pixel_response(first, second, 256):.4f}, made with {camera.prnu}")
except NotImplementedError:
    print("Question 1 is open; afterwards this cell measures our camera.")

# %% [markdown]
# ### Question 2: the noise of a value (1 + 3 points)
#
# A program that cleans a photo wants the noise of *each* value, in image units: 0 is black, 1 is white, so
#
# $$\text{value} = \frac{\text{DN} - \text{black}}{\text{white} - \text{black}} .$$
#
# The law of lesson 01, in DN, with the mean $m$ above black, the gain $K$ [DN/e-] and the read noise $r$
# [e-] (no dark current): $\text{variance} = K m + K^2 r^2 + \frac1{12}$. Return $\sigma$ in **image units**
# for an array of values. Read noise makes some values negative: take their light as 0.

# %% tags=["answer"]
def noise_of_value(value, gain, read_noise, black_level, white_level):
    """Sigma in image units of each value (an array of any shape, image units)."""
    ### BEGIN SOLUTION
    span = white_level - black_level  # DN in one image unit
    mean = np.maximum(value, 0) * span
    return np.sqrt(gain * mean + (gain * read_noise) ** 2 + 1 / 12) / span
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps1", "noise_of_value", noise_of_value)

# %% tags=["hidden", "points=3"]
hidden_check("ps1", "noise_of_value", noise_of_value)

# %% tags=["demo"]
try:
    night = Sensor(gain=16.0, prnu=0.0, dsnu=0.0, dark_current=0.0)  # high ISO: 240 e- make white
    span = night.white_level - night.black_level
    for value in (0.02, 0.1, 0.4):
        photons = np.full((200, 200), value * span / night.gain / night.quantum_efficiency)
        frame = (expose(photons, 1.0, night, rng) - night.black_level) / span
        told = noise_of_value(np.array([value]), 16.0, night.read_noise, night.black_level, 4095)[0]
        print(f"value {value:4}: sigma measured {frame.std():.4f}, by your law {told:.4f}")
except NotImplementedError:
    print("Question 2 is open; afterwards this cell compares your law with frames.")

# %% [markdown]
# ### Question 3: back from the root (1 + 4 points)
#
# Photon counts $N$ become evenly noisy as $t = 2\sqrt{N + c}$. A denoiser averages them well and returns
# the mean $\mu = \mathrm E[t]$. Solving for $N$ is too dark, for the mean of a root is not the root of the
# mean. The right way back asks which mean count $\lambda$ has this $\mu$:
#
# $$\mu(\lambda) = \sum_{N=0}^{\infty} \frac{\lambda^N e^{-\lambda}}{N!}\; 2\sqrt{N + c} .$$
#
# Return $\lambda$ for an array of $\mu$, with the given $c \ge 0$ (`offset`), for $\lambda$ up to 100, within
# 0.005 electrons + 0.1 %. A $\mu$ below that of no light at all gives 0. (`stats.poisson.pmf` has the
# chances. A table of $\mu$, read backwards by `np.interp`, will do.)

# %% tags=["answer"]
def mean_count(mean_root, offset):
    """Mean counts [electrons] whose 2 sqrt(N + offset) have these means; any shape."""
    ### BEGIN SOLUTION
    # The table is finer in the dark, where the curve bends most.
    table, counts = np.linspace(0, np.sqrt(110), 1000) ** 2, np.arange(250)
    chances = stats.poisson.pmf(counts, table[:, None])  # (mean, count)
    return np.interp(mean_root, chances @ (2 * np.sqrt(counts + offset)), table)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps1", "mean_count", mean_count)

# %% tags=["hidden", "points=4"]
hidden_check("ps1", "mean_count", mean_count)

# %% [markdown]
# What is that to an edge? Its dark side loses more of its light than its bright side, in proportion, so the
# plain way back changes the contrast. The cell shows it for an edge from 0.5 to 2 electrons.

# %% tags=["demo"]
try:
    counts = np.random.default_rng(102).poisson([[0.5], [2.0]], (2, 400_000))
    roots = (2 * np.sqrt(counts + 3 / 8)).mean(axis=1)  # what a perfect denoiser returns
    for way, found in (("plain", (roots / 2) ** 2 - 3 / 8), ("yours", mean_count(roots, 3 / 8))):
        print(f"{way}: from {found[0]:.3f} to {found[1]:.3f} electrons, contrast {found[1] - found[0]:.3f}")
except NotImplementedError:
    print("Question 3 is open; afterwards this cell compares both ways back.")

# %% [markdown]
# ## The edge
#
# ### Question 4: how well can its place be known? (1 + 4 points)
#
# An edge from `dark` to `light` stands at the place $q$, blurred by the lens: the clean value of pixel $x$ is
# $\text{dark} + (\text{light} - \text{dark})\,\Phi((x - q)/b)$. If $q$ moves, pixel $x$ changes with the slope
# $v_x'$ (take its size). In lesson 01 all pixels had one $\sigma$. With photons each has its own $\sigma_x$,
# and $R$ equal rows tell about $q$
#
# $$I = R \sum_x \left(\frac{v_x'}{\sigma_x}\right)^2, \qquad \text{standard deviation of the place} \ge 1/\sqrt{I} .$$
#
# Return that bound in px.

# %% tags=["answer"]
def place_bound(pixels, place, dark, light, blur, sigmas, rows):
    """Least standard deviation of an edge's place, px; pixels and sigmas are arrays (N,)."""
    ### BEGIN SOLUTION
    slopes = (light - dark) * stats.norm.pdf((pixels - place) / blur) / blur
    return float(1 / np.sqrt(rows * np.sum((slopes / sigmas) ** 2)))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps1", "place_bound", place_bound)

# %% tags=["hidden", "points=4"]
hidden_check("ps1", "place_bound", place_bound)

# %% [markdown]
# Here two ways to spend the light are compared: twice the rows, or a lens that is twice as sharp. The edge
# goes from 0.1 to 0.2 at the high ISO of question 2.

# %% tags=["demo"]
try:
    x = np.arange(40.0)
    for blur, rows in ((2.0, 8), (2.0, 16), (1.0, 8)):
        values = 0.1 + 0.1 * stats.norm.cdf((x - 19.3) / blur)
        sigmas = noise_of_value(values, 16.0, 1.6, 256.0, 4095.0)
        bound = place_bound(x, 19.3, 0.1, 0.2, blur, sigmas, rows)
        print(f"blur {blur} px, {rows:2} rows: the place is known to {bound:.3f} px at best")
except NotImplementedError:
    print("Question 2 or 4 is open; afterwards this cell compares lens and rows.")

# %% [markdown]
# ### Question 5: blur or jitter? (1 + 3 points)
#
# `profiles` holds one edge profile per draw, `(draws, samples)`, each climbing from `dark` to `light`, at the
# `positions` [px]. Return **three numbers in px**:
#
# 1. the 10-90 % width of the *mean* profile;
# 2. the *median* of the 10-90 % widths of the single profiles;
# 3. the jitter: the standard deviation, over the draws, of the place where half of the way is reached.
#
# Read all places between the samples, by a straight line.

# %% tags=["answer"]
def blur_or_jitter(positions, profiles, dark, light):
    """(width of the mean, typical width of one, jitter), px."""
    ### BEGIN SOLUTION
    def places(profile):
        climb = (profile - dark) / (light - dark)
        return np.interp([0.1, 0.5, 0.9], climb, positions)

    low, half, high = np.array([places(profile) for profile in profiles]).T
    whole = places(profiles.mean(axis=0))
    return float(whole[2] - whole[0]), float(np.median(high - low)), float(half.std())
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps1", "blur_or_jitter", blur_or_jitter)

# %% tags=["hidden", "points=3"]
hidden_check("ps1", "blur_or_jitter", blur_or_jitter)

# %% [markdown]
# ## Two programs
#
# A burst of 120 night frames. The lens blurs everything by a Gaussian of 1 px, which makes a width of
# 2.56 px; in one row the contrast of both edges is 2 $\sigma$, the same $\sigma$ in all pixels. Program A
# drew the edge of a door from each frame, which 400 rows share. Program B drew a stroke of a letter, 3 rows
# high. Below are the *means* of their 120 drawings.

# %%
positions, drawings = two_programs(frames=120, seed=1)
figures.line_plot(
    [figures.Line(f"program {name}", positions, each.mean(axis=0)) for name, each in drawings.items()],
    x_label="distance from the true edge [px]", y_label="value / contrast", width=7,
    title="means of 120 drawings",
    alt="Two edge profiles that lie on each other almost everywhere: both are about 3 px wide.",
)

# %% tags=["demo"]
try:
    for name, each in drawings.items():
        numbers = blur_or_jitter(positions, each, 0.0, 1.0)
        print("{}: mean {:.2f} px, one drawing {:.2f} px, jitter {:.2f} px".format(name, *numbers))
except NotImplementedError:
    print("Question 5 is open; afterwards this cell measures both programs.")

# %% [markdown]
# ### Question 6: which cause blurred this edge? (6 points)
#
# The causes that you know are **capture** (optics, motion, a place that noise has hidden), **mixing** (a
# program averages across the edge) and **mis-deciding** (a program's decision is fooled by noise). For each
# program, name the cause that made the mean wider than the lens did, and defend it with numbers: the three of
# question 5, and your `place_bound` for 3 and for 400 rows (call it in a cell of your own). Then say what
# would make each edge narrower, what that would cost, and why the bound may be too low for B. 150 words or so.

# %% [markdown] tags=["written", "points=6"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# **Program A: mixing.** One drawing is 3.1 px wide, the mean as well, and the jitter is 0.06 px: every drawing
# is blurred, and by more than the lens's 2.56 px. The bound for 400 rows is 0.05 px: the place was known, so
# capture did not do it. **Program B: capture.** One drawing has the lens's 2.56 px, so the program blurs
# nothing; its place jitters by 0.66 px, and the mean of sharp edges at different places is wide. The
# bound for 3 rows is 0.54 px: no program can know the place much better from these pixels. **Narrower:** A by
# a narrower average, which leaves more noise. B only by more light or more rows (four times for half the
# jitter). **The bound** counts on slopes that do not change; it holds well below the blur of 1 px, and half a
# pixel is not well below.
#
# Points: A is mixing, with one width and the jitter (2). B is capture, with one width, the jitter and the
# bound (2). What helps each, and its price (1). Where the bound ends (1). No point for a cause without a number.
# === END MARK SCHEME ===
