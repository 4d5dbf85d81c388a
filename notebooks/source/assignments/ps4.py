# %% [markdown]
# # PS4 What was the network asked for?
#
# **The question:** a network may see far and learn for long, and its weak edges are still soft. How wide
# *must* an edge become if nobody may know where it is, and does another question make it narrower?
#
# **You will**
#
# 1. read off a list of layers what a network costs and how far it sees,
# 2. write the best answer to a step at an unknown place, and measure its width,
# 3. find an estimate's true error without any clean picture,
# 4. test two promises about light that a denoiser may keep or break,
# 5. write the question that forgets where things are.
#
# **Time:** about 90 minutes. **Points:** 30, of which 8 are for a written answer. **Needs:** lessons 06 and 07.
#
# **Honesty:** your answers must be your own work. You may look up anything and talk about ideas with others; do not copy
# code or text, and name what helped you, programs too. Hidden checks ask for the same properties on other cases.
#
# *Run All* stops at the first open question: answer it and go on there.

# %% tags=["setup"]
import numpy as np

from lessons_lib.classroom.assignments.judging import hidden_check, public_check

# %% [markdown]
# ## 1. What it costs and how far it sees (4 points)
#
# A network is a list of layers `(inputs, outputs, side, stride)`. Each layer lays filters of `side` x `side`
# weights over its input maps, one filter for each pair of an input and an output map; there are no other weights.
# A layer of `stride` 2 writes only every second row and every second column, so that all later layers work on a
# coarser grid. Return three numbers:
#
# - all **weights**,
# - the **multiply-adds** per pixel of the *picture* (one for each weight of a filter at each place that is written),
# - the **view**: how many px of the picture, along one axis, one value of the last layer depends on.
#
# A layer of side 3 and stride 1 sees 3 px. Two of them see 5.

# %% tags=["answer"]
def cost_and_view(layers):
    """(weights, multiply-adds per picture pixel, px seen along one axis) of a list of layers."""
    ### BEGIN SOLUTION
    weights = multiply_adds = 0
    view, grid = 1, 1  # grid: px of the picture from one value to its neighbour
    for inputs, outputs, side, stride in layers:
        view += (side - 1) * grid
        grid *= stride
        weights += inputs * outputs * side**2
        multiply_adds += inputs * outputs * side**2 / grid**2
    return weights, multiply_adds, view
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps4", "cost_and_view", cost_and_view)

# %% tags=["hidden", "points=3"]
hidden_check("ps4", "cost_and_view", cost_and_view)

# %% tags=["demo"]
def shown_table():
    """Two networks of lesson 06, and the way down of a U-Net."""
    tiny = [(2, 16, 3, 1), *[(16, 16, 3, 1)] * 3, (16, 1, 3, 1)]
    deep = [(2, 64, 3, 1), *[(64, 64, 3, 1)] * 15, (64, 1, 3, 1)]
    down = [(1, 48, 3, 1), (48, 48, 3, 2), (48, 96, 3, 2), (96, 192, 3, 2), *[(192, 192, 3, 1)] * 4]
    for name, layers in {"tiny DnCNN": tiny, "DnCNN": deep, "way down of a U-Net": down}.items():
        weights, work, view = cost_and_view(layers)
        print(f"{name:20} {weights:10,.0f} weights {work:10,.0f} multiply-adds per px, sees {view:4.0f} px")


try:
    shown_table()
except NotImplementedError:
    print("Question 1 is open: answer it, and three networks are shown here.")

# %% [markdown]
# Strides buy view for little work. Keep the three views in mind: the next question says how many px an edge *needs*.
#
# ## 2. The best answer to a step that may be anywhere (5 points)
#
# A signal of $n$ samples is `low` and jumps to `high` at sample $k$ (from sample $k$ on it is `high`; `high` may be the
# smaller one). Each $k = 1, \dots, n-1$ is equally likely. You see $y = x_k$ + white Gaussian noise of `sigma`:
#
# $$p(k \mid y) \propto \exp\Big(-\frac{|y - x_k|^2}{2\sigma^2}\Big), \qquad
#   \hat x = \sum_k p(k \mid y)\, x_k .$$
#
# Return $\hat x$, shape `(n,)`, in the units of `noisy`. It has to work for 2,000 samples and weak noise as well, where
# every $\exp(\dots)$ is 0 in a computer.

# %% tags=["answer"]
def ramp(noisy, sigma, low, high):
    """Posterior mean of a step from low to high at an unknown place, (n,)."""
    ### BEGIN SOLUTION
    before = np.cumsum((noisy - low) ** 2)[:-1]  # samples 0 ... k - 1
    after = np.sum((noisy - high) ** 2) - np.cumsum((noisy - high) ** 2)[:-1]
    distance = before + after
    chance = np.exp(-(distance - distance.min()) / (2 * sigma**2))
    climbed = np.cumsum(chance / chance.sum())
    return low + (high - low) * np.concatenate([[0], climbed])
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps4", "ramp", ramp)

# %% tags=["hidden", "points=4"]
hidden_check("ps4", "ramp", ramp)

# %% [markdown]
# Now measure. For each contrast $c$: 100 noisy signals with $\sigma = 1$, each with its own best answer; and, beside it, a
# Gaussian of 2 samples, and the *sharp* answer (the posterior median: `high` where $\hat x$ is above the middle).
# The 10-90 % width is read off by interpolation (lesson 02).

# %% tags=["demo"]
from lessons_lib.classroom.assignments.ps4_shown import measure_ramps, ramp_figure

ratios = np.array([4, 2, 1, 0.5])
try:
    found = np.array([measure_ramps(ramp, ratio, np.random.default_rng(1)) for ratio in ratios])
    print("contrast/sigma   ramp: width   Gaussian: width   sharp answer: squared error over the ramp's")
    for ratio, (ours, blind, price) in zip(ratios, found, strict=True):
        print(f"{ratio:14} {ours:13.1f} {blind:17.1f} {price:25.2f}")
    slope = np.polyfit(np.log(ratios[1:]), np.log(found[1:, 0]), 1)[0]
    print(f"from 2 down to 0.5 the ramp's width goes with contrast/sigma to the power {slope:.2f}")
    shown = ramp_figure(ramp, ratios, found)
except NotImplementedError:
    shown = "Question 2 is open: answer it, and widths and a figure stand here."
shown

# %% [markdown]
# ## 3. An error without a clean picture (4 points)
#
# An `estimate` was made from a first noisy shot. There are two more shots of the same scene, `second` and `third`. Their noises
# are independent of the first one's and of each other, with mean 0, but you know **neither** standard deviation, and they differ.
# Return an estimate of
#
# $$\frac1N \sum_i (\hat x_i - x_i)^2$$
#
# whose expectation is exactly that. (Noise2Noise rests on the same thing: what happens to the terms with a noise in
# them, on the mean?)

# %% tags=["answer"]
def risk_from_shots(estimate, second, third):
    """Mean squared error of the estimate against the clean picture that nobody has."""
    ### BEGIN SOLUTION
    # E (e - x - n2)(e - x - n3) = (e - x)²: each other term has a noise of mean 0 in it.
    return np.mean((estimate - second) * (estimate - third))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps4", "risk_from_shots", risk_from_shots)

# %% tags=["hidden", "points=3"]
hidden_check("ps4", "risk_from_shots", risk_from_shots)

# %% tags=["demo"]
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.scenes.pictures import picture

try:
    clean, rng = picture("camera", 256), np.random.default_rng(4)
    first, second, third = (clean + s * rng.standard_normal(clean.shape) for s in (0.15, 0.1, 0.3))
    widths = np.arange(0.5, 2.6, 0.25)
    estimates = [Gaussian(w)(first, 0.15) for w in widths]
    from_shots = [risk_from_shots(one, second, third) for one in estimates]
    true = [np.mean((one - clean) ** 2) for one in estimates]
    print("width of the Gaussian [px]", *(f"{w:8.2f}" for w in widths))
    print("error, from noisy shots   ", *(f"{r:8.5f}" for r in from_shots))
    print("error, by the clean one   ", *(f"{r:8.5f}" for r in true))
    print(f"chosen without a clean picture: {widths[np.argmin(from_shots)]} px; with it: {widths[np.argmin(true)]} px")
except NotImplementedError:
    print("Question 3 is open: answer it, and a width is chosen without a clean picture.")

# %% [markdown]
# Whoever can *measure* the squared error without a clean picture can train on it. But it is the same question, so the same
# hedging comes out.
#
# ## 4. Two promises about light (4 points)
#
# What should happen if the light gets brighter by the factor $a > 0$, and if a grey $b$ is laid over it?
#
# $$D(a\,y,\ a\,\sigma) = a\,D(y, \sigma), \qquad D(y + b,\ \sigma) = D(y, \sigma) + b .$$
#
# Return two **defects**: for each equation the root of the mean squared difference of its two sides, over the standard deviation of
# the noise *in the picture at its left side*. 0 means that the promise is kept. `denoiser(noisy, sigma)` is called as in the lessons.

# %% tags=["answer"]
def defects(denoiser, noisy, sigma, factor, offset):
    """(defect of the scale, defect of the offset), each in standard deviations of the noise."""
    ### BEGIN SOLUTION
    once = denoiser(noisy, sigma)
    brighter = denoiser(factor * noisy, factor * sigma) - factor * once
    lifted = denoiser(noisy + offset, sigma) - (once + offset)
    return np.sqrt(np.mean(brighter**2)) / (factor * sigma), np.sqrt(np.mean(lifted**2)) / sigma
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps4", "defects", defects)

# %% tags=["hidden", "points=3"]
hidden_check("ps4", "defects", defects)

# %% tags=["demo"]
from lessons_lib.denoisers import BM3D, LocalDCT, Network, NonLocalMeans, Stabilised

try:
    piece = picture("camera", 256)[40:136, 60:156] + 0.08 * np.random.default_rng(5).standard_normal((96, 96))
    for name, one in {"local DCT": LocalDCT(), "non-local means": NonLocalMeans(), "BM3D": BM3D(), "network": Network(),
                      "for 150 electrons": Stabilised(Gaussian(1.0), 150.0)}.items():
        scale, offset = defects(one, piece, 0.08, 0.5, 0.2)
        print(f"{name:20} half the light: {scale:8.4f} σ    a grey of 0.2 over it: {offset:8.4f} σ")
except NotImplementedError:
    print("Question 4 is open: answer it, and five denoisers are tested.")

# %% [markdown]
# A network of this course keeps the first promise by the way it is *built* (lesson 06: no biases, and it is told σ). The second one
# nobody built in: it was *learnt*, nearly. An instance norm (lesson 07) would break both on purpose.
#
# ## 5. The question that forgets where (5 points)
#
# Lay each of the `filters` `(K, a, b)` on the picture wherever it fits *inside* (as they are, not flipped), and keep what is
# positive (ReLU): $K$ maps $F_k$ of $N$ values. $G_{kl} = \frac1N\sum_i F_{k,i} F_{l,i}$ is the Gram matrix. Return the **relative
# Gram distance** of `image` to `wanted`; the two may differ in size:
#
# $$\frac{\sum_{kl}\,(G_{kl} - W_{kl})^2}{\sum_{kl} W_{kl}^2},$$
#
# with $G$ of `image` and $W$ of `wanted`.

# %% tags=["answer"]
def texture_distance(image, wanted, filters):
    """Relative distance of two pictures' Gram matrices; 0 is the same texture."""
    ### BEGIN SOLUTION
    grams = []
    for one in (image, wanted):
        windows = np.lib.stride_tricks.sliding_window_view(one, filters.shape[1:])
        maps = np.maximum(np.tensordot(filters, windows, axes=([1, 2], [2, 3])), 0)  # (K, H', W')
        flat = maps.reshape(len(filters), -1)
        grams.append(flat @ flat.T / flat.shape[1])
    return np.sum((grams[0] - grams[1]) ** 2) / np.sum(grams[1] ** 2)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps4", "texture_distance", texture_distance)

# %% tags=["hidden", "points=4"]
hidden_check("ps4", "texture_distance", texture_distance)

# %% tags=["demo"]
from lessons_lib.display.figures import image_row

rng, grass = np.random.default_rng(6), picture("grass")
filters = rng.standard_normal((8, 5, 5))
filters -= filters.mean(axis=(1, 2), keepdims=True)
lawn = grass[:160, :160]
noisy_lawn = np.float32(lawn + 0.2 * rng.standard_normal(lawn.shape))
others = {"the same, denoised": Network()(noisy_lawn, 0.2), "grass elsewhere": grass[300:460, 300:460]}
try:
    for name, one in others.items():
        print(f"{name:20} mean squared error {np.mean((one - lawn) ** 2):.4f}, Gram distance {texture_distance(one, lawn, filters):.3f}")
except NotImplementedError:
    print("Question 5 is open: answer it, and the two pictures at the right are compared with the first.")
image_row({"grass": lawn, "with noise": noisy_lawn, **others}, alt="Grass; the same in noise; the network's estimate, soft; "
          "another piece of the same lawn, with all its blades.")

# %% [markdown]
# The squared error prefers the soft picture, the Gram distance the wrong lawn. Each got what it was asked for.
#
# ## 6. Which cause blurred this edge? (8 points)
#
# Look at the table under question 2. **Which of the five causes** (capture, mixing, mis-deciding, hedging, inventing) makes the
# best answer's edge wide, and **what measurement** tells it from the Gaussian's cause? State the law of its width with your measured
# power, and say what the view of question 1 has to do with it: could longer training or a wider view make
# this edge narrower, and if so, at which contrast/$\sigma$? What does a sharp answer cost, in numbers? (150 to 250 words.)

# %% [markdown] tags=["written", "points=8"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# The cause is **hedging**. The step may be at several places, the squared error is least for the mean of all steps that fit, and
# the mean of sharp steps at several places is a ramp. The Gaussian's cause is mixing: its width is 5.1 samples at each
# contrast, because its kernel knows nothing of the signal. The ramp's is 0.9 samples at contrast/σ 4 and some 8 at 1, and from 2
# down to 0.5 it goes with contrast/σ to the power -2: width ≈ 9 (σ/c)². Half the contrast needs four times the samples.
#
# The ramp is the exact best answer, so no training beats it under this question; a network can only come near it. A view
# below the ramp's width keeps a network from even reaching it: the tiny DnCNN sees 11 px, and at contrast/σ 0.5 the ramp is
# some 38 wide. A wider view then lowers the error, and the edge it gives is still a ramp.
#
# A sharp answer costs 1.2 to 1.4 times the squared error here (the median; by its row), a draw from the posterior 2 times.
#
# **Rubric**
#
# - 2 points: hedging is named, and *why* the mean is a ramp is said (1 if only named).
# - 2 points: the measured widths of the ramp over contrast/σ, with the power near -2 (accept -1.9 to -2.1).
# - 1 point: tells it from mixing by the Gaussian's width that does not depend on contrast.
# - 1 point: no training makes it narrower under the squared error, since the ramp is exact.
# - 1 point: view against width, with one contrast/σ where the view is too small.
# - 1 point: the price of a sharp answer as a number.
#
# Take off 1 point for a claim against the student's own table. 'The network is too small' alone as the cause: at most 2 points.
# === END MARK SCHEME ===
