# %% [markdown]
# # 08 Diffusion: drawing one answer instead of averaging all
#
# **The question:** the network of lesson 06 answers with the mean of everything that may be there, and
# that mean is blurred. Can it be asked for *one* of these pictures instead? And what is that picture worth?
#
# **You will**
#
# 1. turn a denoiser into the slope of a probability density (exercise 1),
# 2. write the step of a sampler that draws from the posterior (exercise 2),
# 3. predict how fast the blur comes back when draws are averaged (exercise 3),
# 4. test whether a draw fits the photo, and what that does not prove (exercise 4),
# 5. find the places of your own photo of which the network is unsure (exercise 5).
#
# **Time:** 120 minutes; a good place for a pause is before Part 3. **Needs:** lesson 06 (the mean of the
# posterior), lesson 02 (edge width), a little probability: Bayes' rule, mean, variance.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. A draw looks as sharp as a clean photo. Is its PSNR higher than that of the blurred mean, the same, or
#    lower? By how many dB? *My answer:*
# 2. Sixteen such draws of one photo are averaged. How sharp is the average? *My answer:*
# 3. A number plate is hidden in noise. Ten draws of it are sharp. Is the number easier to read in the draws
#    than in the noisy photo? *My answer:*

# %%
from collections import deque
from dataclasses import replace
from itertools import pairwise

import numpy as np

from lessons_lib.classroom import lesson_08 as check
from lessons_lib.classroom.lesson_08_pictures import (
    fine_energy,
    number_plate,
    read_plate,
    rings,
)
from lessons_lib.denoisers import (
    BM3D,
    Bilateral,
    Gaussian,
    Guided,
    LocalDCT,
    LocalWiener,
    Median,
    Network,
    NonLocalMeans,
    TotalVariation,
    UndecimatedHaar,
    WaveletShrink,
)
from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.diagnosis.blur_curve import measure_estimates
from lessons_lib.diagnosis.fidelity import mse, psnr
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.diagnosis.scoreboard import Scoreboard, score
from lessons_lib.diagnosis.texture import texture_kept, texture_response
from lessons_lib.display.draw_bench import PICTURES, draw_bench
from lessons_lib.display.figures import Line, draw_image, draw_lines, image_row, new_figure
from lessons_lib.display.subjects import photographed_street
from lessons_lib.image import luminance
from lessons_lib.learning.diffusion import (
    ancestral,
    ancestral_heun,
    euler,
    heun,
    noise_levels,
)
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.step_signals import (
    draw_noisy,
    posterior,
    posterior_draw,
    posterior_mean,
    unit_steps,
)

# %% [markdown]
# # Part 1: a denoiser is a slope
#
# Take a world of three possible values $x_k$ with the chances $p_k$, and add noise: $y = x + \sigma z$,
# where $z$ is a standard normal number. Each value becomes a bell, and the noisy values have the density
#
# $$p(y) = \sum_k p_k\, g(y - x_k), \qquad g(d) \propto e^{-d^2 / 2\sigma^2} .$$
#
# Which way is 'more probable' from $y$? The slope of a bell is $g'(d) = -g(d)\, d/\sigma^2$, so
#
# $$p'(y) = \sum_k p_k\, g(y - x_k)\,\frac{x_k - y}{\sigma^2} .$$
#
# Divide by $p(y)$. Bayes' rule says that $p_k\, g(y - x_k) / p(y)$ is the probability of $x_k$ *given* $y$. So
# on the right stands a mean over the posterior, and on the left the slope of $\log p$:
#
# $$\underbrace{\mathrm E[x \mid y]}_{D(y,\,\sigma)} = y + \sigma^2\, \frac{\mathrm d}{\mathrm dy} \log p(y) .$$

# %%
points, chances = np.array([-1.0, 0.4, 1.0]), np.array([0.3, 0.5, 0.2])


def bells(y, sigma):
    """One bell per point at each y, times the point's chance."""
    return chances * np.exp(-((y[:, None] - points) ** 2) / (2 * sigma**2)) / sigma


values, tiny = np.linspace(-2, 2, 401), 1e-5
for sigma in (0.2, 0.5, 1.0):
    log_density = [np.log(bells(values + d, sigma).sum(axis=1)) for d in (tiny, -tiny)]
    slope = (log_density[0] - log_density[1]) / (2 * tiny)
    by_bayes = bells(values, sigma) @ points / bells(values, sigma).sum(axis=1)
    gap = np.abs(values + sigma**2 * slope - by_bayes).max()
    print(f"sigma {sigma}: mean by Bayes and by the slope differ by at most {gap:.1e}")
    assert gap < 1e-8  # rounding over tiny

# %% [markdown]
# This is **Tweedie's formula** (Robbins 1956 gives it to Tweedie; Miyasawa 1961 has it for noise like ours).
# In a picture $y$ has many components, and the slope becomes a gradient, component by component; nothing
# else changes. So *whoever can denoise with the least squared error knows which way the more probable noisy pictures lie*. The
# network of lesson 06 was trained for just that, at every $\sigma$ from 0 to 1.2.

# %%
figure, axes = new_figure(2, width=11, height=3.6, alt="Left: density of the noisy value for three noise "
    "levels. At 0.2 there are three bells at -1, 0.4 and 1, at 1.0 a single hill. Right: the denoiser is a "
    "staircase with treads at the three points for 0.2, and nearly a straight line for 1.0.")
levels = (0.2, 0.5, 1.0)
draw_lines(axes[0, 0], [Line(f"σ = {s}", values, bells(values, s).sum(axis=1)) for s in levels],
           x_label="noisy value y", y_label="density p(y), up to a factor", title="noise melts the points")
draw_lines(axes[0, 1], [Line(f"σ = {s}", values, bells(values, s) @ points / bells(values, s).sum(axis=1))
                        for s in levels],
           x_label="noisy value y", y_label="D(y, σ)", title="the mean of all points that fit")
figure

# %% [markdown]
# **One derivative more:** lesson 02's Jacobian again. How does the denoiser react when $y$ moves? The slope of
# $\log p(x_k \mid y)$ is that of the log bell, $(x_k - y)/\sigma^2$, less that of $\log p(y)$, $(D - y)/\sigma^2$:
# together $(x_k - D)/\sigma^2$. Multiply by $x_k$ and take the mean over the posterior:
#
# $$\frac{\partial D_i}{\partial y_j} = \frac{\mathrm{cov}(x_i, x_j \mid y)}{\sigma^2},
#   \qquad \text{covariance} = \sigma^2 \times \text{Jacobian} .$$
#
# A denoiser does not only know the mean: **its Jacobian says how uncertain that mean is** (used so by
# Manor and Michaeli). Check it on lesson 06's world: a unit step at one of 63 places in 64 samples.

# %%
STEPS = unit_steps(64)


def ideal(y, sigma):
    """Mean of all steps that fit: the best possible denoiser of this world."""
    return posterior_mean(y, sigma, STEPS)


clean_step, noisy_step = (part[0] for part in draw_noisy(STEPS, 1.0, 1, np.random.default_rng(5)))
chance = posterior(noisy_step, 1.0, STEPS)
away = STEPS - ideal(noisy_step, 1.0)
covariance = (chance[:, None] * away).T @ away  # (64, 64)
jacobian = [(ideal(noisy_step + tiny * e, 1.0) - ideal(noisy_step - tiny * e, 1.0)) / (2 * tiny) for e in np.eye(64)]
np.testing.assert_allclose(np.array(jacobian), covariance, atol=1e-8)  # sigma is 1
print(f"largest uncertainty of a sample: {np.sqrt(covariance.diagonal().max()):.2f}")

# %%
mean, spread = ideal(noisy_step, 1.0), np.sqrt(covariance.diagonal())
figure, axes = new_figure(2, width=11, height=3.6, alt="Left: a noisy step; the best estimate climbs in a "
    "ramp over many samples. Right: the chance of each place is spread over the same samples, and so is the "
    "uncertainty that the Jacobian gives.")
axes[0, 0].fill_between(range(64), mean - spread, mean + spread, color="0.85")
draw_lines(axes[0, 0], [Line("best estimate (grey: ± uncertainty)", range(64), mean),
                        Line("truth", range(64), clean_step), Line("noisy", range(64), noisy_step, "points")],
           x_label="sample", y_label="value", title="the mean hedges")
draw_lines(axes[0, 1], [Line("uncertainty = σ √Jacobian", range(64), spread),
                        Line("posterior chance of the place", range(1, 64), chance)],
           x_label="sample", y_label="", title="blurred where nobody knows")
figure

# %% [markdown]
# The mean is a ramp exactly where the uncertainty is large. Each *possible* signal is a sharp step. Let us
# draw one.
#
# # Part 2: there and back again
#
# ## The way there: noise drowns the fine things first
#
# The **forward process** adds noise until nothing is left: $x(\sigma) = x_{\text{clean}} + \sigma z$. White
# noise has the same power, $\sigma^2$, at every frequency; photos have most of theirs at low ones. So edges and
# texture drown first, and coarse light and shade last.

# %%
camera = picture("camera", 256)[20:148, 60:188].astype(np.float32)
noise = np.random.default_rng(0).standard_normal(camera.shape).astype(np.float32)
forward = {f"σ = {s}": camera + np.float32(s) * noise for s in (0, 0.1, 0.3, 0.6, 1.2)}
image_row(forward, low=-0.3, high=1.3, alt="The forward process as a film strip: a photo of a camera man in "
          "noise of 0, 0.1, 0.3, 0.6 and 1.2. Texture goes first; at 1.2 only a dark shape is left.")

# %%
frequencies, power = rings(camera, 24)
figure, axes = new_figure(width=8, height=3.6, alt="Power of the photo against frequency falls by four "
    "orders of magnitude; horizontal lines of noise power cut it at lower and lower frequencies as the "
    "noise grows.")
draw_lines(axes[0, 0], [Line("photo", frequencies, power)]
           + [Line(f"noise σ = {s}", frequencies[[0, -1]], [s**2] * 2) for s in (0.03, 0.1, 0.3, 1.2)],
           x_label="frequency [cycles/px]", y_label="power", log_y=True, title="what is below a noise line has drowned")
drowned = {s: frequencies[power > s**2].max() for s in (0.03, 0.1, 0.3, 1.2)}
print(", ".join(f"σ {s}: " + ("nothing drowned" if (power > s**2).all() else f"drowned above {f:.2f} cycles/px")
                for s, f in drowned.items()))
assert drowned[0.1] > drowned[0.3] > drowned[1.2]
figure

# %% [markdown]
# ## The way back, in two styles
#
# At noise level $h$ ('here') we hold $x$, and $D(x, h)$ is our best guess of the clean picture. We want a
# picture with the lower noise level $t$ ('there'). If the guess were the truth, $x - D$ would be the noise.
#
# - **Euler** shrinks it: $\;x \leftarrow D + \frac{t}{h}\,(x - D)$. That is a straight step along $\mathrm
#   dx/\mathrm d\sigma = (x - D)/\sigma$ (DDIM, Song and others; Karras and others).
# - **Ancestral** shrinks it more, and fills up with fresh noise $z$: $\;x \leftarrow D +
#   \big(\frac{t}{h}\big)^2 (x - D) + t\,\sqrt{1 - (t/h)^2}\; z$ (Ho and others).
#
# Both leave noise of standard deviation $t$: once $\frac th \cdot h$, once $\sqrt{(t^2/h)^2 + t^2 - t^4/h^2}$.

# %%
def go_back(x, levels, D, rng=None):
    """Euler without rng, ancestral with it."""
    for here, there in pairwise(levels):
        guess, share = D(x, here), there / here
        if rng is None:
            x = guess + share * (x - guess)
        else:
            fresh = there * np.sqrt(1 - share**2) * rng.standard_normal(x.shape)
            x = guess + share**2 * (x - guess) + fresh
    return x


# %%
levels = noise_levels(1.0, 100, end=0.01, bend=1)  # 100 even steps: 1.0, 0.99 ... 0.01, 0
rng, same = np.random.default_rng(1), np.random.default_rng(1)
*_, last = ancestral(noisy_step, levels, ideal, lambda: same.standard_normal(64))
np.testing.assert_allclose(go_back(noisy_step, levels, ideal, rng), last.picture, atol=1e-12)
*_, last = euler(noisy_step, levels, ideal)
np.testing.assert_allclose(go_back(noisy_step, levels, ideal), last.picture, atol=1e-12)

# %% [markdown]
# A photo with *white Gaussian* noise of known $\sigma$ **is already a state of the forward process**. Nobody needs to
# start from pure noise: start from the photo. (Kawar, Vaksman and Elad did so with another stochastic walk, Langevin
# dynamics.) See two runs of the ancestral process:

# %%
figure, axes = new_figure(5, 2, width=12, height=4.2, alt="Two runs of the ancestral process from the same "
    "noisy step, at noise 1, 0.6, 0.3, 0.1 and 0. The first guess is the same ramp; on the way the ramp "
    "grows steep at a place of its own, and ends as a sharp step, elsewhere in each run.")
for row, seed in zip(axes, (0, 1), strict=True):
    rng = np.random.default_rng(seed)
    film = list(ancestral(noisy_step, levels, ideal, lambda rng=rng: rng.standard_normal(64)))
    for panel, level in zip(row, (1.0, 0.6, 0.3, 0.1, 0.0), strict=True):
        state = min(film, key=lambda one: abs(one.sigma - level))
        panel.plot(state.picture, ".", color="0.6", markersize=3)
        panel.plot(state.estimate, color="C0")
        panel.set_title(f"run {seed + 1}, σ = {level}", fontsize=9)
        panel.set_ylim(-2, 3)
figure

# %% [markdown]
# (Dots: $x$. Line: the guess $D$.) Run it 4,000 times: does each place come up as often as it is probable?

# %%
many = np.repeat(noisy_step[None], 4000, axis=0)
drawn = go_back(many, levels, ideal, np.random.default_rng(2))
assert np.abs(drawn - np.rint(drawn)).max() < 0.01  # each draw is a clean step
found = np.bincount(64 - np.rint(drawn.sum(axis=1)).astype(int), minlength=64)[1:] / 4000
single = go_back(noisy_step, levels, ideal)
print(f"half of the summed differences: {0.5 * np.abs(found - chance).sum():.3f}")
print(f"Euler always answers with the place {64 - round(single.sum())}; the truth is {64 - int(clean_step.sum())}")
assert 0.5 * np.abs(found - chance).sum() < 0.06  # 4,000 draws alone make about 0.03

# %%
figure, axes = new_figure(width=8, height=3.4, alt="Chance of each place by Bayes' rule as bars, and how "
    "often the ancestral process drew it as dots: the dots lie on the bars. A vertical line marks the one "
    "place that Euler gives.")
axes[0, 0].bar(range(1, 64), chance, color="0.8", label="posterior (Bayes)")
axes[0, 0].axvline(64 - single.sum(), color="C1", linestyle="--", label="Euler: always here")
draw_lines(axes[0, 0], [Line("4,000 ancestral draws", range(1, 64), found, "points")],
           x_label="place of the step", y_label="share", title="drawn as often as probable")
figure

# %% [markdown]
# ## What a draw costs
#
# Given the photo $y$, the truth $x$ and an exact draw $d$ are two *independent* picks from the same
# posterior, with the same mean $m$. So
#
# $$\mathrm E\,|d - x|^2 = \mathrm E\,|d - m|^2 + \mathrm E\,|x - m|^2 = 2\;\text{MMSE} .$$
#
# MMSE is the least mean squared error, that of $m$. **A perfect draw has twice that on average: 3.0 dB less
# PSNR** (Predict 1). For the mean of $N$ draws the first term is divided by $N$: $(1 + 1/N)$ MMSE. And a blend
# $m + a\,(d - m)$ has $(1 + a^2)$ MMSE.

# %%
clean, noisy = draw_noisy(STEPS, 1.0, 4000, np.random.default_rng(3))
least = mse(clean, ideal(noisy, 1.0))
exact = mse(clean, posterior_draw(noisy, 1.0, STEPS, np.random.default_rng(4))) / least
counts, stochastic, straight = (2, 5, 10, 20, 50, 100), [], []
for number in counts:
    walk = noise_levels(1.0, number, end=1 / number, bend=1)
    stochastic.append(mse(clean, go_back(noisy, walk, ideal, np.random.default_rng(6))) / least)
    straight.append(mse(clean, go_back(noisy, walk, ideal)) / least)
    print(f"{number:3} steps: ancestral {stochastic[-1]:.2f}, Euler {straight[-1]:.2f} x MMSE")
print(f"drawn with Bayes' rule: {exact:.2f} x MMSE")
# 4,000 pairs know these ratios to about 0.03.
assert abs(exact - 2) < 0.12 and abs(stochastic[-1] - 2) < 0.12 and stochastic[1] < stochastic[3]
assert 1.3 < straight[-1] < 1.6

# %%
draws = [go_back(noisy[:2000], levels, ideal, np.random.default_rng([7, k])) for k in range(8)]
few, least_few = clean[:2000], mse(clean[:2000], ideal(noisy[:2000], 1.0))
averages = {n: mse(few, np.mean(draws[:n], axis=0)) / least_few for n in (1, 2, 4, 8)}
figure, axes = new_figure(2, width=11, height=3.6, alt="Left: error over the least error against steps: the "
    "ancestral process climbs towards 2, Euler stays near 1.4. Right: the error of a mean of 1, 2, 4 "
    "and 8 draws lies on the law 1 + 1/N.")
draw_lines(axes[0, 0], [Line("ancestral", counts, stochastic, "both"), Line("Euler", counts, straight, "both"),
                        Line("exact draw: 2", counts, [2] * len(counts))],
           x_label="steps", y_label="error / MMSE", log_x=True, title="few steps vary too little")
draw_lines(axes[0, 1], [Line("law: 1 + 1/N", range(1, 9), 1 + 1 / np.arange(1, 9)),
                        Line("measured", list(averages), list(averages.values()), "points")],
           x_label="draws averaged N", y_label="error / MMSE", title="averaging climbs back")
assert all(abs(ratio - 1 - 1 / n) < 0.1 for n, ratio in averages.items())
figure

# %% [markdown]
# **Few steps are biased.** Each ancestral step pretends that its guess is the truth, and so leaves out how
# uncertain the guess is. Its draws vary too little, and the bias falls only about as 1/steps. Better: take the step, *look*
# where it has led, and take it again with the same dice, towards the mean of both looks (a predictor-corrector; Kloeden
# and Platen). The second look serves as the next step's first, although $x$ has moved a little since. So it costs nothing,
# and at 20 steps it halves the bias:

# %%
def look_twice(x, levels, D, rng):
    """Ancestral steps towards the mean of two looks; one evaluation each."""
    guess = D(x, levels[0])
    for here, there in pairwise(levels[:-1]):
        kept, dice = (there / here) ** 2, rng.standard_normal(x.shape)
        fresh = there * np.sqrt(1 - kept) * dice
        seen = D(guess + kept * (x - guess) + fresh, there)
        middle = (guess + seen) / 2
        x, guess = middle + kept * (x - middle) + fresh, seen
    return guess


rng, same = np.random.default_rng(1), np.random.default_rng(1)
*_, last = ancestral_heun(noisy_step, levels, ideal, lambda: same.standard_normal(64))
np.testing.assert_allclose(look_twice(noisy_step, levels, ideal, rng), last.picture, atol=1e-12)

# %%
least_mean, varied = ideal(noisy, 1.0), {}
for number in (5, 10, 20):
    walk = noise_levels(1.0, number, end=1 / number, bend=1)
    both = [mse(least_mean, way(noisy, walk, ideal, np.random.default_rng(6))) for way in (go_back, look_twice)]
    varied[number] = np.array(both) / least
    print("{:2} steps: squared departure from the mean {:.2f} of what it should be, with a second look {:.2f}".format(
        number, *varied[number]))
assert varied[20][0] < varied[20][1] < 1.04 and varied[20][1] > 0.94

# %% [markdown]
# **Euler draws nothing.** From one photo it gives one answer, again and again: sharp, but its place is a fixed
# function of the photo. Over many photos, or many starts from *pure noise*, it does make each step as often as it
# should. That says nothing about one photo:

# %%
rng = np.random.default_rng(8)
start = STEPS.mean(axis=0) + 80 * rng.standard_normal((3150, 64))  # in such noise all steps look alike
walk = noise_levels(80.0, 40, end=0.02)  # bend 7: fine steps at little noise
for name, sampler in (("Euler", euler), ("Heun", heun)):
    made = deque(sampler(start, walk, ideal), maxlen=1).pop().picture
    counted = np.bincount(64 - np.rint(made.sum(axis=1)).astype(int), minlength=64)[1:]
    distance = np.sum((counted - 50) ** 2 / 50)
    print(f"{name}: each place {counted.min()} to {counted.max()} times (50 expected), chi-squared {distance:.0f}")
    assert distance < 62 + 4 * 11.1  # 63 places: mean 62, standard deviation 11

# %% [markdown]
# (Heun averages the slopes at both ends of a step: two evaluations, and an error that falls with the step's square.)
#
# **On the way** the guess $D(x(t), t)$ commits to more and more. At level $t$ its error is $2\,\text{MMSE}(\sigma)
# - \text{MMSE}(t)$: the mean's at the start, the draw's at the end.

# %%
rng = np.random.default_rng(9)
film = list(ancestral(noisy, levels, ideal, lambda: rng.standard_normal(noisy.shape)))
for level in (1.0, 0.7, 0.4, 0.2):
    state = min(film, key=lambda one: abs(one.sigma - level))
    other, seen = draw_noisy(STEPS, state.sigma, 8000, rng)  # to learn MMSE(t)
    law = 2 - mse(other, ideal(seen, state.sigma)) / least
    found = mse(clean, state.estimate) / least
    print(f"at noise {level}: error of the guess {found:.2f} x MMSE(1.0), law {law:.2f}")
    assert abs(found - law) < 0.1  # 4,000 pairs, as above

# %% [markdown]
# # Part 3: pictures
#
# Now $D$ is the network of lesson 06. One thing more changes: the fresh noise is drawn 4 % larger
# (`noise_scale`). Why, you will measure below.

# %%
def start_of(clean, sigma, seed=0):
    """A noisy photo, float32."""
    return add_gaussian(clean.astype(np.float32), sigma, np.random.default_rng([seed, 77]))


def draws_of(noisy, sigma, count, sampler):
    """Several draws at once, (count, H, W)."""
    *_, (_, draws) = sampler.draws(noisy, sigma, count)
    return draws


sampler, sigma = PosteriorDraw(precision="float32"), 50 / 255
face = PICTURES["a face"]()
noisy_face = start_of(face, sigma)
stream = np.random.default_rng([0, 8])  # the library's dice for seed 0
levels = noise_levels(sigma, 20, end=sigma / 20, bend=1)
film = list(ancestral_heun(noisy_face, levels, Network(),
                           lambda: 1.04 * stream.standard_normal((1, 64, 64), np.float32)[0]))
np.testing.assert_allclose(film[-1].picture, sampler(noisy_face, sigma), atol=1e-4)

# %%
figure, axes = new_figure(6, 2, width=12, height=4.4, alt="The reverse process on a face, in six pictures "
    "from noise 0.2 to 0. Above the states, less and less noisy; below the clean guesses, first smooth, then with "
    "more and more detail.")
for (top, bottom), number in zip(axes.T, (0, 6, 11, 15, 18, 20), strict=True):
    state = film[number]
    draw_image(top, state.picture, f"step {number}: σ = {state.sigma:.3f}")
    draw_image(bottom, state.estimate, "its clean guess D")
figure

# %% [markdown]
# ## See: ten answers
#
# The same noisy face, ten seeds.

# %%
sampler = PosteriorDraw()  # 20 steps; in bfloat16 where the processor can
mean_face, ten = replace(sampler, drawn=0.0)(noisy_face, sigma), draws_of(noisy_face, sigma, 10, sampler)
spread = ten.std(axis=0, ddof=1)
figure, axes = new_figure(7, 2, width=12, height=4.0, alt="A face: the truth, the noisy photo, the mean "
    "estimate, the mean of ten draws, the map of their spread, and nine of the draws. Each draw has other eyes, mouth "
    "and skin; some are distorted. The spread is large at eyes, mouth and outlines.")
shown = {"truth": face, "noisy": noisy_face, "one step (mean)": mean_face, "mean of ten": ten.mean(axis=0),
         f"spread (white: {spread.max():.2f})": spread / spread.max()}
shown |= {f"draw {k + 1}": one for k, one in enumerate(ten[:9])}
for panel, (title, image) in zip(axes.ravel(), shown.items(), strict=True):
    draw_image(panel, image, title)
figure

# %% [markdown]
# Who is this? Each draw is face-like, none is *the* face; most are blotched (the network is small). Look for the mean of ten: it is the one-step estimate
# again, blur and all (Predict 2). The spread is large where the one-step estimate is blurred.
#
# **Measured**, on the camera man, with 16 draws at two noise levels. *Fine energy* is the energy above 1/8
# cycle/px (all that repeats within 8 px), over the clean picture's.

# %%
held = {}
for level in (25, 50):
    sigma = level / 255
    noisy = start_of(camera, sigma)
    mean, sixteen = replace(sampler, drawn=0.0)(noisy, sigma), draws_of(noisy, sigma, 16, sampler)
    held[level] = noisy, mean, sixteen
    ratio = np.mean([mse(camera, one) for one in sixteen]) / mse(camera, mean)
    again = mse(camera, sixteen.mean(axis=0)) / mse(camera, mean)
    energies = [fine_energy(one) / fine_energy(camera) for one in (mean, sixteen[0], sixteen.mean(axis=0))]
    print(f"sigma {level}: one step {psnr(camera, mean):.2f} dB, a draw {psnr(camera, sixteen[0]):.2f} dB: "
          f"{ratio:.2f} x the error; mean of 16: {again:.2f} x")
    print("   fine energy: one step {:.2f}, a draw {:.2f}, mean of 16 {:.2f}".format(*energies))
    assert 1.6 < ratio < 2.2 and abs(10 * np.log10(again)) < 0.5  # an exact draw: 2 and 0.26 dB
    assert 0.85 < energies[1] < 1.15 and energies[2] < energies[1] - 0.05

# %% [markdown]
# About twice the error, and about the truth's fine energy: as promised. But two settings were chosen for it, the number of
# steps and the noise scale. Turn both, on the harder picture:

# %%
noisy, mean, _ = held[50]
by_steps, by_scale = {}, {}
for table, name, values in ((by_steps, "steps", (5, 10, 20, 40)), (by_scale, "noise_scale", (1.0, 1.02, 1.04, 1.06))):
    for value in values:
        three = draws_of(noisy, 50 / 255, 3, replace(sampler, **{name: value}))
        table[value] = (np.mean([mse(camera, one) for one in three]) / mse(camera, mean),
                        np.mean([fine_energy(one) for one in three]) / fine_energy(camera))
        print("{:11} {:4}: {:.2f} x the error of one step, fine energy {:.2f}".format(name, value, *table[value]))
for table in (by_steps, by_scale):
    found = np.array(list(table.values()))
    assert np.all(np.diff(found[:, 0]) > -0.03) and found[0, 1] < found[-1, 1] - 0.05  # three draws scatter by 0.03

# %% [markdown]
# Few steps vary too little: Part 2's toy knew. The noise scale is news; with an ideal $D$ it would be 1. At 1 the draws
# are too smooth: the network takes a little true detail out with the noise, and twenty times a little is much. Fresh noise that
# is 4 % too strong makes up for it ($S_{noise}$ of Karras and others). It was *tuned*, on other pictures: the draws look
# right, they are not truer.

# %% [markdown]
# ## Is the new detail true?
#
# A draw has more fine detail than the one-step estimate. How much of it belongs to *this* photo? Call the
# added detail $d - m$ and the missing detail $x - m$. They are independent picks: their correlation should be
# 0. And *in phase* with the truth (lesson 02's texture response) a draw should keep just what the mean keeps.

# %%
true_detail = {}
for level, (_, mean, sixteen) in held.items():
    missing, added = camera - mean, sixteen - mean
    alike = np.mean([np.corrcoef(one.ravel(), missing.ravel())[0, 1] for one in added])
    kept = [texture_kept(camera, one, low=0.125, high=0.45) for one in (mean, *sixteen)]
    true_detail[level] = kept[0], np.mean(kept[1:])
    print(f"sigma {level}: correlation of added and missing detail {alike:+.3f}; "
          f"true texture kept: one step {kept[0]:.2f}, draws {np.mean(kept[1:]):.2f}")
    assert abs(alike) < 0.15 and abs(kept[0] - np.mean(kept[1:])) < 0.1

# %% [markdown]
# **What a draw adds to the mean is true only by chance.** The detail that was added is not the detail that was lost. It
# has its look, and says nothing about this photo.
#
# ## The edge: blur or jitter?
#
# A weak edge, contrast/$\sigma$ = 1, in 32 noisy photos. Lesson 02's instrument measures the width in *single*
# pictures, and how much the edge's place jitters from strip to strip of 12 rows.

# %%
edge, sigma = SlantedEdge(contrast=0.2), 0.2
rng, one_step, one_draw = np.random.default_rng(9), [], []
for k in range(32):
    noisy = (edge.image() + sigma * rng.standard_normal((96, 96))).astype(np.float32)
    film = list(PosteriorDraw(seed=k).states(noisy, sigma))
    one_step.append(film[0].estimate[0, 0])
    one_draw.append(film[-1].picture[0, 0])
blur, jitter = (measure_estimates(found, edge, sigma) for found in (one_step, one_draw))
print(f"clean edge: {measure_estimates([edge.image()] * 2, edge, sigma).width_per_draw:.2f} px")
for name, point in (("one step", blur), ("a draw", jitter)):
    print(f"{name:8}: width in single pictures {point.width_per_draw:.2f} px, jitter {point.jitter:.2f} px, "
          f"width of the mean of all {point.width:.2f} px")
assert jitter.width_per_draw < blur.width_per_draw and jitter.jitter > 1.2 * blur.jitter

# %%
three = draws_of(noisy, sigma, 3, PosteriorDraw(seed=13))
image_row({"truth": edge.image()[:, 24:72], "one noisy photo": noisy[:, 24:72], "one step": one_step[-1][:, 24:72],
           **{f"draw {k + 1}": three[k][:, 24:72] for k in range(3)}}, low=0.35, high=0.65,
          alt="A weak edge: truth, noisy, the one-step estimate with a soft wavy edge, and three draws with a "
          "crisper edge that wanders to and fro, and with faint textures that nobody asked for.")

# %% [markdown]
# The edge of a draw stands farther from its place, and is only somewhat steeper: the clean edge is 0.8 px wide. **Some
# blur was exchanged for jitter.** In Part 2's world, where all edges are sharp, an exact draw exchanges all of it. Here the
# network seems to think a long straight edge improbable, and a soft one is a possible picture, too. In flat parts you may also see textures: a flat wall is only *one* of the pictures that fit.
#
# ## The spread is a blur map
#
# Part 1: covariance = $\sigma^2$ × Jacobian. For the network's own Jacobian this gives the uncertainty of
# each pixel *without a single draw*. (Every eighth pixel at once, each with a sign by dice: so what they see of each
# other is 0 on average.) Compare it with
# the spread of 24 draws of the café's sign.

# %%
sign, sigma = PICTURES["café sign"](), 0.2
noisy_sign, slopes, dice = start_of(sign, sigma), np.zeros((64, 64)), np.random.default_rng(14)
for place in np.ndindex(8, 8):
    lattice = np.s_[place[0]::8, place[1]::8]
    pick = np.zeros_like(noisy_sign)
    pick[lattice] = dice.choice([-1, 1], (8, 8))
    slopes[lattice] = (pick * Network().pullback(noisy_sign, sigma, pick))[lattice]  # dD_i / dy_i
by_jacobian = sigma * np.sqrt(np.maximum(slopes, 0))
by_draws = draws_of(noisy_sign, sigma, 24, sampler).std(axis=0, ddof=1)
error = np.abs(Network()(noisy_sign, sigma) - sign)
alike = np.corrcoef(by_jacobian.ravel(), by_draws.ravel())[0, 1]
sizes = [np.sqrt(np.mean(one**2)) for one in (by_jacobian, by_draws, error)]
print("root mean square: Jacobian {:.3f}, draws {:.3f}, true error {:.3f}".format(*sizes), f"; correlation {alike:.2f}")
assert alike > 0.8 and 0.6 < sizes[1] / sizes[0] < 1.2

# %%
image_row({"truth": sign, "noisy": noisy_sign, "σ √Jacobian": 5 * by_jacobian, "spread of 24 draws": 5 * by_draws,
           "true error of one step": 5 * error}, alt="The café's sign: truth, noisy, and three maps, brightened five "
          "times: uncertainty by the Jacobian, spread of the draws, and true error of the one-step estimate. All three "
          "draw the outlines of the letters and the stripes.")

# %% [markdown]
# The places agree. The sizes do not quite: the law holds for the ideal denoiser, and a network was trained for good
# values of $D$, not for good slopes.
#
# Does it tell how wrong the one-step estimate *really* is? Sort the camera man's pixels by their spread
# into ten classes, and take the root mean squared error of each.

# %%
classes = {}
for level, (_, mean, sixteen) in held.items():
    deviation = sixteen.std(axis=0, ddof=1).ravel()
    groups = np.array_split(np.argsort(deviation), 10)
    classes[level] = np.sqrt([[np.mean(deviation[g] ** 2) for g in groups],
                              [np.mean((mean - camera).ravel()[g] ** 2) for g in groups]])
    least_, most = (classes[level][1] / classes[level][0])[[0, -1]]
    print(f"sigma {level}: error over spread {least_:.1f} where draws agree most, {most:.1f} where they differ most")
    assert least_ > most

# %%
figure, axes = new_figure(width=6, height=4, alt="True error against spread in ten classes of pixels for two "
    "noise levels: both rise together, somewhat above the diagonal.")
lines = [*(Line(f"σ = {k}/255", *both, "both") for k, both in classes.items()), Line("error = spread", [0, 0.12], [0, 0.12])]
draw_lines(axes[0, 0], lines, x_label="spread of the draws", y_label="true error of one step",
           title="large spread, large error")
assert all(np.corrcoef(*both)[0, 1] > 0.95 for both in classes.values())
figure

# %% [markdown]
# Where draws differ most, the one-step estimate is wrong by just about as much. Where they agree most, it is wrong by
# *more* than they say, half as much again or twice: there the draws are too sure. So the map marks what not to believe. *It does not mark what to believe.*
#
# ## Ten draws of your own
#
# 1. Café sign, $\sigma$ = 0.20: pull *how far the process is* from 0 to 100 %. What is decided first?
# 2. *How many are averaged*: from 10 to 1 and back. Where is the law?
# 3. Number plate, $\sigma$ = 0.10, then 0.04: in how many draws can you read it?
# 4. The face: raise *steps* to 60. Do the draws differ more?
#
# All ten run step by step; *cancel* stops them.

# %%
bench = draw_bench()
bench

# %% [markdown]
# ## The plane of error and likeness
#
# Blau and Michaeli: no estimate can have both the least error *and* the statistics of clean pictures, where
# the photo leaves anything open; with the right statistics, twice the MMSE is always enough (less may do: Euler's
# 1.4 in Part 2). Put twelve denoisers of the course on one plane: error to the right, fine energy upwards. (That is one statistic only!
# Left-over noise is fine energy, too.)

# %%
noisy, mean, sixteen = held[50]
sigma, plane = 50 / 255, {}
family = {"Gaussian": Gaussian(1.5), "median": Median(2), "local Wiener": LocalWiener(), "bilateral": Bilateral(),
          "guided": Guided(), "TV": TotalVariation(), "BayesShrink": WaveletShrink(), "Haar, all shifts": UndecimatedHaar(),
          "local DCT": LocalDCT(), "NLM": NonLocalMeans(), "BM3D": BM3D(), "network": Network()}
estimates = {name: one(noisy, sigma) for name, one in family.items()}
estimates |= {f"mean of {n}": sixteen[:n].mean(axis=0) for n in (2, 4, 16)}
estimates |= {f"drawn = {a}": mean + a * (sixteen[0] - mean) for a in (0.25, 0.5, 0.75, 1.0)}
for name, one in estimates.items():
    plane[name] = 255 * np.sqrt(mse(camera, one)), fine_energy(one) / fine_energy(camera)
    print("{:18} error {:5.2f} grey levels, fine energy {:.2f}".format(name, *plane[name]))
best = min(plane, key=lambda name: plane[name][0])
assert best in ("network", "mean of 16") and plane["drawn = 1.0"][1] > plane["network"][1] + 0.1

# %%
figure, axes = new_figure(width=9, height=5.2, alt="Scatter of error against fine energy. Most filters lie "
    "far below the dotted line of the truth's energy; the guided filter lies on it, with the largest error. From the "
    "network two paths, blends and means of fewer draws, lead to the right and up to the single draw.")
shown, groups = axes[0, 0], ((list(family), "o", "C0"), (["network"] + [f"mean of {n}" for n in (16, 4, 2)], "s-", "C2"),
                             (["network"] + [f"drawn = {a}" for a in (0.25, 0.5, 0.75, 1.0)], "^--", "C1"))
for names, style, colour in groups:
    shown.plot(*np.array([plane[name] for name in names]).T, style, color=colour, markersize=6)
for name, place in plane.items():
    left, low = name.startswith(("drawn", "network")), name.startswith(("mean", "NLM", "network"))
    shown.annotate(name, place, xytext=(-5 if left else 5, -11 if low else 5), ha="right" if left else "left",
                   textcoords="offset points", fontsize=8)
shown.axhline(1, color="0.4", linestyle=":")
shown.set(xlim=(12, 24), xlabel="error [grey levels]", ylabel="fine energy / that of the truth")
figure

# %%
again = Guided()(start_of(camera, sigma, seed=1), sigma)  # another draw of the noise: only what the noise made differs
left_over = fine_energy((estimates["guided"] - again) / np.sqrt(2)) / fine_energy(estimates["guided"])
print(f"guided filter: {left_over:.0%} of its fine energy is made by the noise")
assert left_over > 0.6

# %% [markdown]
# The guided filter seems perfect upwards. It is not: most of its fine energy is left-over noise. The two paths are
# the same bargain, energy for error, and by the laws $1 + a^2$ and $1 + 1/N$ nearly in the same places: half drawn is
# about as far as a mean of 4.
#
# ## From pure noise
#
# What does the network draw when there is no photo at all? Start at $\sigma$ = 1.2, its largest. One
# difficulty: white noise of 1.2 does *not* drown the coarsest light and shade (the figure of Part 2), so that the
# start needs some. We throw dice for it too: Gaussian numbers with a photo's falling spectrum, $1/f$ in amplitude.

# %%
def pure_chance(count, side, rng):
    """Random clouds with amplitude 1/f, plus white noise of 1.2; (count, side, side)."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(2 * side), np.fft.fftfreq(2 * side)))
    amplitude = np.divide(1, frequency, out=np.zeros_like(frequency), where=frequency > 0)
    clouds = np.fft.ifft2(np.fft.fft2(rng.standard_normal((count, 2 * side, 2 * side))) * amplitude).real
    clouds = 0.45 + 0.2 * clouds[:, :side, :side] / clouds.std()
    return (clouds + 1.2 * rng.standard_normal(clouds.shape)).astype(np.float32)


rng, network = np.random.default_rng(12), PosteriorDraw(drawn=0.0)  # drawn = 0: one evaluation, D itself
walk = noise_levels(1.2, 60, end=0.01, bend=3)  # finer steps at little noise
films = [list(ancestral_heun(one, walk, network, lambda: rng.standard_normal((96, 96), np.float32)))
         for one in pure_chance(4, 96, rng)]

# %%
figure, axes = new_figure(6, 4, width=12, height=8.2, alt="Four pictures drawn from chance alone, at six "
    "moments. First only clouds, then shapes; some end with sharp edges and textures, others stay soft. "
    "They look like pieces of photos of nothing in particular.")
for row, film in zip(axes, films, strict=True):
    for panel, number in zip(row, (0, 15, 28, 40, 50, 60), strict=True):
        draw_image(panel, film[number].estimate, f"σ = {film[number].sigma:.2f}")
figure

# %% [markdown]
# Coarse first, edges last. Measure it, band by band: how much of the *final* picture is already in the clean guess
# at each noise level? (In phase, with lesson 02's texture response. The coarse band has a start: we threw dice for it. The
# last guess *is* the picture, so the share ends at 1.)

# %%
bands = {"coarse (below 0.05)": (0, 0.05), "middle (0.1 to 0.2)": (0.1, 0.2), "fine (above 0.3)": (0.3, 0.5)}
there = {name: np.zeros(61) for name in bands}
for film in films:
    for number, state in enumerate(film):
        frequency, response = texture_response(film[-1].picture, state.estimate, rings=20)
        for name, (low, high) in bands.items():
            there[name][number] += response[(frequency > low) & (frequency <= high)].mean() / len(films)
sigmas = np.array([state.sigma for state in films[0]])
half = [sigmas[np.flatnonzero(share < 0.5).max(initial=0)] for share in there.values()]
for (name, share), level in zip(there.items(), half, strict=True):
    begun = "more than half at the start" if share.min() >= 0.5 else f"half of it is there at σ = {level:.2f}"
    print(f"{name} cycles/px: {begun}")
assert half[0] > half[1] > half[2]

# %%
figure, axes = new_figure(width=8, height=3.4, alt="Share of the final picture that is there against noise "
    "level, which falls from left to right: the coarse band comes first, the middle one later, the fine one at the end.")
draw_lines(axes[0, 0], [Line(name, sigmas[:-2], share[:-2]) for name, share in there.items()],
           x_label="noise level σ (the process runs to the right)", y_label="share that is there",
           log_x=True, title="coarse first, edges last")
axes[0, 0].invert_xaxis()
figure

# %% [markdown]
# These are no photos of anything. The same network with the same dice fills in the missing part of *your* photo.
#
# ## 'While keeping the original image intact?'
#
# So say many advertisements. Ask the draws.
#
# **Do they fit the photo?** If a draw were the truth, photo minus draw would be noise: standard deviation
# $\sigma$, and a mean over 8 x 8 px within about 3 standard errors $\sigma/8$ in nearly every block. This is
# **data consistency**.

# %%
def misfit(draw, noisy, sigma):
    """Residual over sigma, and the share of 8 x 8 blocks beyond 3 standard errors."""
    residual = noisy - draw
    blocks = residual.reshape(16, 8, 16, 8).mean(axis=(1, 3))
    return residual.std() / sigma, np.mean(np.abs(blocks) > 3 * sigma / 8)


noisy, mean, sixteen = held[50]
residuals, strays = zip(*(misfit(one, noisy, 50 / 255) for one in sixteen), strict=True)
leashed = PosteriorDraw(leash=2.0)(noisy, 50 / 255)
print(f"16 draws: residual {min(residuals):.3f} to {max(residuals):.3f} sigma, at most {max(strays):.1%} of the blocks stray")
print("one step: residual {:.3f} sigma, {:.1%} stray; on a leash of 2: {:.3f} sigma, {:.1%} stray".format(
    *misfit(mean, noisy, 50 / 255), *misfit(leashed, noisy, 50 / 255)))
assert 0.97 < min(residuals) and max(residuals) < 1.03 and max(strays) < 0.05
assert misfit(mean, noisy, 50 / 255)[0] < min(residuals)

# %% [markdown]
# Every draw passes. All sixteen fit the photo, and they contradict each other: **consistent does not mean
# true**. The test can only *reject*. (`leash` holds local means nearer to the photo. It matters where
# the network knows your kind of picture badly; it cannot make the fine detail true.)
#
# **Can they be read?** Thirty number plates, four digits each, in noise of 0.3. The digits' shapes and places
# are known, so the likeliest reading of the *photo itself* is least squares. The same reader reads the
# one-step estimate and four draws.

# %%
rng, right, votes = np.random.default_rng(21), {"photo": 0, "one step": 0, "a draw": 0}, []
for k in range(30):
    number = f"{rng.integers(10_000):04}"
    noisy = start_of(number_plate(number), 0.3, seed=k)
    four = draws_of(noisy, 0.3, 4, PosteriorDraw(seed=4 * k))
    readings = [read_plate(one) for one in four]
    right["photo"] += read_plate(noisy) == number
    right["one step"] += read_plate(Network()(noisy, 0.3)) == number
    right["a draw"] += sum(reading == number for reading in readings) / 4
    votes.append(len(set(readings)))
print({name: f"{count / 30:.0%} of the plates right" for name, count in right.items()})
print(f"four draws of one plate give {np.mean(votes):.1f} different numbers on average")
assert right["photo"] > 27 and right["photo"] > right["one step"] > right["a draw"] and right["a draw"] < 15

# %%
image_row({"truth": number_plate(number), "photo": noisy, "one step": Network()(noisy, 0.3),
           **{f"draw: {reading}": one for reading, one in zip(readings, four, strict=True)}},
          alt="A number plate in noise: the truth, the photo, the one-step estimate, and four draws, each with the number "
          "that the reader finds in it. Strokes in the draws are sharp, and many are wrong.")

# %% [markdown]
# To this reader, which knows shapes and places, the photo that looks hopeless gives nearly every number. In the sharp
# draws the same reader finds few (Predict 3); probably the network has seen few digits, and prefers other strokes.
# Another reader may find more in a draw. But *no* reader of draws can be right more often than the best reader of the
# photo, for a draw is made of the photo and dice (the **data processing inequality**). Your own eyes are not the best
# reader: a draw may *look* easier to read, and that is the trap. How many plates does a draw cost?

# %%
doubt = right["photo"] - right["a draw"]
print(f"of 30 plates, {doubt:.1f} fewer are read right in a draw than in the photo, on average")
assert doubt > 10

# %% [markdown]
# So, intact? **No.** The coarse part stays, for it was measured. Whatever was hidden in the noise is replaced.
# Letters, faces, number plates, a shadow on an X-ray: do not read them in a draw.
#
# ## A sigma that is only roughly known
#
# The process trusts $\sigma$. Tell it too little, and noise is kept as if it were detail; too much, and detail is
# taken for noise.

# %%
noisy, _, _ = held[25]
told = {}
for factor in (0.7, 1.0, 1.4):
    one = PosteriorDraw(strength=factor)(noisy, 25 / 255)
    told[factor] = (psnr(camera, one), fine_energy(one) / fine_energy(camera), np.std(noisy - one) / (factor * 25 / 255))
    print("told {:.1f} sigma: {:.2f} dB, fine energy {:.2f}, residual {:.2f} of the sigma told".format(factor, *told[factor]))
assert told[1.0][0] > told[1.4][0] and told[1.0][0] > told[0.7][0]
assert told[0.7][2] > told[1.0][2] > told[1.4][2]

# %% [markdown]
# Compare the residual of a *draw* with the σ that was told. For an exact draw they are about equal. A residual above it: the noise is
# stronger than you said, and some was kept as detail. A residual below it: the noise is weaker than you said. (The mean's
# residual is always a little below σ, for it lies between all that fit.)
#
# ## Why this edge blurred
#
# | aspect | one step (mean) | a draw | the mean of $N$ draws |
# |---|---|---|---|
# | cause | **hedging**: the mean of edges at several places | **inventing**: the edge stands at a place that dice chose. Exact draws of a step are sharp; the network's are still partly blurred | hedging again |
# | equation | $m = y + \sigma^2 \nabla\log p$ | $\mathrm E\lvert d - x\rvert^2 = 2$ MMSE | $(1 + 1/N)$ MMSE |
# | what is uncertain | spread = $\sigma\sqrt{\text{diagonal of the Jacobian}}$: seen as blur | the same: seen as jitter from draw to draw | seen as blur |
#
# The numbers, and the price of not blurring:

# %%
decibel = 10 * np.log10(np.mean([mse(camera, one) for one in held[25][2]]) / mse(camera, held[25][1]))
print(f"edge at contrast/sigma 1: {blur.width_per_draw:.2f} -> {jitter.width_per_draw:.2f} px wide, "
      f"jitter {blur.jitter:.2f} -> {jitter.jitter:.2f} px")
print(f"price, on the camera man at 25/255: {decibel:.1f} dB (3.0 for an exact draw), 20 evaluations, and a picture that is partly made up")
assert 1.2 < decibel < 3.3

# %% [markdown]
# Go back to **Predict**. Which of your answers would you change, and which number makes you do it?

# %% [markdown]
# ## Exercises
#
# **Exercise 1: the slope.** Given a denoiser `D(noisy, sigma)` that returns the mean of all that fits, return the
# gradient of $\log p$ at `noisy`, an array of the same shape.

# %% tags=["exercise"]
def log_density_slope(D, noisy, sigma):
    """Gradient of log p(noisy) for noise of sigma."""
    raise NotImplementedError

# %% tags=["check"]
check.check_slope(log_density_slope)

# %% tags=["solution"]
def log_density_slope(D, noisy, sigma):
    """Gradient of log p(noisy) for noise of sigma."""
    return (D(noisy, sigma) - noisy) / sigma**2

# %% [markdown]
# **Exercise 2: one step back, with a dial.** Write a step from noise level `here` to `there` that can be anything
# between Euler and ancestral. `fresh` is the share of the new noise's *standard deviation* that is drawn: put
# `fresh * there` of `noise` (standard normal) into the new $x$, and keep so much of the old noise `x - guess` that
# the total is `there`. (`fresh` = 0 is Euler; $\sqrt{1 - (t/h)^2}$ is ancestral.)

# %% tags=["exercise"]
def step_back(x, guess, here, there, noise, fresh):
    """x at the noise level there."""
    raise NotImplementedError

# %% tags=["check"]
check.check_step(step_back)

# %% tags=["solution"]
def step_back(x, guess, here, there, noise, fresh):
    """x at the noise level there."""
    # Old and new noise are independent: their variances add up to there**2.
    kept = there * np.sqrt(1 - fresh**2) / here
    return guess + kept * (x - guess) + fresh * there * noise

# %% [markdown]
# **Exercise 3: how soon is the blur back?** How many exact draws must be averaged so that the mean squared error is
# at most `decibel` dB (> 0) above the least one? Return a whole number, at least 1.

# %% tags=["exercise"]
def draws_needed(decibel):
    """Smallest N with (1 + 1/N) MMSE at most `decibel` dB above MMSE."""
    raise NotImplementedError

# %% tags=["check"]
check.check_draws_needed(draws_needed)

# %% tags=["solution"]
def draws_needed(decibel):
    """Smallest N with (1 + 1/N) MMSE at most `decibel` dB above MMSE."""
    excess = 10 ** (decibel / 10) - 1  # 1 / N may be as large as this
    return max(1, int(np.ceil(1 / excess - 1e-9)))  # the limit itself is allowed

# %% [markdown]
# **Exercise 4: does it fit?** Cut photo minus draw into blocks of `side` x `side` px (the picture's sides are multiples
# of it). Divide each block's mean by its standard error, and return these numbers as a small picture: `(H / side,
# W / side)`. For a draw that fits they behave like standard normal numbers.

# %% tags=["exercise"]
def block_misfits(draw, noisy, sigma, side):
    """Mean residual of each block, in standard errors."""
    raise NotImplementedError

# %% tags=["check"]
check.check_misfits(block_misfits)

# %% tags=["solution"]
def block_misfits(draw, noisy, sigma, side):
    """Mean residual of each block, in standard errors."""
    height, width = noisy.shape
    blocks = (noisy - draw).reshape(height // side, side, width // side, side)
    return blocks.mean(axis=(1, 3)) / (sigma / side)  # a mean of side² numbers

# %% [markdown]
# **Exercise 5: where do the draws disagree?** `draws` is `(N, H, W)`. Return two pictures: the spread (standard deviation over the
# draws, with $N - 1$), and where it is *disputed*: True in the pixels whose spread is above `limit`.

# %% tags=["exercise"]
def disputed(draws, limit):
    """(spread, boolean picture of where it is above limit)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_disputed(disputed)

# %% tags=["solution"]
def disputed(draws, limit):
    """(spread, boolean picture of where it is above limit)."""
    spread = draws.std(axis=0, ddof=1)
    return spread, spread > limit

# %% [markdown]
# Now use it. Without a photo of yours, the cell takes a piece of the night street. For your own, set `PHOTO` to a file
# name and `PIECE` to a part with something to read or to recognise, at most about 150 px high. (Developed noise is not
# white: Part 2's promise does not hold for it, and the spread is a rough guide.)

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg"
PIECE = np.s_[200:328, 250:410]  # rows, columns
FACTOR = 2  # by which sigma is above its estimate: developed noise is coloured (lesson 01)

photo = luminance(photographed_street() if PHOTO is None else read_photo(PHOTO).display)[PIECE].astype(np.float32)
level = FACTOR * estimate_sigma(photo)
try:
    six = draws_of(photo, level, 6, PosteriorDraw())
    unsure, where = disputed(six, level / 2)
    print(f"sigma {level:.3f}: disputed in {where.mean():.1%} of the pixels")
    result = image_row({"photo": photo, "draw 1": six[0], "draw 2": six[1], "draws differ > σ/2": 1.0 * where},
                       alt="A piece of your photo, two draws of it, and the pixels in which six draws differ.")
except NotImplementedError:
    result = "Solve exercise 5 first; then this cell looks at your photo."
result

# %% [markdown]
# White: the grey value is in doubt, not always the letter. Black does not mean true. Is anything that you can *read*
# different in two draws? Would you swear to it? *My answer:*

# %% [markdown]
# ## Scoreboard
#
# From four noisy copies of each phantom only, because a sampler is slow: widths at contrast/$\sigma$ 1 are rough.

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


whole = picture("camera", 256)
board = Scoreboard((score(noisy_itself, whole, name="noisy itself"),))
for name, one in {"Gaussian 1.5": Gaussian(1.5), "bilateral": Bilateral(), "local DCT": LocalDCT(),
                  "BM3D": BM3D(), "network": Network(), "a draw, 20 steps": PosteriorDraw()}.items():
    board = board.add(score(one, whole, draws=4, name=name))
board

# %%
by_name = {row.name: row for row in board.rows}
network, one = by_name["network"], by_name["a draw, 20 steps"]
print(f"a draw costs {network.psnr - one.psnr:.2f} dB and {one.seconds_per_megapixel / network.seconds_per_megapixel:.0f} "
      "times the network's time")
assert 1.2 < network.psnr - one.psnr < 3.3

# %% [markdown]
# Read its row with care. The widths are those of a *mean* of estimates (lesson 02), and the mean of exact draws is the
# mean estimate: both rows should agree. They do so only roughly: 20 steps of a network are no exact draws, and four
# copies know the width at 1 badly.
#
# ## What it cannot do
#
# A sampler cannot learn more about your scene than the photo holds. What it adds comes from other people's photos: good for a
# wallpaper, wrong for evidence. When the picture need not be true at all, as in a made-up training set,
# inventing is just what one wants. *Which* noise should it start from? That is lesson 09.

# %% [markdown]
# ## References
#
# - H. Robbins, *An empirical Bayes approach to statistics*, 1956 (with the formula of M. C. K. Tweedie); K. Miyasawa, *An
#   empirical Bayes estimator of the mean of a normal population*, 1961; B. Efron, *Tweedie's formula and selection bias*,
#   2011, doi [10.1198/jasa.2011.tm11181](https://doi.org/10.1198/jasa.2011.tm11181).
# - H. Manor, T. Michaeli, *On the posterior distribution in denoising: application to uncertainty quantification*,
#   [arXiv 2309.13598](https://arxiv.org/abs/2309.13598).
# - B. Kawar, G. Vaksman, M. Elad, *Stochastic image denoising by sampling from the posterior distribution*,
#   [arXiv 2101.09552](https://arxiv.org/abs/2101.09552).
# - J. Ho, A. Jain, P. Abbeel, *Denoising diffusion probabilistic models*, [arXiv 2006.11239](https://arxiv.org/abs/2006.11239);
#   J. Song, C. Meng, S. Ermon, *Denoising diffusion implicit models*, [arXiv 2010.02502](https://arxiv.org/abs/2010.02502).
# - T. Karras, M. Aittala, T. Aila, S. Laine, *Elucidating the design space of diffusion-based generative models*,
#   [arXiv 2206.00364](https://arxiv.org/abs/2206.00364).
# - P. E. Kloeden, E. Platen, *Numerical solution of stochastic differential equations*, 1992,
#   doi [10.1007/978-3-662-12616-5](https://doi.org/10.1007/978-3-662-12616-5).
# - Y. Blau, T. Michaeli, *The perception-distortion tradeoff*, [arXiv 1711.06077](https://arxiv.org/abs/1711.06077).
