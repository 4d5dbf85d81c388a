# %% [markdown]
# # 06 Networks: the denoiser that hedges
#
# **The question:** a network that has learnt from photos has a higher PSNR than every method so far, and
# still its weak edges are soft. Why does it blur them at all?
#
# **You will**
#
# 1. write the best possible denoiser for a small world (exercise 1),
# 2. find out which answer each loss asks for (exercise 2),
# 3. read a row of a network's Jacobian (exercise 3),
# 4. prepare a training that has never seen a clean picture (exercise 4),
# 5. tell whether the noise in your own photo is the noise that a network knows (exercise 5).
#
# **Time:** 150 minutes; a good place for a pause is before part 3. **Needs:** lesson 02 (Jacobian rows, blur
# or jitter), lesson 04 (local DCT, shrinkage), lesson 05; no knowledge of networks.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. A signal is 0 and jumps to 1 at a place that nobody knows. A network is trained to remove strong noise
#    from it, with the squared error. Is *one* output a sharp step at a guessed place, a sharp step at the
#    right place, or a ramp? *My answer:*
# 2. You tell a network twice the $\sigma$ that is there. What will the picture look like? And half?
#    *My answer:*
# 3. Can a network learn to denoise from pictures that are *all* noisy? *My answer:*

# %%
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import correlate, gaussian_filter
from torch.nn.functional import conv2d, conv_transpose2d, relu

from lessons_lib.classroom import lesson_06 as check
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
from lessons_lib.denoisers.bm3d import BM3D
from lessons_lib.denoisers.dct import dct_matrix
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.denoisers.rules import rule
from lessons_lib.denoisers.small_network import BlindSpot, SmallNetwork
from lessons_lib.diagnosis.blur_curve import blur_curve
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import effective_pixels, gather
from lessons_lib.diagnosis.noise_level import (
    estimate_photo_sigma,
    estimate_sigma,
    power_spectrum,
)
from lessons_lib.diagnosis.scoreboard import Scoreboard, score
from lessons_lib.display.figures import (
    Line,
    draw_image,
    draw_lines,
    draw_signed,
    image_row,
    new_figure,
)
from lessons_lib.display.network_bench import network_bench
from lessons_lib.display.network_bench_rows import network_row, rows_of
from lessons_lib.display.network_bench_training import TrainingBench, smooth, watch
from lessons_lib.display.subjects import photographed_street, street_light
from lessons_lib.image import luminance, to_uint8
from lessons_lib.learning import weights
from lessons_lib.learning.batches import to_batch, to_image
from lessons_lib.learning.layers import parameters_of
from lessons_lib.learning.networks import DCTNetShape, DnCNNShape, UNetShape
from lessons_lib.learning.self_supervised import Demosaiced, OneLevel, learn_from_one, noise_kept
from lessons_lib.learning.small import SMALL, multiply_adds
from lessons_lib.learning.small import table as small_table
from lessons_lib.learning.step_toy import StepPlan, train_steps
from lessons_lib.learning.training import Plan, train
from lessons_lib.scenes.camera import photograph
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.standard_sets import StandardSetMissing, standard_set
from lessons_lib.scenes.step_signals import (
    draw_noisy,
    most_probable,
    posterior,
    posterior_draw,
    posterior_mean,
    posterior_median,
    unit_steps,
)

# %% [markdown]
# # Part 1: from a filter to a network
#
# ## The best linear filter
#
# A linear filter is a **convolution**: each output pixel is the same weighted sum of its neighbours. Lesson 03
# chose the weights by a formula. One can also *learn* them: take pictures, add noise, and ask for the 7 x 7
# weights $w$ whose sum comes nearest to the clean pixel $x_i$,
#
# $$\min_w \sum_i \Big(x_i - \sum_j w_j\,y_{i+j}\Big)^2 ,$$
#
# with $y$ the noisy picture. That is least squares: one linear system with 49 unknowns. The camera man is
# kept apart to be tested on.

# %%
names = ("astronaut", "chelsea", "coffee", "brick", "gravel", "grass")
school = {name: luminance(picture(name, 300)) for name in names}  # to learn from
sigma, rng = 25 / 255, np.random.default_rng(0)
noisy_school = {name: add_gaussian(x, sigma, rng) for name, x in school.items()}


def linear_filter(inputs, targets, skip=()):
    """The 7 x 7 weights that best foretell each target from its input; `skip` stays 0."""
    used, matrix, right = np.setdiff1d(np.arange(49), skip), 0, 0
    for name in names:
        patches = sliding_window_view(inputs[name], (7, 7)).reshape(-1, 49)[:, used]
        matrix = matrix + patches.T @ patches
        right = right + patches.T @ targets[name][3:-3, 3:-3].ravel()
    kernel = np.zeros(49)
    kernel[used] = np.linalg.solve(matrix, right)
    return kernel.reshape(7, 7)


# %%
camera = picture("camera", 256)
noisy_camera = add_gaussian(camera, sigma, np.random.default_rng(1))
learnt = linear_filter(noisy_school, school)
linear = correlate(noisy_camera, learnt, mode="reflect")
widths = np.arange(0.5, 1.6, 0.1)
by_width = [psnr(camera, Gaussian(width)(noisy_camera, sigma)) for width in widths]
print(f"noisy {psnr(camera, noisy_camera):.2f} dB, learnt 7 x 7 filter {psnr(camera, linear):.2f} dB, "
      f"best Gaussian {max(by_width):.2f} dB (width {widths[np.argmax(by_width)]:.1f} px); "
      f"the weights sum to {learnt.sum():.3f}")
assert abs(psnr(camera, linear) - max(by_width)) < 0.3 and abs(learnt.sum() - 1) < 0.01

# %% [markdown]
# Learning has found hardly anything better than a Gaussian (whose width was even chosen with the truth in hand). *One* linear filter has to treat edges and walls alike, and no choice
# of weights helps: the cause is **mixing**.
#
# ## The local DCT is a network
#
# Lesson 04's local DCT decides. Here is a plainer one (soft threshold, all blocks count alike), written as a
# network: a convolution with 64 filters (the cosines) gives 64 pictures, called **maps**; each is **shrunk**; a
# *transposed* convolution (each number lays its filter down again) brings them back. A soft threshold $T$ is made of
# two **ReLUs**, $\mathrm{relu}(c) = \max(c, 0)$:
#
# $$\mathrm{soft}_T(c) = \mathrm{relu}(c - T) - \mathrm{relu}(-c - T) .$$

# %%
C = dct_matrix(8)
cosines = torch.from_numpy(np.einsum("ia,jb->ijab", C, C).reshape(64, 1, 8, 8))
thresholds = torch.full((1, 64, 1, 1), 1.5 * sigma, dtype=torch.float64)
thresholds[0, 0] = 0  # the block's mean is never doubted
padded = torch.from_numpy(np.pad(noisy_camera, 7, mode="edge"))[None, None]  # (1, 1, 270, 270)
maps = conv2d(padded, cosines)  # (1, 64, 263, 263)
shrunk = relu(maps - thresholds) - relu(-maps - thresholds)
back = conv_transpose2d(shrunk, cosines) / 64  # mean of the 64 blocks that cover a pixel
by_hand = back[0, 0, 7:-7, 7:-7].numpy()

library = DCTNetShape().build().double()
library.thresholds.data = thresholds.flatten() / sigma  # the library keeps thresholds over sigma
with torch.no_grad():
    estimate = to_image(library(to_batch(noisy_camera, np.float64), torch.tensor([sigma])), noisy_camera)
np.testing.assert_allclose(by_hand, estimate, atol=1e-6)  # its cosines are float32
print(f"one shrinkage: {psnr(camera, by_hand):.2f} dB")

# %%
figure, axes = new_figure(5, 2, width=12, height=5.2, alt="Five of the 64 maps of the camera man, before and after "
    "shrinkage. Low cosines show outlines in noise, high ones little but noise. After shrinkage only "
    "the outlines are left, and in the highest map nearly nothing.")
for column, (i, j) in enumerate(((0, 1), (1, 0), (1, 1), (0, 4), (6, 6))):
    for line, (stack, word) in enumerate(((maps, "map"), (shrunk, "shrunk"))):
        part, note = (np.s_[60:156, 100:196], ", enlarged") if i == 6 else (np.s_[:], "")
        draw_signed(axes[line, column], stack[0, 8 * i + j].numpy()[part] / sigma, f"{word} ({i}, {j}){note}",
                    4 if i == 6 else 8, scale=False)
kept = [float(np.mean(shrunk[0, k].numpy() != 0)) for k in (1, 54)]
print(f"coefficients that survive: {kept[0]:.0%} in map (0, 1), {kept[1]:.0%} in map (6, 6)")
assert kept[0] > 2 * kept[1]
figure

# %% [markdown]
# One decision per coefficient, with filters that somebody wrote down. Two steps lead to a **convolutional neural
# network** (CNN):
#
# 1. Filters and thresholds are *learnt*. These numbers, the **weights**, start at random. A few noisy crops at a
#    time, the **loss** (here the mean squared error) is differentiated by every weight, and all move a small step
#    downhill.
# 2. It is done again and again: **layers**. Each filters the maps of the one before and passes them through a
#    ReLU, so that later layers decide about combinations: a corner, the end of a line.
#
# **DnCNN** (Zhang and others) is a plain stack of such layers. It predicts the *noise*, which is taken off:
# $\hat x = y - F(y)$, called *residual learning*.

# %%
torch.manual_seed(0)
layers = [0.3 * torch.randn(16, 1, 3, 3), 0.1 * torch.randn(16, 16, 3, 3), 0.1 * torch.randn(1, 16, 3, 3)]


def small_stack(y):
    """y - F(y), with three layers of random weights; y is (1, 1, H, W)."""
    maps = y
    for filters in layers[:-1]:
        maps = relu(conv2d(maps, filters, padding=1))  # (1, 16, H, W)
    return y - conv2d(maps, layers[-1], padding=1)


piece = to_batch(noisy_camera[:64, :64])
print(f"{sum(w.numel() for w in layers):,} weights; output {tuple(small_stack(piece).shape)}")
assert torch.allclose(small_stack(3 * piece), 3 * small_stack(piece), atol=1e-5)

# %% [markdown]
# The last line tests something: no constant is added anywhere, so three times the input gives three times the
# output, whatever the weights are. Such networks are **bias-free** (Mohan and others). Two more ideas:
#
# * **FFDNet** gives the network $\sigma$ as one more input map: one network for all noise levels,
#   $D(y, \sigma)$. And it sorts each 2 x 2 block of pixels into four maps of half the size, so that a layer
#   costs a quarter.
# * **U-Nets** such as **DRUNet** go down to a half, a quarter, an eighth of the size and up again, and see far
#   for little work.
#
# The course's DnCNNs, too, are bias-free and are told $\sigma$. (Those of the paper have biases and batch normalisation,
# and one set of weights for each $\sigma$, or for a range.)
#
# Bias-free *with* a noise map means: $D(a\,y,\ a\,\sigma) = a\,D(y, \sigma)$ for $a > 0$.

# %%
crop, level = to_batch(noisy_camera[:64, :64], np.float64), torch.tensor([sigma], dtype=torch.float64)
shapes = {"local DCT": DCTNetShape(), "DnCNN, tiny": DnCNNShape(1, 16, 5), "DnCNN": DnCNNShape(1, 64, 17),
          "U-Net of the course": UNetShape()}
print("network                weights   multiply-adds per pixel   sees (px to each side)")
for name, shape in shapes.items():
    torch.manual_seed(0)
    network = shape.build()
    for weight in network.parameters():
        weight.data += 0.05 * torch.randn_like(weight)  # any weights
    print(f"{name:20}{parameters_of(network):10,}{multiply_adds(network, 256):16,.0f}{network.reach:20}")
    with torch.no_grad():
        once, twice = network.double()(crop, level), network(2 * crop, 2 * level)
    np.testing.assert_allclose(twice, 2 * once, atol=1e-9 * float(once.abs().max()))

# %% [markdown]
# ## Train one, now
#
# The tiny DnCNN: five layers, 16 maps, about 7,300 weights. It gets crops of six pictures with fresh noise of
# $\sigma$ = 25/255 each time. The curve is the loss of the crops of each step; it is drawn while the network
# learns. (The button trains again, with as many steps as the slider says.)

# %%
lessons = [to_uint8(x)[..., None] for x in school.values()]


def plan(steps):
    """Two ways to step downhill: Muon for the middle layers, Adam for the ends; slower at the end."""
    return Plan(DnCNNShape(1, 16, 5), OneLevel(sigma), "squared", steps, batch=8, side=48,
                muon_rate=0.05, adam_rate=3e-3, warming=20, cooling=0.5, averaging=0.97)


tiny = watch(lambda steps: train(plan(steps), lessons), "tiny DnCNN", 600, "mean squared error")

# %%
def tiny_net(noisy, sigma):
    """The network that was just trained, as a denoiser."""
    with torch.no_grad():
        return to_image(tiny.result.network(to_batch(noisy), torch.tensor([sigma])), noisy)


means = [np.mean(part) for part in np.array_split(tiny.result.losses, 8)]
print(f"loss at the beginning {means[0]:.5f}, at the end {means[-1]:.5f}, of doing nothing {sigma**2:.5f}")
ladder = {"learnt linear filter": linear, "one soft shrinkage": by_hand, "non-local means":
          NonLocalMeans()(noisy_camera, sigma), "local DCT": LocalDCT()(noisy_camera, sigma),
          "tiny DnCNN": tiny_net(noisy_camera, sigma)}
scores = {name: psnr(camera, one) for name, one in ladder.items()}
print({name: f"{value:.2f} dB" for name, value in scores.items()})
assert means[-1] < 0.25 * sigma**2 and scores["tiny DnCNN"] == max(scores.values())

# %%
curve = smooth(tiny.result.losses)
figure, axes = new_figure(width=7, height=2.8, alt="The loss falls steeply during the first hundred steps, then slowly, to "
    "about a sixth of what doing nothing would cost.")
draw_lines(axes[0, 0], [Line("tiny DnCNN", *curve), Line("doing nothing: σ²", [0, curve[0][-1]], [sigma**2] * 2)], x_label="step",
           y_label="mean squared error", title="what the network paid while it learnt")
figure

# %%
face = np.s_[20:116, 90:186]
image_row({"noisy": noisy_camera[face], **{name: one[face] for name, one in ladder.items() if name != "one "
           "soft shrinkage"}},
          alt="The camera man's face and camera: noisy, after the learnt linear filter with much grain, and after "
          "non-local means, local DCT and the tiny network, which look much alike.")

# %% [markdown]
# Six pictures and some seconds of training have overtaken local DCT and non-local means. Now load the course's
# large network: a U-Net trained on 400 photos with the squared error, for all noise levels from 0 to 1.2. (The error is
# divided by a number that depends on $\sigma$ alone, so that weak noise counts as well; the best answer stays the mean.)
# Its file is read only if its fingerprint (sha256) is right; `data/weights/README.md` says what it was trained on and how to train it
# again.

# %%
levels, contest = (10, 25, 50), {"BM3D": BM3D(), "network": Network()}
found = {}
for s in levels:
    noisy = add_gaussian(camera, s / 255, np.random.default_rng(1)).astype(np.float32)
    for name, one in contest.items():
        found[name, s] = one(noisy, s / 255)
    print(f"sigma {s:2}/255: BM3D {psnr(camera, found['BM3D', s]):.2f} dB, "
          f"network {psnr(camera, found['network', s]):.2f} dB")
gain = {s: psnr(camera, found["network", s]) - psnr(camera, found["BM3D", s]) for s in levels}
assert gain[25] > 0.3 and gain[50] > 0.3 and gain[10] > 0

# %%
image_row({"clean": camera[face], "noisy, σ = 50/255": add_gaussian(camera, 50 / 255, np.random.default_rng(1))[face],
           "BM3D": found["BM3D", 50][face], "network": found["network", 50][face]},
          alt="The camera man's face in strong noise: clean, noisy, after BM3D and after the network. Both "
          "estimates have clear outlines where the contrast is strong; the fine lines of mouth, hand and camera are soft or gone.")

# %% [markdown]
# Look at what is *not* there. Outlines are crisp, faint things are soft or gone, and nothing is grainy. Part 2
# finds out why, in a world where everything can be calculated.
#
# # Part 2: hedging
#
# ## A world with one unknown
#
# A signal has 64 samples. It is 0 and jumps to 1 at sample $k$; each $k$ from 1 to 63 is equally likely. We see
# $y = x_k + $ noise of $\sigma = 1$: contrast/$\sigma$ is 1. *Which* $k$ was it? Bayes' rule gives each
# possible step $x_k$ a probability, the **posterior**:
#
# $$p(k \mid y) \propto \exp\Big(-\frac{|y - x_k|^2}{2\sigma^2}\Big) ,$$
#
# where $|\cdot|^2$ is the sum of squares over the samples.

# %%
steps = (np.arange(64) >= np.arange(1, 64)[:, None]).astype(float)  # row k - 1: the step at k
np.testing.assert_array_equal(steps, unit_steps(64))


def chances(y, sigma):
    """Probability of each step, given the noisy signal."""
    exponent = -np.sum((y - steps) ** 2, axis=1) / (2 * sigma**2)
    likely = np.exp(exponent - exponent.max())  # or all could be 0 in a computer
    return likely / likely.sum()


true_place, rng = 32, np.random.default_rng(37)
y = steps[true_place - 1] + rng.standard_normal(64)
p = chances(y, 1.0)
np.testing.assert_allclose(p, posterior(y, 1.0, steps), atol=1e-14)
print(f"most probable place {1 + p.argmax()} with {p.max():.0%}; the true one, {true_place}, has {p[true_place - 1]:.0%}")

# %% [markdown]
# What should a denoiser answer? That depends on what an error costs:
#
# | loss | best answer | here |
# |---|---|---|
# | squared error | posterior **mean** $\sum_k p(k \mid y)\,x_k$ | a ramp: at sample $i$ it is $P(k \le i \mid y)$ |
# | absolute error | posterior **median**, sample by sample | a sharp step |
# | 1 unless exactly right | most probable step (**MAP**, maximum a posteriori) | a sharp step |
#
# And one may simply **draw** a step with its probability: sharp as well.

# %%
mean = p @ steps
np.testing.assert_allclose(mean[1:], np.cumsum(p), atol=1e-12)  # the distribution function of the place
answers = {"posterior mean": mean, "posterior median": posterior_median(y, 1.0, steps), "MAP": most_probable(y, steps)}
draws = posterior_draw(np.tile(y, (4, 1)), 1.0, steps, np.random.default_rng(3))
figure, axes = new_figure(3, width=13, height=3.4, alt="Left: a step hidden in noise as strong as itself. Middle: the "
    "probability of each place, spread over some ten samples. Right: the posterior mean is a ramp over them; "
    "median and MAP are sharp steps at two different places.")
draw_lines(axes[0, 0], [Line("noisy", range(64), y, "points"), Line("true step", range(64), steps[true_place - 1])],
           x_label="sample", y_label="value", title="what is seen")
draw_lines(axes[0, 1], [Line("", range(1, 64), p, "both")], x_label="place k", y_label="p(k | y)", title="what is known")
shown = {**answers, "true step": steps[true_place - 1]}
draw_lines(axes[0, 2], [Line(name, range(64), one) for name, one in shown.items()], x_label="sample",
           y_label="value", title="three best answers")
axes[0, 2].set_xlim(15, 50)
figure

# %% [markdown]
# The ramp is **hedging**. To jump at one place would be right or wrong; the ramp is a little wrong everywhere,
# and that costs less. No signal of this world looks like it. (That the median hits the true place is luck; the table
# below has 10,000 signals.)
#
# What does each answer cost? Call $m$ the posterior mean and $d$ a draw. Once $y$ is given, truth $x$ and draw come
# from the same posterior, independently, so both lie around $m$ with the same spread, and
#
# $$\mathrm E|x - d|^2 = \mathrm E|x - m|^2 + \mathrm E|d - m|^2 = 2\,\mathrm E|x - m|^2 .$$
#
# $\mathrm E|x - m|^2$ is the least possible: the **MMSE** (minimum mean squared error).

# %%
print("σ      MMSE     draw   MAP   median  (mean squared error over the MMSE)")
for s in (0.25, 0.5, 1.0, 2.0):
    rng = np.random.default_rng(0)
    x, noisy = draw_noisy(steps, s, 10_000, rng)
    least = np.mean((posterior_mean(noisy, s, steps) - x) ** 2)
    drawn, likely, middle = (np.mean((one - x) ** 2) / least for one in (
        posterior_draw(noisy, s, steps, rng), most_probable(noisy, steps), posterior_median(noisy, s, steps)))
    print(f"{s:4}  {least:.5f}   {drawn:.2f}   {likely:.2f}   {middle:.2f}")
    # At .25 few signals err at all, so 10,000 of them know the ratio to .04.
    assert abs(drawn - 2) < 0.16 and 1.2 < likely < 1.7 and middle > 1.2

# %% [markdown]
# A sharp answer costs: twice the error (3 dB; Blau and Michaeli) for a draw, 1.3 to 1.6 times for MAP, 1.3 to 1.4 for the median. **Who asks for the least
# squared error asks for the ramp.**
#
# ## A network finds the ramp
#
# A small network without any idea of steps: 64 inputs, a few fully connected layers with ReLUs, 64 outputs. It
# gets noisy steps and is scored on the clean ones, once by the squared and once by the absolute error.

# %%
squared = watch(lambda steps: train_steps(StepPlan("squared", steps=steps)), "steps, squared error", 1500,
                "mean squared error")

# %%
absolute = watch(lambda steps: train_steps(StepPlan("absolute", steps=steps)), "steps, absolute error", 1500,
                 "mean absolute error")

# %%
x, noisy = draw_noisy(steps, 1.0, 10_000, np.random.default_rng(1))
exact = {"mean": posterior_mean(noisy, 1.0, steps), "median": posterior_median(noisy, 1.0, steps)}
nets = {"squared": squared.result.network.estimate, "absolute": absolute.result.network.estimate}
outputs = {name: one(noisy) for name, one in nets.items()}
rms = np.sqrt(np.mean((outputs["squared"] - exact["mean"]) ** 2))
price = {name: (np.mean((one - x) ** 2) / np.mean((exact["mean"] - x) ** 2),
                np.mean(np.abs(one - x)) / np.mean(np.abs(exact["median"] - x))) for name, one in outputs.items()}
between = {name: 64 * np.mean((one > 0.1) & (one < 0.9)) for name, one in {**exact, **outputs}.items()}
print(f"trained on squares: off the posterior mean by {rms:.3f} (root mean square over 10,000 signals)")
for name, (by_square, by_size) in price.items():
    print(f"trained on {name:8}: squared error {by_square:.2f} x the least, absolute error {by_size:.2f} x the least")
print({name: f"{value:.1f} samples between 0.1 and 0.9" for name, value in between.items()})
assert rms < 0.05 and price["squared"][0] < 1.08 and price["absolute"][1] < 1.3 < 1.5 < price["squared"][1]
assert between["absolute"] < 0.5 * between["mean"] and abs(between["squared"] / between["mean"] - 1) < 0.15

# %% [markdown]
# The first network is within some 5 % of the least squared error; the second still pays some 20 % too much of its
# own, for a perfectly sharp step is hard to make from smooth parts. Neither is good at the other's loss. The squared error made
# ramps of eight samples (Predict 1), as wide as the exact ones; the absolute error makes them three times steeper.
#
# Now 4,000 noisy copies of *one* step:

# %%
copies = steps[true_place - 1] + np.random.default_rng(2).standard_normal((4000, 64))
mean_out, exact_out = nets["squared"](copies).mean(axis=0), posterior_mean(copies, 1.0, steps).mean(axis=0)
off = np.abs(mean_out - exact_out).max()
print(f"mean outputs differ by at most {off:.3f}")
assert off < 0.05

# %%
figure, axes = new_figure(3, width=13, height=3.4, alt="Left: for the noisy signal from above the network trained on squares "
    "gives a ramp close to the exact one. Middle: the one trained on absolute errors gives a much steeper one. Right: the mean output over "
    "4,000 copies of one step lies on the mean posterior mean, a wide ramp.")
panels = (("squared", "posterior mean"), ("absolute", "posterior median"))
for panel, (name, label) in zip(axes[0], panels, strict=False):
    draw_lines(panel, [Line("true step", range(64), steps[true_place - 1]), Line(label, range(64), answers[label]),
                       Line(f"network, {name} error", range(64), nets[name](y))], x_label="sample", y_label="value",
               title="the noisy signal from above")
draw_lines(axes[0, 2], [Line("true step", range(64), steps[true_place - 1]), Line("mean of exact means", range(64), exact_out),
                        Line("mean of network outputs", range(64), mean_out)], x_label="sample", y_label="value",
           title="4,000 noisy copies of one step")
figure

# %% [markdown]
# ## Who must hedge loses energy
#
# There is a second way to see it. An error of the best estimate $m$ cannot be foreseen from $m$ (or $m$ could be
# bettered), so Pythagoras holds for the energies (about the mean of everything):
#
# $$\mathrm E|x|^2 = \mathrm E|m|^2 + \mathrm E|x - m|^2 .$$
#
# *The best estimate has less energy than the truth, by just its error.* It holds for what is fine as well: take
# a high-pass filter of all three. So a best estimate with little error may be sharp, and one with a large error
# there **has to** be soft. For photos nobody can write the posterior down; does the law hold for the large network?

# %%
def fine(image):
    """What a Gaussian of 1.5 px takes away."""
    return image - Gaussian(1.5)(image, 1.0)


x, noisy = draw_noisy(steps, 1.0, 10_000, np.random.default_rng(1))
sums = {"exact toy": [np.mean(one**2) for one in (x - 0.5, exact["mean"] - 0.5, x - exact["mean"])]}
for s in (25, 50):
    truth, guess = np.array([(fine(one), fine(Network()(add_gaussian(one, s / 255, rng), s / 255)))
                             for one in (picture_[:256, :256] for picture_ in [camera, *school.values()])]).swapaxes(0, 1)
    sums[f"network, {s}/255"] = [np.mean(one**2) for one in (truth, guess, truth - guess)]
for name, (whole, kept, missed) in sums.items():
    print(f"{name:17} energy kept {kept / whole:.2f} + error {missed / whole:.2f} = {(kept + missed) / whole:.2f}")
    # The network is only near the mean, and these are seven pictures, not all.
    assert abs((kept + missed) / whole - 1) < (0.02 if name == "exact toy" else 0.12)

# %% [markdown]
# The energy that the network misses in fine detail is about what it leaves out. To put it in would take a *guess*.
# The sum is 1 for the best of other kinds, too. (The learnt 7 x 7 filter, which mixes, gives about 1.02: try
# `fine(correlate(noisy, learnt, mode="reflect"))` on the same seven pictures.) So the law tells how much is missing, not why.
#
# # Part 3: what a network averages
#
# ## Rows of the Jacobian
#
# Nobody wrote down whom this network averages with. But one can ask how it *reacts* (lesson 02): row $i$ of the Jacobian
# says how the estimate at pixel $i$ reacts to each noisy pixel, and one pass backwards through the network gives
# all of it.

# %%
unet, spot = weights.load("grey"), (175, 98)  # the coat's hem
batch = to_batch(noisy_camera).requires_grad_(True)
unet(batch, torch.tensor([sigma]))[0, 0, spot[0], spot[1]].backward()
row = batch.grad[0, 0].numpy()
np.testing.assert_allclose(row, gather(Network(), noisy_camera, sigma, spot), atol=1e-5)

near, middle, h = noisy_camera[112:240, 32:160], (63, 66), 1e-7  # a crop, with the pixel in its middle
net = Network(precision="float64")
row = gather(net, near, sigma, middle)
by_sigma = (net(near, sigma + h)[middle] - net(near, sigma - h)[middle]) / (2 * h)
estimate, from_row = net(near, sigma)[middle], np.sum(row * near)
print(f"estimate {estimate:.5f} = row · picture {from_row:.5f} + σ · slope {sigma * by_sigma:.5f}")
assert abs(from_row + sigma * by_sigma - estimate) < 1e-4  # what is left is the step h

# %% [markdown]
# Differentiate $D(a y,\ a\sigma) = a\,D(y, \sigma)$ by $a$, at $a = 1$: that is the last line (Euler's rule for homogeneous
# functions), $D = J\,y + \sigma\,\partial D/\partial\sigma$ with the Jacobian $J$. The first
# part is a weighted sum of the noisy pixels, with other weights for each pixel: an **adaptive filter**. The second is
# what the network makes of being told $\sigma$. Here the second part is the larger one, and the first is below 0: no
# average of grey values would be. So read a row as what it is, how the estimate *reacts*, and not as a recipe for the
# estimate. (The bias-free networks of Mohan and others are told nothing; there
# the estimate *is* the row's weighted sum.)
#
# Does a row sum to 1? Non-local means was built so. The network was not, it had to learn that brightness does
# not matter:

# %%
h = 0.02
for s in (10, 25, 50):
    noisy = add_gaussian(camera, s / 255, np.random.default_rng(1))
    sums_of_rows = (Network()(noisy + h, s / 255) - Network()(noisy - h, s / 255)) / (2 * h)  # J times a picture of ones
    low, middle, high = np.quantile(sums_of_rows, (0.05, 0.5, 0.95))
    print(f"sigma {s}/255: nine of ten row sums lie between {low:.3f} and {high:.3f}, the middle one is {middle:.3f}")
    assert abs(middle - 1) < 0.02 and 0.9 < low < high < 1.1

# %%
spots, few_levels = {"flat": (205, 108), "edge": (175, 98), "corner": (166, 78)}, (5, 10, 25, 50)
rows, sizes = {}, {}
for s in few_levels:
    noisy = add_gaussian(camera, s / 255, np.random.default_rng(1)).astype(np.float32)
    for name, place in spots.items():
        row = network_row(Network(), noisy, s / 255, place)  # gather, on a crop
        rows[name, s], sizes[name, s] = row[place[0] - 12:place[0] + 13, place[1] - 12:place[1] + 13], effective_pixels(row)
for name in spots:
    print(f"{name:7}", *(f"{sizes[name, s]:7.1f}" for s in few_levels), f"  effective pixels at σ = {few_levels} / 255")
    assert sizes[name, 50] > 2 * sizes[name, 5]
assert sizes["flat", 25] > 2 * sizes["edge", 25] > 4 * sizes["corner", 25]

# %%
figure, axes = new_figure(4, 3, width=11, height=8.4, alt="Jacobian rows of a flat, an edge and a corner pixel in "
    "four noise levels. In weak noise each is little more than the pixel itself. With more noise the flat one spreads to "
    "a wide disc, the edge one to a stripe along the edge, and the corner one stays small.")
for line, name in enumerate(spots):
    for column, s in enumerate(few_levels):
        shown = rows[name, s]
        draw_signed(axes[line, column], shown, f"{name}, σ {s}/255: N = {sizes[name, s]:.1f}", np.abs(shown).max() / 2,
                    scale=False)
figure

# %% [markdown]
# (25 x 25 px each, full colour at half its largest entry; $N = (\sum r)^2 / \sum r^2$ is the number of equal weights
# that would average noise as well. At 50/255 the flat row reaches far beyond the panel, which holds only 625 pixels.)
# The network does what lessons 03 to 05 were after: it widens its average where the noise is strong (on the edge only
# up to 25/255), stretches it along edges, and stays small at corners. Mohan and others found this in bias-free
# networks.
#
# Beside the others, at one edge pixel:

# %%
noisy = add_gaussian(camera, sigma, np.random.default_rng(1)).astype(np.float32)
methods = {"network": Network(), "bilateral": Bilateral(), "non-local means": NonLocalMeans()}
near = np.s_[spot[0] - 16:spot[0] + 17, spot[1] - 16:spot[1] + 17]
beside = dict(rows_of(methods, noisy, sigma, spot))
figure, axes = new_figure(4, width=12, height=3.3, alt="The noisy neighbourhood of a pixel on the coat's hem, and its "
    "Jacobian rows: the network's lies along the hem and fades out, the bilateral filter's is a small disc cut off "
    "at the hem, and that of non-local means is a speckled stripe with negative entries.")
draw_image(axes[0, 0], noisy[near], "noisy; the pixel is in the middle")
for panel, (name, row) in zip(axes[0, 1:], beside.items(), strict=True):
    draw_signed(panel, row[near], f"{name}: sum {row.sum():.2f}, N = {effective_pixels(row):.1f}",
                np.abs(row).max() / 2, scale=False)
assert abs(beside["bilateral"].sum() - 1) < 1e-6 and abs(beside["non-local means"].sum() - 1) < 1e-6
figure

# %% [markdown]
# ## The network bench
#
# Click a pixel: its row of the network's Jacobian, and those of the bilateral filter and of non-local means.
#
# 1. Camera man, a pixel of the hem of the coat: raise the noise from 0.02 to 0.4. How does each row change?
# 2. Click into the sky, onto the tripod, into the grass. Where is $N$ smallest?
# 3. Slanted edge (contrast 0.2): click 3 px beside the edge and raise the noise. At which contrast/$\sigma$ does the
#    network's row cross the edge?
# 4. Now *lie*: set 'σ that is told' to 0.5, then to 2 (Predict 2). Watch the error picture.

# %%
bench = network_bench()
bench

# %% [markdown]
# # Part 4: what it was not trained for
#
# ## Another sigma
#
# The network does what it is told:

# %%
told = (0.5, 0.75, 1, 1.25, 1.5, 2, 3)
lied = {}
for name, make in {"network": Network, "BM3D": BM3D}.items():
    lied[name] = [psnr(camera, make(strength=ratio)(noisy, sigma)) for ratio in told]
    print(f"{name:8}", *(f"{value:7.2f}" for value in lied[name]), f" dB, told {told} times the true sigma")
assert max(lied["network"]) == lied["network"][2]
assert lied["network"][2] > lied["network"][0] + 2 and lied["network"][2] > lied["network"][5] + 1
assert lied["network"][2] - lied["network"][5] > lied["BM3D"][2] - lied["BM3D"][5]

# %%
wrong = {f"told {ratio:g} σ": Network(strength=ratio)(noisy, sigma)[face] for ratio in (0.5, 1, 2)}
image_row({"clean": camera[face], "noisy": noisy[face], **wrong},
          alt="The camera man's face and camera: clean, noisy, and the network's estimate when told half the sigma, "
          "which leaves much grain, the right one, and twice, which washes out the camera's details.")

# %% [markdown]
# Half of $\sigma$ leaves the grain in: it is 'too strong to be noise'. Twice $\sigma$ washes out what could still be
# known, and costs the network more than it costs BM3D. It trusts you: **a wrong $\sigma$ is a wrong question**.
#
# ## Real noise
#
# It was trained on *white* noise. The noise of a developed photo is not white (lesson 01): demosaicing and JPEG
# spread it over neighbours. Take the night street, photographed, and the same street with 33 times the light as the
# truth. Compare with white noise of the same $\sigma$.

# %%
rng, street = np.random.default_rng(0), np.s_[120:440, 200:584]
long_exposure = photograph(street_light(), electrons_at_white=5000, rng=rng)[street].astype(np.float32)
photo = photographed_street()[street].astype(np.float32)  # colour, (320, 384, 3)
camera_noise = photo - long_exposure
level = float(camera_noise.std())
noises = {"camera noise": camera_noise, "white noise": np.float32(level * rng.standard_normal(photo.shape))}
left, kept = {}, {}
for kind, noise in noises.items():
    for name, one in {"BM3D": BM3D(), "network": Network()}.items():
        left[kind, name] = error = one(long_exposure + noise, level) - long_exposure
        kept[kind, name] = noise_kept(noise, error)
        print(f"{kind}, sigma {level:.3f}: {name:8} leaves {kept[kind, name]:.0%} of it, "
              f"{-10 * np.log10(np.mean(error**2)):.2f} dB")
assert kept["camera noise", "network"] > max(2.5 * kept["white noise", "network"], 0.25)

# %% [markdown]
# Camera noise is not only coloured, it also depends on the brightness. Which of the two does the harm? Change one at a
# time: keep its spectrum and scramble the rest (random phases), or make it white, but as strong in each place as the
# camera's noise is there.

# %%
phases = np.exp(1j * np.angle(np.fft.fft2(rng.standard_normal(photo.shape[:2]))))[..., None]  # the same for R, G, B
even = np.fft.ifft2(np.fft.fft2(camera_noise, axes=(0, 1)) * phases, axes=(0, 1)).real
uneven = np.sqrt(gaussian_filter(camera_noise**2, (6, 6, 0))) * rng.standard_normal(photo.shape)
for kind, noise in {"coloured, alike everywhere": even, "white, strength by place": uneven}.items():
    noise = (level / noise.std() * noise).astype(np.float32)
    kept[kind, "network"] = noise_kept(noise, Network()(long_exposure + noise, level) - long_exposure)
    print(f"{kind:26}: the network leaves {kept[kind, 'network']:.0%} of it")
assert kept["coloured, alike everywhere", "network"] > 3 * kept["white, strength by place", "network"]

# %% [markdown]
# The colour does it. Look at what is left, frequency by frequency:

# %%
spectra = {**noises, "left of camera noise": left["camera noise", "network"], "left of white noise":
           left["white noise", "network"]}
lines = [Line(name, *power_spectrum(one[..., 1], 24)) for name, one in spectra.items()]  # of green
figure, axes = new_figure(width=8, height=3.6, alt="Noise power against frequency. White noise is flat; camera noise falls by "
    "a factor of ten from low to high frequencies. What the network leaves of white noise is low everywhere; what it leaves of "
    "camera noise is at low frequencies nearly the camera noise itself.")
draw_lines(axes[0, 0], [Line(one.label, one.x, np.asarray(one.y) / level**2, "both") for one in lines],
           x_label="frequency [cycles/px]", y_label="power of the green plane / σ²", log_y=True, title="blotches are what is left")
figure

# %%
shop = np.s_[80:260, 90:290]
image_row({"long exposure (truth)": long_exposure[shop], "photo": photo[shop],
           "network on the photo": (long_exposure + left["camera noise", "network"])[shop],
           "network on white noise": (long_exposure + left["white noise", "network"])[shop]}, high=0.8,
          alt="A shop of the night street: long exposure, noisy photo, the network's estimate of it with dark blotches "
          "left on walls and awning, and its clean estimate where the noise was white.")

# %% [markdown]
# In white noise a blotch of several pixels is so unlikely that the network takes it for a *thing*, and keeps it.
# Plötz and Roth photographed such pairs with real cameras (the DND benchmark): there BM3D came out ahead of networks
# that had been trained on white noise. Here the two are about equal: BM3D, too, believes that noise is white, and leaves
# as much. What fails is the belief, whether it was learnt or written down: it gives the *posterior* of another world.
#
# A larger $\sigma$ helps, here by some 3 dB, and costs detail:

# %%
repairs = {"as it is": photo}
for ratio in (1, 1.5, 2, 3):
    repairs[f"white network, told {ratio:g} σ"] = Network(strength=ratio)(photo, level)
repairs["BM3D, told 3 σ"] = BM3D(3)(photo, level)
repairs["camera network, told 1 σ"] = Network("real")(photo, level)
quality = {name: psnr(long_exposure, one) for name, one in repairs.items()}
for name, value in quality.items():
    print(f"{name:28} {value:.2f} dB, leaves {noise_kept(camera_noise, repairs[name] - long_exposure):.0%} of the noise")
assert quality["white network, told 1.5 σ"] > quality["white network, told 1 σ"] + 0.5
assert max(quality, key=quality.get) == "camera network, told 1 σ"

# %%
image_row({"long exposure (truth)": long_exposure[shop], "photo": photo[shop], **{name: repairs[name][shop] for name in (
           "white network, told 1 σ", "white network, told 2 σ", "camera network, told 1 σ")}}, high=0.8,
          alt="The shop: truth, noisy photo, and three estimates. The white-trained network leaves coloured blotches, fewer "
          "when told twice the sigma; the one that was trained on camera noise leaves the fewest. Most bricks are gone in all.")

# %% [markdown]
# The last line is the repair at the root, a **training that knows cameras**: take clean pictures back to the
# sensor's linear light (Brooks and others call this *unprocessing*; they denoise there), add noise, and develop them
# again (as Guo and others did). The course's camera network is the colour network, trained on for a while in this way.
#
# The street came out of much the same camera model as in its training. A fair test has photos of *other* cameras:
# CC15, fifteen crops of real photos with the mean of many shots as the truth. The project's benchmark measured and
# stored this:

# %%
stored_file = Path("../benchmarks/results/networks.json")
photos = json.loads(stored_file.read_text(encoding="utf-8")) if stored_file.exists() else None
if photos is not None:
    print(f"CC15, noisy {photos['noisy photos']:.2f} dB; σ estimated from each photo, times a factor:")
    for name, by_factor in photos["photos"].items():
        print(f"{name:32}", *(f"{factor} σ: {value:.2f} dB  " for factor, value in by_factor.items()))
    at_one = {name: by_factor["1"] for name, by_factor in photos["photos"].items()}
    assert max(at_one, key=at_one.get) == "network trained on camera noise"
else:
    print("the benchmark has not been run")

# %% [markdown]
# With σ as estimated (column 1 σ) the camera network is ahead by more than 1 dB. But look at 3 σ: there both
# white-noise methods are ahead of *its* best. Told three times σ they smooth strongly, and these photos seem to have
# little fine detail to lose. One factor for all photos could be learnt from other photos; to choose it for each
# photo one needs the truth. So the camera network needs no such help, but it is not the best that can be had here.

# %%
if photos is not None:
    for name, by_factor in photos["photos"].items():
        factor = max(by_factor, key=by_factor.get)
        print(f"{name:32} best at {factor} σ: {by_factor[factor]:.2f} dB, {by_factor[factor] - by_factor['1']:.2f} dB above 1 σ")

# %% [markdown]
# # Part 5: learning without clean pictures
#
# ## Two noisy shots
#
# Take *two* noisy shots of each scene, and let the network foretell the second from the first. It cannot: the second
# noise is independent, with mean 0. The best it can do is the mean of all second shots that go with the first, and that
# is the mean of all clean pictures that go with it (**Noise2Noise**, Lehtinen and others; Predict 3):
#
# $$\mathrm E[\,x + n_2 \mid y_1\,] = \mathrm E[\,x \mid y_1\,] .$$
#
# (Both noises must have mean 0, and nothing may move; clipped shadows break it.) Try it on the learnt 7 x 7 filter of part 1:

# %%
rng = np.random.default_rng(5)
second_shots = {name: add_gaussian(x, sigma, rng) for name, x in school.items()}
from_noisy = linear_filter(noisy_school, second_shots)
copied = linear_filter(noisy_school, noisy_school)  # and if there is only one shot?
print(f"from noisy targets: weights differ by at most {np.abs(from_noisy - learnt).max():.4f}, "
      f"{psnr(camera, correlate(noisy_camera, from_noisy, mode='reflect')):.2f} dB (from clean ones "
      f"{psnr(camera, linear):.2f} dB)")
print(f"from the same shot: the weight in the middle is {copied[3, 3]:.6f}")
assert np.abs(from_noisy - learnt).max() < 0.006 and abs(copied[3, 3] - 1) < 1e-9

# %% [markdown]
# ## One noisy shot
#
# Asked to foretell the *same* shot, a filter copies it. So **hide the pixel**: foretell it from all others.
# (**Noise2Self**, Batson and Royer; **Noise2Void**, Krull, Buchholz and Jug.) Its noise cannot be foreseen from
# the others' if it is independent from pixel to pixel, so the best answer is $\mathrm E[\,x_i \mid$ all other
# pixels$\,]$. What does it cost not to see the pixel itself?

# %%
donut = linear_filter(noisy_school, noisy_school, skip=(24,))  # weight 24 is the middle one
donut_clean = linear_filter(noisy_school, school, skip=(24,))
blind = correlate(noisy_camera, donut, mode="reflect")
developed = {name: Demosaiced(sigma)(x[..., None], rng) for name, x in school.items()}
only = {name: shots[0][..., 0] for name, shots in developed.items()}
in_colour = linear_filter(only, only, skip=(24,))
grainy, plain = (one[..., 0] for one in Demosaiced(sigma)(camera[..., None], rng)[:2])
fooled = noise_kept(grainy - plain, correlate(grainy, in_colour, mode="reflect") - plain)
honest = noise_kept(noisy_camera - camera, blind - camera)
print(f"hidden pixel: {psnr(camera, blind):.2f} dB (all pixels: {psnr(camera, linear):.2f} dB); trained on clean "
      f"pictures its weights differ by {np.abs(donut - donut_clean).max():.4f}")
print(f"noise that it passes on: {honest:.0%} of white noise, {fooled:.0%} of demosaiced noise")
assert np.abs(donut - donut_clean).max() < 0.006 and abs(honest) < 0.05 and fooled > 0.5

# %% [markdown]
# On *demosaiced* noise the trick fails: neighbours share their noise, so the hidden pixel's noise **can** be
# foreseen, and the filter learns to keep it.
#
# Now a network, live, from **one noisy picture**: no clean picture, no second shot, no other scene. (It is told
# $\sigma$. The loss cannot fall below $\sigma^2$ = 0.0096, for its target is noisy: watch what is above.)

# %%
alone = watch(lambda steps: learn_from_one(noisy_camera, sigma, steps=steps), "Noise2Self on one noisy picture", 240,
              "squared error at hidden pixels")

# %%
def alone_net(noisy, sigma):
    """The network that has seen one noisy picture."""
    with torch.no_grad():
        return to_image(alone.result.network(to_batch(noisy), torch.tensor([sigma])), noisy)


hidden = BlindSpot(alone_net)(noisy_camera, sigma)
seen = alone_net(noisy_camera, sigma)
for name, one in {"each pixel hidden while it is guessed": hidden, "nothing hidden": seen}.items():
    print(f"{name:38} {psnr(camera, one):.2f} dB, passes on {noise_kept(noisy_camera - camera, one - camera):.0%} of the noise")
assert psnr(camera, hidden) > psnr(camera, linear) and psnr(camera, hidden) > psnr(camera, seen) + 1
image_row({"clean": camera[face], "noisy": noisy_camera[face], "learnt from it, pixels hidden":
           hidden[face], "the same, nothing hidden": seen[face]},
          alt="The camera man's face and camera: clean, noisy, the estimate of a network that learnt from this noisy picture "
          "alone with pixels hidden, quite clean, and the same network with nothing hidden, which is grainy.")

# %% [markdown]
# Better than the best linear filter, from one noisy picture. (With nothing hidden it is grainy. In training a hidden
# pixel held the mean of its neighbours, which is no news, and the network never learnt to distrust what stands there.)
#
# A larger network, trained for longer on many noisy pictures, does better. These four small U-Nets saw the same 400 scenes, and only the first one
# saw them clean. Their files and their measured blur are stored; the button trains one again, on our six pictures.

# %%
ways = {"clean pictures": ("unet", ""), "Noise2Noise": ("noise2noise", ""),
        "Noise2Self, pixels hidden": ("noise2self", "_hidden"), "Noise2Void": ("noise2void", "")}
stored_scores, taught = small_table(), {}
for way, (name, ending) in ways.items():
    one = SmallNetwork(name) if not ending else BlindSpot(SmallNetwork(name))
    taught[way] = psnr(camera, one(noisy_camera, sigma))
    widths = [float(stored_scores[name][f"width_{ratio}{ending}"]) for ratio in (8, 4, 2, 1)]
    print(f"{way:25} camera man {taught[way]:.2f} dB, Set12 {float(stored_scores[name]['Set12' + ending]):.2f} dB; width at "
          "contrast/sigma 8, 4, 2, 1:", *(f"{width:.2f}" for width in widths), "px")
assert abs(taught["Noise2Noise"] - taught["clean pictures"]) < 0.5
assert max(taught["Noise2Self, pixels hidden"], taught["Noise2Void"]) < taught["Noise2Noise"] - 0.5

# %%
NAME = "noise2noise"  # or noise2self, noise2void, unet, dncnn, dct
again = TrainingBench(lambda steps: train(replace(SMALL[NAME].plan, steps=steps), lessons), f"{NAME}, again", 400,
                      "mean squared error to the target")
again

# %% [markdown]
# Noise2Noise loses 0.2 dB on Set12. Hiding pixels costs some 2 dB there: what the pixel itself knew is thrown away. A strong
# straight edge can still be foretold from its neighbours (8); at 4 and 2 it gets wider. (Do not rank those at 1, they scatter by
# half a pixel. Noise2Void puts a neighbour's value in the place of a hidden
# pixel; so its network distrusts the middle, and nothing needs to be hidden later.)
#
# ## The same work
#
# Is a U-Net good because it *works harder*? Three networks with the same number of multiply-adds per pixel, trained for
# five to seven minutes each on the same pictures: the local DCT with learnt filters and thresholds (one layer of decisions), a DnCNN (four layers
# of ReLUs), and the small U-Net (more layers, at lower resolutions).

# %%
matched = {"local DCT, learnt": "dct", "DnCNN": "dncnn", "U-Net": "unet"}
print("network              multiply-adds  weights     Set12   width at 8, 4, 2, 1")
capacity = {}
for label, name in matched.items():
    facts = stored_scores[name]
    capacity[label] = float(facts["Set12"])
    widths = [float(facts[f"width_{ratio}"]) for ratio in (8, 4, 2, 1)]
    print(f"{label:18}{float(facts['multiply_adds']):12,.0f}{int(facts['parameters']):12,}{capacity[label]:10.2f} dB   ",
          *(f"{width:5.2f}" for width in widths), "px")
assert capacity["local DCT, learnt"] + 0.1 < capacity["DnCNN"] < capacity["U-Net"] - 0.1
assert all(float(stored_scores["unet"]["width_1"]) > float(stored_scores[name]["width_1"]) + 0.5 for name in ("dct", "dncnn"))

# %% [markdown]
# The same work, spent in more layers, on a wider view and with 31 times the weights, buys more PSNR. (At low
# resolution a weight is used for fewer pixels, so weights are cheap there. Which of the three helped, this table cannot
# tell.) But look at the last column: at contrast/$\sigma$ = 1 the best of them has the *widest* edge. A better mean
# need not be a sharper picture. (The large network is both: better, and sharper there than these three.)
#
# # Part 6: measured
#
# ## Blur against contrast/$\sigma$, beside every family so far

# %%
few = (8, 4, 2, 1)
family = {"Gaussian 1.5": Gaussian(1.5), "median 2": Median(2), "local Wiener": LocalWiener(),
          "bilateral": Bilateral(), "guided": Guided(), "total variation": TotalVariation(),
          "db2, BayesShrink": WaveletShrink(), "Haar, all shifts": UndecimatedHaar(),
          "local DCT": LocalDCT(), "non-local means": NonLocalMeans(), "BM3D": BM3D(), "network": Network()}
points = {name: list(blur_curve(one, ratios=few, draws=12)) for name, one in family.items()}
curves = {name: [point.width for point in found_] for name, found_ in points.items()}
for name, widths in curves.items():
    print(f"{name:18}" + "".join(f"{width:7.2f}" for width in widths) + "  px at 8, 4, 2, 1")
ours = curves["network"]
assert ours[0] < 1.3 and ours[1] < 1.5 and np.all(np.diff(ours) > 0) and ours[3] > 1.8 * ours[1]
assert ours[3] < min(float(stored_scores[name]["width_1"]) for name in matched.values())  # sharper than the small ones

# %%
figure, axes = new_figure(2, width=12, height=4, alt="10-90 per cent width against contrast over sigma, filters at the left, "
    "later lessons at the right, the network in both. It is near 1 px at 8 and 4 and rises steeply towards 1.")
order = list(curves)
for panel, group_of in zip(axes[0], (order[:6], order[6:-1]), strict=True):
    draw_lines(panel, [Line(name, few, curves[name], "both") for name in ["network", *group_of]],
               x_label="contrast / σ", y_label="10-90 % width [px]", log_x=True)
    panel.set_xticks(few, [str(ratio) for ratio in few])
    panel.set_ylim(0, 9)
    panel.minorticks_off()
figure

# %% [markdown]
# **Blur or jitter?** A jitter of standard deviation $t$ px alone would make the mean
# $2.563\sqrt{t^2 + 1/12}$ px wide (lesson 02):

# %%
for point in points["network"][1:]:
    alone_width = 2.563 * np.sqrt(point.jitter**2 + 1 / 12)
    print(f"network at {point.ratio:.0f}: mean {point.width:.2f} px, single outputs {point.width_per_draw:.2f} px; jitter "
          f"{point.jitter:.2f} px would make {alone_width:.2f} px")
    assert point.width_per_draw > 0.75 * point.width
weakest = points["network"][-1]
assert 2.563 * np.sqrt(weakest.jitter**2 + 1 / 12) < 0.75 * weakest.width

# %% [markdown]
# At contrast/$\sigma$ = 1 most *single* outputs are soft, as the ramps of part 2 were; the edge jumps about too
# little to make such a mean. That tells blur from jitter. It does not tell hedging from mixing: that this is
# hedging we know from the loss, and from the toy, where the network came near the exact ramp.
#
# Is the straight edge a fair judge? A network hedges over all that *photos* could hold in this place, and long straight
# edges of contrast $\sigma$ are probably rare in them. BM3D stacks 16 pieces of such an edge, wherever it finds them.
#
# ## Why this edge blurred
#
# | aspect | the network |
# |---|---|
# | cause | **hedging**: the edge could be in several places, or not be there, and the output is the mean of them all |
# | equation | $\hat x = \mathrm E[x \mid y] = \sum_k p(k \mid y)\,x_k$; for a step at an unknown place, $\hat x_i = P(k \le i \mid y)$ |
# | depends on | contrast/$\sigma$, and on what the training pictures made likely |
# | not the cause | jitter (single outputs are nearly as wide); mixing (strong edges stay sharp, and rows follow them) |

# %%
print(f"toy: exact ramp {between['mean']:.1f} samples wide, network {between['squared']:.1f}; trained on absolute errors "
      f"{between['absolute']:.1f}")
print("photo network: width " + ", ".join(f"{w:.2f} px at {ratio}" for ratio, w in zip(few, ours, strict=True)))
print(f"price of a sharp answer: a draw from the posterior has twice the squared error, {10 * np.log10(2):.1f} dB; the network "
      f"trained on absolute errors {10 * np.log10(price['absolute'][0] / price['squared'][0]):.1f} dB")
assert between["absolute"] < between["squared"] and price["absolute"][0] > 1.1 * price["squared"][0]

# %% [markdown]
# Go back to **Predict**. Which of your answers would you change, and which number makes you do it?

# %% [markdown]
# ## Exercises
#
# **Exercise 1: hedge.** The clean signal is one of the rows of `points` `(m, n)`; before anything is seen, row $k$
# has the probability `chances[k]` (they sum to 1, and may be 0). `noisy` `(n,)` is one of them plus white Gaussian
# noise of `sigma`. Return the posterior mean `(n,)`. It has to work for long signals, too.

# %% tags=["exercise"]
def hedge(points, chances, noisy, sigma):
    """Posterior mean of a signal that is one of a few points."""
    raise NotImplementedError

# %% tags=["check"]
check.check_hedge(hedge)

# %% tags=["solution"]
def hedge(points, chances, noisy, sigma):
    """Posterior mean of a signal that is one of a few points."""
    exponent = -np.sum((noisy - points) ** 2, axis=1) / (2 * sigma**2)
    exponent -= exponent[chances > 0].max()  # the quotient stays the same, and not all become 0
    weights = np.where(chances > 0, chances * np.exp(np.minimum(exponent, 0)), 0)
    return weights @ points / weights.sum()

# %% [markdown]
# **Exercise 2: what does a loss ask for?** A pixel may have one of the `values`, with the probabilities `chances`.
# Return the one answer with the least expected loss: `"squared"` for the squared error, `"absolute"` for the
# absolute error, `"hit"` for 0 if the answer is exactly right and 1 if not. The values come in any order.

# %% tags=["exercise"]
def best_answer(values, chances, loss):
    """The number with the least expected loss."""
    raise NotImplementedError

# %% tags=["check"]
check.check_best_answer(best_answer)

# %% tags=["solution"]
def best_answer(values, chances, loss):
    """The number with the least expected loss."""
    if loss == "squared":
        return float(chances @ values)
    if loss == "hit":
        return float(values[np.argmax(chances)])
    order = np.argsort(values)
    middle = np.searchsorted(np.cumsum(chances[order]), 0.5)
    return float(values[order][middle])

# %% [markdown]
# **Exercise 3: read a row.** `row` is a Jacobian row, `same_side` says which pixels lie on the pixel's own side of an
# edge. Return three numbers: the row's sum; the noise left, in units of $\sigma$ (take the row as fixed: a noise
# $n$ changes the estimate by $\sum_j r_j n_j$); and the share of the *sizes* $|r_j|$ that lies across the edge.

# %% tags=["exercise"]
def read_row(row, same_side):
    """(row sum, noise left over sigma, share of |row| across the edge)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_read_row(read_row)

# %% tags=["solution"]
def read_row(row, same_side):
    """(row sum, noise left over sigma, share of |row| across the edge)."""
    size = np.abs(row)
    return row.sum(), np.sqrt(np.sum(row**2)), size[~same_side].sum() / size.sum()

# %% [markdown]
# **Exercise 4: hide and seek.** Prepare a training picture for Noise2Self. Hide every `stride`-th pixel of every
# `stride`-th row, beginning at `first` = (row, col). In the place of a hidden pixel stands the mean of its four
# neighbours (above, below, left, right) in the picture that `np.pad(noisy, 1, mode="reflect")` mirrors at its
# border. Return the new picture and a boolean picture of what is hidden; leave `noisy` as it is.

# %% tags=["exercise"]
def hide(noisy, stride, first):
    """(picture with hidden pixels replaced, which ones are hidden)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_hide(hide)

# %% tags=["solution"]
def hide(noisy, stride, first):
    """(picture with hidden pixels replaced, which ones are hidden)."""
    framed = np.pad(noisy, 1, mode="reflect")
    mean = (framed[:-2, 1:-1] + framed[2:, 1:-1] + framed[1:-1, :-2] + framed[1:-1, 2:]) / 4
    hidden = np.zeros(noisy.shape, dtype=bool)
    hidden[first[0]::stride, first[1]::stride] = True
    return np.where(hidden, mean, noisy), hidden

# %% [markdown]
# **Exercise 5: is your noise white?** `piece` is a flat part of a photo. Take its mean off; what is left is noise
# $n$. Return two correlations: of each pixel with its neighbour to the *right*, mean of $n_{i,j}\,n_{i,j+1}$ over
# mean of $n^2$; and with the neighbour *below*. White noise gives about 0.

# %% tags=["exercise"]
def neighbour_correlation(piece):
    """(correlation with the right neighbour, with the one below)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_neighbour_correlation(neighbour_correlation)

# %% tags=["solution"]
def neighbour_correlation(piece):
    """(correlation with the right neighbour, with the one below)."""
    noise = piece - piece.mean()
    power = np.mean(noise**2)
    return np.mean(noise[:, 1:] * noise[:, :-1]) / power, np.mean(noise[1:] * noise[:-1]) / power

# %% [markdown]
# Now use it. Without a photo of yours, the cell takes a piece of the night street. For your own, set `PHOTO` to a
# file name, `PIECE` to a part with edges, and `FLAT` to a part of that piece without anything in it.

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg"
PIECE, FLAT = np.s_[200:380, 290:490], np.s_[80:104, 160:184]  # rows and columns of the photo; of the piece
FACTOR = 1  # by which the white network is told more than the estimate

own = (photographed_street() if PHOTO is None else read_photo(PHOTO).display)[PIECE].astype(np.float32)
try:
    (right, below), fine_only, rough = neighbour_correlation(luminance(own)[FLAT]), estimate_sigma(own), estimate_photo_sigma(own)
    print(f"correlation to the right {right:.2f}, below {below:.2f}; sigma {fine_only:.3f} if white, else about {rough:.3f}")
    cleaned = {f"white network, told {FACTOR * fine_only:.3f}": Network()(own, FACTOR * fine_only),
               f"{'camera' if own.ndim == 3 else 'white'} network, told {rough:.3f}":
               Network("real" if own.ndim == 3 else "white")(own, rough)}  # there is no grey camera network
    shown = image_row({"photo": own, **cleaned}, high=float(np.quantile(own, 0.99)),
                      alt="A piece of your photo, and the estimates of the networks trained on white and on camera noise.")
except NotImplementedError:
    shown = "Solve exercise 5 first; then this cell looks at your photo."
shown

# %% [markdown]
# Without structure, white noise of 24 x 24 px gives 0 ± 0.04. But a wall that gets brighter by 2 $\sigma$ from side to
# side gives 0.25 as well: choose `FLAT` where nothing changes. If the correlation is clearly above that, the
# white-trained network does not know your noise. Try `FACTOR` from 1 to 4: when do the blotches go,
# and which detail goes with them? Does the camera network know your camera? *My answer:*

# %% [markdown]
# ## Scoreboard
#
# One row per denoiser, by its rule or at its default. (Another draw of the noise than in part 1.)

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


board = Scoreboard((score(noisy_itself, camera, sigma=25 / 255, name="noisy itself"),))
for name, one in {"Gaussian 1.5": Gaussian(1.5), "bilateral": Bilateral(), "total variation": rule("total variation"),
                  "local DCT": LocalDCT(), "non-local means": NonLocalMeans(), "BM3D": BM3D(),
                  "small U-Net": SmallNetwork("unet"), "network": Network()}.items():
    board = board.add(score(one, camera, sigma=25 / 255, name=name))
board

# %%
by_name = {row.name: row for row in board.rows}
first, rival = by_name["network"], by_name["BM3D"]
print(f"network {first.psnr:.2f} dB, BM3D {rival.psnr:.2f} dB; width at contrast/sigma 1: {first.width_1:.2f} and "
      f"{rival.width_1:.2f} px; noise left in flat parts {first.residual_noise:.3f} and {rival.residual_noise:.3f} σ")
assert board.rows[0] is first and first.psnr > rival.psnr + 0.3 and first.residual_noise < rival.residual_noise

# %%
def stored(method, level, path=Path("../benchmarks/results/denoisers.json")):
    """Mean PSNR on Set12 in the stored benchmark, or None."""
    methods = json.loads(path.read_text(encoding="utf-8"))["methods"] if path.exists() else []
    found = [one["fidelity"]["Set12"][str(level)]["psnr"] for one in methods if one["name"] == method]
    return found[0] if found else None


try:
    values = []
    for x in standard_set("Set12").values():
        y = (x + 25 / 255 * np.random.default_rng(0).standard_normal(x.shape)).astype(np.float32)
        values.append(psnr(x, np.clip(Network()(y, 25 / 255), 0, 1)))
    mean, how = np.mean(values), "measured here"
except StandardSetMissing:
    mean, how = stored("network", 25), "stored by the benchmark"
print("no images and no stored benchmark" if mean is None else
      f"Set12, 25/255: {mean:.2f} dB, {how}; published: BM3D 29.97, FFDNet 30.43, DRUNet 30.94 dB")

# %% [markdown]
# ## What it cannot do
#
# A network trained on the squared error is asked for the mean of all that may be there, however large it is and
# however long it learns. *More training brings it nearer to the exact ramp. That may be narrower than the ramp of
# today, but it is a ramp.* Who wants an edge must ask for
# something else: another **loss** (lesson 07), or one **draw** from the posterior instead of its mean (lesson 08).
#
# And it knows only the noise and the pictures that it has seen.

# %% [markdown]
# ## References
#
# - K. Zhang and others, *Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising* (DnCNN),
#   2017, [arXiv 1608.03981](https://arxiv.org/abs/1608.03981).
# - K. Zhang, W. Zuo, L. Zhang, *FFDNet: toward a fast and flexible solution for CNN-based image denoising*, 2018,
#   [arXiv 1710.04026](https://arxiv.org/abs/1710.04026).
# - K. Zhang and others, *Plug-and-play image restoration with deep denoiser prior* (DRUNet), 2021,
#   [arXiv 2008.13751](https://arxiv.org/abs/2008.13751).
# - S. Mohan and others, *Robust and interpretable blind image denoising via bias-free convolutional neural networks*,
#   2020, [arXiv 1906.05478](https://arxiv.org/abs/1906.05478).
# - O. Ronneberger, P. Fischer, T. Brox, *U-Net: convolutional networks for biomedical image segmentation*, 2015,
#   [arXiv 1505.04597](https://arxiv.org/abs/1505.04597).
# - Y. Blau, T. Michaeli, *The perception-distortion tradeoff*, 2018,
#   [arXiv 1711.06077](https://arxiv.org/abs/1711.06077).
# - T. Plötz, S. Roth, *Benchmarking denoising algorithms with real photographs*, 2017,
#   [arXiv 1707.01313](https://arxiv.org/abs/1707.01313).
# - S. Nam and others, *A holistic approach to cross-channel image noise modeling and its application to image
#   denoising*, CVPR 2016: the photos of CC15.
# - T. Brooks and others, *Unprocessing images for learned raw denoising*, 2019,
#   [arXiv 1811.11127](https://arxiv.org/abs/1811.11127).
# - S. Guo and others, *Toward convolutional blind denoising of real photographs*, CVPR 2019,
#   [arXiv 1807.04686](https://arxiv.org/abs/1807.04686).
# - J. Lehtinen and others, *Noise2Noise: learning image restoration without clean data*, 2018,
#   [arXiv 1803.04189](https://arxiv.org/abs/1803.04189).
# - J. Batson, L. Royer, *Noise2Self: blind denoising by self-supervision*, 2019,
#   [arXiv 1901.11365](https://arxiv.org/abs/1901.11365).
# - A. Krull, T.-O. Buchholz, F. Jug, *Noise2Void: learning denoising from single noisy images*, 2019,
#   [arXiv 1811.10980](https://arxiv.org/abs/1811.10980).
