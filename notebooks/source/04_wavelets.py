# %% [markdown]
# # 04 Wavelets: small coefficients are not always noise
#
# **The question:** if a picture is written in a language in which it needs only few large
# numbers, can you delete the small ones as noise and keep every edge?
#
# **You will**
#
# 1. put a picture together again from the four bands of the Haar transform (exercise 1),
# 2. predict how often noise makes a threshold delete an edge, at any level and place (exercise 2),
# 3. choose a threshold without a clean picture (exercise 3),
# 4. average a denoiser over shifts, and map where its grid decides (exercise 4),
# 5. see what a threshold deletes from your own photo (exercise 5).
#
# **Time:** 120 minutes; a good place for a pause is before *What an edge is worth*. **Needs:**
# lesson 02 (edge width and jitter, bias and variance), lesson 03 (SURE); numpy; the normal
# distribution. What a wavelet is, is said here.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. A picture has 65,536 pixels. How many numbers do you need to draw it well enough that
#    the error is as small as that of a good denoiser? *My answer:*
# 2. An edge of contrast $c$ stands between pixel 24 and 25. It moves by one pixel. Does a
#    wavelet denoiser treat it in the same way? *My answer:*
# 3. The threshold is so high that pure noise hardly ever passes. Is that good for the
#    picture? *My answer:*
# 4. Denoise many noisy copies of a weak edge. Is it blurred in every copy, or sharp in each but
#    never at the same place? *My answer:*

# %%
import numpy as np
import pywt
from scipy.optimize import fsolve
from scipy.signal import convolve2d, correlate2d
from scipy.special import ndtr

from lessons_lib.classroom import lesson_04 as check
from lessons_lib.denoisers import Gaussian, LocalWiener, Median
from lessons_lib.denoisers.cycle_spin import CycleSpin
from lessons_lib.denoisers.dct import (
    LocalDCT,
    convolve,
    convolve_transposed,
    dct_matrix,
    local_dct,
)
from lessons_lib.denoisers.filter_bank import (
    DAUBECHIES_2,
    HAAR,
    inverse,
    split,
    split_image,
    transform,
)
from lessons_lib.denoisers.shrink_statistics import shrunk_mean, shrunk_variance, survival
from lessons_lib.denoisers.thresholds import (
    bayes_threshold,
    hard,
    soft,
    sure,
    sure_threshold,
    universal_threshold,
)
from lessons_lib.denoisers.undecimated import UndecimatedHaar, undecimated_haar_shrink
from lessons_lib.denoisers.wavelet import WaveletShrink
from lessons_lib.diagnosis.blur_curve import blur_curve, edge_estimates
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.diagnosis.scoreboard import Scoreboard, residual_noise, score
from lessons_lib.display.figures import (
    Line,
    draw_image,
    draw_lines,
    draw_signed,
    image_row,
    line_plot,
    new_figure,
)
from lessons_lib.display.subjects import photographed_street
from lessons_lib.display.wavelet_bench import wavelet_bench
from lessons_lib.display.wavelet_bench_scene import Scene
from lessons_lib.display.wavelet_plane import coefficient_plane
from lessons_lib.image import luminance
from lessons_lib.scenes.phantoms import SlantedEdge, step_signal
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture

# %% [markdown]
# ## Sums and differences: Haar
#
# (Symbols start anew in this lesson; only $c$, $\sigma$, $\Phi$ and $\varphi$ stay what they were:
# contrast, noise level, the normal distribution function and its density.)
#
# Take two neighbouring pixels $x_0$ and $x_1$, and write down two other numbers instead:
#
# $$a = \frac{x_0 + x_1}{\sqrt 2}, \qquad d = \frac{x_0 - x_1}{\sqrt 2} .$$
#
# $a$ is the **approximation**, $d$ the **detail**. Nothing is lost: $x_0 = (a + d)/\sqrt2$ and
# $x_1 = (a - d)/\sqrt2$. Where the picture is flat, $d$ is 0. The $\sqrt2$ makes this a
# reflection, which keeps lengths: $a^2 + d^2 = x_0^2 + x_1^2$.
#
# Do that to every pair of a signal, then to every pair of its approximations, and so on: each
# **level** looks at pieces twice as long. That is the Haar wavelet transform.

# %%
def haar_step(signal):
    """Approximation and detail of each pair of pixels."""
    first, second = signal[0::2], signal[1::2]
    return (first + second) / np.sqrt(2), (first - second) / np.sqrt(2)


step = step_signal(64, 24.5, 0.2, 0.8)  # from 0.2 to 0.8 between pixel 24 and pixel 25
approximation, detail = haar_step(step)

np.testing.assert_allclose((approximation, detail), split(step, HAAR), atol=1e-15)
np.testing.assert_allclose((approximation, detail), pywt.dwt(step, "haar", "periodization"))
np.testing.assert_allclose(np.sum(approximation**2) + np.sum(detail**2), np.sum(step**2))
print(f"{np.count_nonzero(detail)} of {detail.size} details are not 0: "
      f"number {np.argmax(np.abs(detail))} is {detail.min():.4f} = -0.6 / sqrt(2)")

# %% [markdown]
# One edge, one detail. Noise is different: it is everywhere. Here are three levels of the step
# in noise of $\sigma = 0.05$.

# %%
noisy_step = step + 0.05 * np.random.default_rng(1).standard_normal(64)
rest, levels = noisy_step, {}
for level in (1, 2, 3):
    rest, levels[level] = haar_step(rest)
assert all(np.abs(d).max() > 3 * np.sort(np.abs(d))[-2] for d in levels.values())

# %%
figure, axes = new_figure(4, width=13, height=3, alt="A noisy step of 64 pixels and its Haar "
    "details at three levels. Each level has one large detail, at the step; all others are "
    "small, about as large at every level.")
draw_lines(axes[0, 0], [Line("", range(64), noisy_step, "both")], x_label="pixel",
           y_label="value", title="a step in noise")
for panel, (level, d) in zip(axes[0, 1:], levels.items(), strict=True):
    draw_lines(panel, [Line("", range(d.size), d, "points")], x_label="place", y_label="detail",
               title=f"level {level}: {d.size} details")
    panel.set_ylim(-0.6, 0.2)
figure

# %% [markdown]
# One large number on each level, made by the edge, and many small ones, made by the noise. So: delete
# the small ones. The weak point of that idea: *a weak edge makes a small number, too.*
#
# ## A smoother language: Daubechies
#
# Haar's details vanish where the signal is constant. On a ramp every pair differs. Ingrid Daubechies
# asked for a filter of four weights $h_0 \dots h_3$ that does better. The approximation is $\sum_i h_i\,x_i$ over four pixels $x_i$, the detail uses $g = (h_3, -h_2, h_1, -h_0)$, and
# both move on by two pixels. Four wishes give four equations:
#
# $$\underbrace{\textstyle\sum_i h_i^2 = 1}_{\text{keeps lengths}},\quad
#   \underbrace{h_0 h_2 + h_1 h_3 = 0}_{\text{neighbours at a right angle}},\quad
#   \underbrace{\textstyle\sum_i g_i = 0}_{\text{constants vanish}},\quad
#   \underbrace{\textstyle\sum_i i\,g_i = 0}_{\text{ramps vanish}} .$$

# %%
def wishes(h):
    g = np.array([h[3], -h[2], h[1], -h[0]])
    return [h @ h - 1, h[0] * h[2] + h[1] * h[3], g.sum(), g @ np.arange(4)]


h = fsolve(wishes, [0.5, 0.8, 0.2, -0.1], xtol=1e-12)
root = np.sqrt(3)
closed = np.array([1 + root, 3 + root, 3 - root, 1 - root]) / (4 * np.sqrt(2))
print("h =", h.round(4))
np.testing.assert_allclose(h, closed, atol=1e-9)  # the solver stops there
np.testing.assert_allclose(h, DAUBECHIES_2, atol=1e-9)
np.testing.assert_allclose(h, pywt.Wavelet("db2").rec_lo, atol=1e-9)

# %%
ramp = np.linspace(0, 1, 64)
for name, low_pass in (("haar", HAAR), ("db2", h)):
    _, detail = split(ramp, low_pass)
    np.testing.assert_allclose(detail, pywt.dwt(ramp, name, "periodization")[1], atol=1e-9)
    print(f"{name}: largest detail of a ramp, away from its ends {np.abs(detail[2:-2]).max():.5f}")
assert np.abs(split(ramp, h)[1][2:-2]).max() < 1e-9 < 0.01 < np.abs(split(ramp, HAAR)[1]).min()

# %% [markdown]
# PyWavelets calls this filter `db2`: two kinds of signal vanish. `db4` has eight weights and lets
# cubic curves vanish. The price is length: a longer filter meets an edge at more places.
#
# ## Two dimensions
#
# Split along the rows, then split both halves down the columns. One level makes four **bands**
# of a quarter of the pixels each: the approximation (small picture), *horizontal* details (where
# rows differ), *vertical* details (where columns differ) and *diagonal* ones. For Haar, with a
# block of four pixels $x_{\text{row, column}}$, each is a signed sum divided by 2, for instance
# vertical: $(x_{00} - x_{01} + x_{10} - x_{11})/2$.

# %%
def haar_image(image):
    """Approximation and (horizontal, vertical, diagonal) details of each block of 2 x 2."""
    x00, x01, x10, x11 = (image[row::2, col::2] for row in (0, 1) for col in (0, 1))
    horizontal, vertical = (x00 + x01 - x10 - x11) / 2, (x00 - x01 + x10 - x11) / 2
    return (x00 + x01 + x10 + x11) / 2, (horizontal, vertical, (x00 - x01 - x10 + x11) / 2)


clean = picture("camera", 256)
by_hand, separable = haar_image(clean), split_image(clean, HAAR)
theirs = pywt.dwt2(clean, "haar", "periodization")
for ours, library, other in zip(by_hand[1], separable[1], theirs[1], strict=True):
    np.testing.assert_allclose(ours, library, atol=1e-14)
    np.testing.assert_allclose(ours, other, atol=1e-14)
coarse, bands = transform(clean, DAUBECHIES_2, 3)  # three levels, our own filter bank
np.testing.assert_allclose(
    bands[0][1], pywt.wavedec2(clean, "db2", "periodization", 3)[1][1], atol=1e-9
)

# %%
nested, places = pywt.coeffs_to_array(pywt.wavedec2(clean, "haar", "periodization", 3))
shown = np.abs(nested) / 0.4
shown[:32, :32] = nested[:32, :32] / 8  # the approximation: sums of 64 pixels over 8
image_row(
    {"clean": clean, "its Haar coefficients, 3 levels": shown},
    alt="A man with a camera, and his Haar coefficients in the usual nested layout: a tiny "
    "picture in the top left corner; around it three sets of three bands, nearly black, with the "
    "outlines of the man in the vertical, horizontal and diagonal details.",
)

# %% [markdown]
# Top left is what is left of the picture after three levels. Right of it: vertical edges; below:
# horizontal ones; the diagonal band lies between. Most of it is black. **How few numbers are
# enough?** Keep the largest 5 % and set all others to zero.

# %%
def keep_largest(image, wavelet, share):
    """Draw a picture again from its largest coefficients."""
    nested, places = pywt.coeffs_to_array(pywt.wavedec2(image, wavelet, "periodization", 4))
    limit = np.quantile(np.abs(nested), 1 - share)
    sparse = np.where(np.abs(nested) > limit, nested, 0)
    back = pywt.array_to_coeffs(sparse, places, "wavedec2")
    return pywt.waverec2(back, wavelet, "periodization")


redrawn = {share: keep_largest(clean, "haar", share) for share in (0.02, 0.05, 0.1)}
titles = {share: f"{share:.0%}: {psnr(clean, one):.1f} dB" for share, one in redrawn.items()}
assert abs(psnr(clean, redrawn[0.05]) - 28.4) < 0.1
image_row(
    {titles[share]: one for share, one in redrawn.items()},
    alt="The man with the camera, drawn from the largest 2, 5 and 10 per cent of his Haar "
    "coefficients. At 2 per cent face and coat are blocky and the grass flat; at 10 little is missing.",
)

# %% [markdown]
# 3,277 numbers out of 65,536 give 28.4 dB; later a denoiser will reach about the same from a noisy
# copy. A picture is **sparse** in this language. Noise is not:
#
# ## White noise stays white
#
# Write the whole transform as a matrix $W$ that turns the pixels $x$ into the coefficients $Wx$, and
# call the mirrored (transposed) matrix $W^{\top}$. If $W$ has as many rows as there are pixels, all of
# length 1 and at right angles, $W W^{\top} = I$ (the identity matrix), then energy is kept (Parseval:
# $|Wx|^2 = |x|^2$), and noise with the covariance $\sigma^2 I$ becomes noise with
#
# $$W\,(\sigma^2 I)\,W^{\top} = \sigma^2 I :$$
#
# every coefficient has noise of the same $\sigma$, uncorrelated with all others. (If the noise is
# *normal* it is even independent.) But look how the border is treated.

# %%
def matrix(mode, wavelet="db2", length=16):
    """The transform of `length` samples, one row for each coefficient."""
    return np.array([np.concatenate(pywt.dwt(one, wavelet, mode)) for one in np.eye(length)]).T


signal, found = np.linspace(1, 0, 16), {}
for mode in ("periodization", "symmetric"):
    W = matrix(mode)
    found[mode] = W @ W.T
    off = np.abs(found[mode] - np.eye(len(W))).max()
    energy = np.sum((W @ signal) ** 2) / np.sum(signal**2)
    assert (abs(energy - 1) < 1e-9) == (mode == "periodization")
    print(f"{mode:14} {len(W)} numbers from 16; off from I by {off:.3f}; energy x {energy:.3f}")
np.testing.assert_allclose(found["periodization"], np.eye(16), atol=1e-10)

# %%
off = found["symmetric"] - np.diag(np.diag(found["symmetric"]))
rows, cols = np.nonzero(np.abs(off) > 0.5)
assert len(found["symmetric"]) == 18 and all((rows < 9) == (cols < 9))  # both of one kind
print("symmetric: variances", np.diag(found["symmetric"]).min().round(2), "to",
      np.diag(found["symmetric"]).max().round(2), f"σ²; largest covariance {off.max():.2f} σ²")

# %%
figure, axes = new_figure(2, width=8, height=3.4, alt="The noise covariance of db2 coefficients. "
    "With mode periodization it is the identity matrix. With mode symmetric there are entries "
    "beside the diagonal, at the two ends of the signal: the largest join two neighbouring "
    "approximations.")
for panel, (mode, covariance) in zip(axes[0], found.items(), strict=True):
    draw_signed(panel, covariance, f"noise covariance / σ², {mode}", 1.0)
    half = len(covariance) // 2
    places = [half // 2, half + half // 2]
    panel.set_xticks(places, ["approximation", "detail"])
    panel.set_yticks(places, ["approximation", "detail"], rotation=90, va="center")
figure

# %% [markdown]
# `mode="periodization"` joins the end of the signal to its beginning (sides must be divisible by
# $2^{\text{levels}}$), and the noise stays white. PyWavelets' default, `"symmetric"`, mirrors
# the border: 18 numbers from 16, correlated at the ends and of other variances there. It is kinder
# to pictures, whose left and right border do not fit together. So the library's denoiser mirrors,
# and the proofs on this page use periodization.
#
# ## Two ways to delete: hard and soft
#
# A noisy coefficient is $y = \theta + n$: the true $\theta$ plus noise $n$ of $\sigma$. With a
# **threshold** $T$:
#
# $$\text{hard: } y \text{ if } |y| > T,\ \text{else } 0; \qquad
#   \text{soft: } \mathrm{sign}(y)\,\max(|y| - T,\ 0) .$$

# %%
y = np.linspace(-6, 6, 241)
by_hand = {"hard": np.where(np.abs(y) > 3, y, 0), "soft": np.sign(y) * np.maximum(abs(y) - 3, 0)}
np.testing.assert_allclose(by_hand["hard"], hard(y, 3))
np.testing.assert_allclose(by_hand["soft"], soft(y, 3), atol=1e-15)
np.testing.assert_allclose(by_hand["soft"], pywt.threshold(y, 3, "soft"), atol=1e-15)

theta = np.linspace(-6, 6, 241)
averages = {mode: shrunk_mean(theta, 3.0, 1.0, mode) for mode in by_hand}  # see below
figure, axes = new_figure(2, width=10, height=3.6, alt="Left: hard and soft thresholding against "
    "the noisy coefficient. Right: their mean against the true coefficient: two smooth curves "
    "that leave zero only slowly; hard climbs to the diagonal, soft stays 3 below it.")
for panel, curves, name in zip(axes[0], (by_hand, averages), ("noisy y", "true θ"), strict=True):
    lines = [Line(mode, y, values) for mode, values in curves.items()]
    draw_lines(panel, [*lines, Line("no threshold", y, y)], x_label=f"{name} [σ]",
               y_label="after thresholding [σ]", title=("one value", "mean over the noise")[name == "true θ"])
figure

# %% [markdown]
# Left is the rule, with $T = 3\sigma$; right is what it does to $\theta$ **on average over the
# noise**. The noise rounds off the corner: a coefficient $\theta = T$ is kept in half of all
# cases. Remember the right panel: the blur of Haar's edges will follow from it.
#
# **The bias of soft thresholding.** Every *noisy* coefficient that survives is moved towards 0 by
# exactly $T$. The mean over the noise is another matter, because small ones are moved by less. With
# $\sigma = 1$, those above $T$ become $y - T = u + n$ with $u = \theta - T$, for all $n > -u$:
#
# $$\int_{-u}^{\infty} (u + n)\,\varphi(n)\,\mathrm dn = u\,\Phi(u) + \varphi(u),$$
#
# since $n\varphi = -\varphi'$. Those below $-T$ give the same with $v = -\theta - T$, and a minus:
#
# $$\mathrm E[\text{soft}] = u\,\Phi(u) + \varphi(u) - v\,\Phi(v) - \varphi(v) .$$

# %%
def density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


T, true = 3.0, np.arange(0, 8.5, 0.5)
u, v = true - T, -true - T
predicted = u * ndtr(u) + density(u) - v * ndtr(v) - density(v) - true  # the bias
np.testing.assert_allclose(predicted, shrunk_mean(true, T, 1.0) - true, atol=1e-14)

noisy = true + np.random.default_rng(2).standard_normal((20_000, true.size))
alive = np.abs(noisy) > T
np.testing.assert_allclose((np.abs(noisy) - np.abs(soft(noisy, T)))[alive], T, rtol=1e-13)
measured = soft(noisy, T).mean(axis=0) - true
# 20,000 draws of at most sigma each: 0.007; four standard errors.
np.testing.assert_allclose(measured, predicted, atol=0.028)
far = true - T >= 2
assert np.all(np.abs(predicted[far] + T) < 0.01 * T)  # within 1 % of -T from 2 sigma on

# %%
line_plot(
    [
        Line("measured, 20,000 draws", true, measured, "points"),
        Line("predicted", true, predicted),
        Line("-T", true, np.full(true.size, -T)),
    ],
    x_label="true coefficient θ [σ]", y_label="bias [σ]", title="soft threshold, T = 3 σ",
    alt="The bias of soft thresholding falls from 0 at a true coefficient of 0 to minus 3 sigma, "
    "which it reaches within one per cent at 5 sigma. Measured points lie on the curve.",
)

# %% [markdown]
# Well below $T$ the bias is nearly $-\theta$: the coefficient is gone. From $\theta = T + 2\sigma$ on
# it is $-T$ within 1 % (for $T = 3\sigma$). Hard thresholding has hardly any bias up there. It pays near $T$, where it
# flips between all and nothing:

# %%
for mode in ("soft", "hard"):
    bias = shrunk_mean(5.0, 3.0, 1.0, mode) - 5.0
    variance = shrunk_variance(3.0, 3.0, 1.0, mode)
    print(f"{mode}: bias at T + 2 σ {bias:+.2f} σ, variance at T {variance:.2f} σ²")
assert abs(shrunk_mean(5.0, 3.0, 1.0, "hard") - 5.0) < 0.15
assert shrunk_variance(3.0, 3.0, 1.0, "hard") > 9 * shrunk_variance(3.0, 3.0, 1.0, "soft")

# %% [markdown]
# ## A threshold without a clean picture: SURE
#
# You know SURE from lesson 03. Here it gets simple. Soft thresholding takes
# $r(y) = \min(\max(y, -T), T)$ away from $y$. Its error is $y - r - \theta = n - r$, so its mean
# square is $\sigma^2 - 2\,\mathrm E[n\,r(y)] + \mathrm E[r^2]$. The middle term seems to need $n$. But
# normal noise has a density $\varphi_\sigma$ with $n\,\varphi_\sigma = -\sigma^2 \varphi_\sigma'$, so by
# parts (Stein)
#
# $$\mathrm E[n\,r(y)] = -\sigma^2\!\int r(\theta + n)\,\varphi_\sigma'(n)\,\mathrm dn
#   = \sigma^2\!\int r'(\theta + n)\,\varphi_\sigma(n)\,\mathrm dn = \sigma^2\,\mathrm E[r'(y)] ,$$
#
# and $r'$ is 1 where $|y| \le T$, else 0. With the mean over the $N$ coefficients $y_i$ of a band:
#
# $$\mathrm{SURE}(T) = \sigma^2 - 2\sigma^2\,\frac{\#\{|y_i| \le T\}}{N}
#   + \frac1N\sum_i \min(|y_i|, T)^2 .$$
#
# No $\theta$ in it. It should be right on average: an **unbiased** estimate of the error.

# %%
sigma = 25 / 255
true_band = pywt.dwt2(clean, "db2", "periodization")[1][1].ravel()  # finest vertical details
rng, T = np.random.default_rng(3), 1.5 * sigma


def sure_by_hand(y, T, sigma):
    small = np.mean(np.abs(y) <= T)
    return sigma**2 * (1 - 2 * small) + np.mean(np.minimum(np.abs(y), T) ** 2)


draws = [true_band + sigma * rng.standard_normal(true_band.size) for _ in range(300)]
guesses = np.array([sure_by_hand(one, T, sigma) for one in draws]) / sigma**2
assert abs(sure_by_hand(draws[0], T, sigma) - sure(draws[0], T, sigma)) < 1e-15
bias_squared = (shrunk_mean(true_band, T, sigma) - true_band) ** 2
risk = np.mean(bias_squared + shrunk_variance(true_band, T, sigma)) / sigma**2  # exact
error = guesses.std() / np.sqrt(len(guesses))
print(f"true risk {risk:.5f} σ², mean of 300 SUREs {guesses.mean():.5f} ± {error:.5f} σ²")
assert abs(guesses.mean() - risk) < 2 * error

# %% [markdown]
# The mean of 300 SUREs agrees with the exact risk to within its standard error. The exact risk
# used the clean band (bias² + variance, from the closed forms); SURE did not. So scan $T$ with
# *one* noisy copy and take the lowest point: **SureShrink**. (Its authors stop the scan at the
# universal threshold, and take that at once for a band with next to nothing in it.) Two other rules
# are older or simpler.
#
# - **Universal** (Donoho and Johnstone): $T = \sigma\sqrt{2 \ln M}$, which the largest of $M$ pure
#   noises rarely exceeds; $M$ counts all pixels. It never looks at the picture.
# - **BayesShrink** (Chang, Yu, Vetterli): $T = \sigma^2/\sigma_x$ for each band, where
#   $\sigma_x^2 = \max(\overline{y^2} - \sigma^2, 0)$ is the power of its clean coefficients. Loud
#   bands get a small threshold, silent ones a large one.

# %%
y, scan = draws[0], np.linspace(0, 6, 61)
exact = [np.mean((shrunk_mean(true_band, t * sigma, sigma) - true_band) ** 2
                 + shrunk_variance(true_band, t * sigma, sigma)) / sigma**2 for t in scan]
one_sure = [sure(y, t * sigma, sigma) / sigma**2 for t in scan]

by_hand = sigma**2 / np.sqrt(np.mean(y**2) - sigma**2)
np.testing.assert_allclose(by_hand, bayes_threshold(y, sigma))
np.testing.assert_allclose(sigma * np.sqrt(2 * np.log(65536)), universal_threshold(sigma, 65536))
rules = {"SURE": sure_threshold(y, sigma), "Bayes": by_hand, "universal": universal_threshold(sigma, 65536)}
at = {name: np.interp(t / sigma, scan, exact) for name, t in rules.items()}
print("best", f"{min(exact):.3f};", *(f"{name}: T = {t / sigma:.2f} σ, risk {at[name]:.3f} σ²;"
      for name, t in rules.items()))

# %%
passes = 1 - (1 - 2 * ndtr(-np.sqrt(2 * np.log(65536)))) ** 65536
print(f"some noise passes the universal threshold in {passes:.0%} of all pictures: 1 in {1 / passes:.0f}")
assert sure(y, rules["SURE"], sigma) <= min(one_sure) * sigma**2 and 6 < 1 / passes < 7
assert at["SURE"] < 1.02 * min(exact) and at["Bayes"] < 1.02 * min(exact)
assert at["universal"] > 1.5 * min(exact)

# %%
line_plot(
    [
        Line("exact risk", scan, exact),
        Line("SURE of one noisy copy", scan, one_sure),
        *(Line(f"{name} chooses {t / sigma:.2f} σ", [t / sigma], [height], "points")
          for (name, t), height in zip(rules.items(), (0.16, 0.08, 0.08), strict=True)),
    ],
    x_label="threshold [σ]", y_label="mean squared error [σ²]",
    title="finest vertical details of the camera man", width=8,
    alt="Mean squared error against the threshold, exact and estimated by SURE: the two curves "
    "lie on each other, with a minimum near 1.5 sigma. Marks below the curves: SURE and Bayes "
    "choose thresholds close to it, the universal threshold of 4.7 sigma is far to the right, "
    "where the error is higher.",
)

# %% [markdown]
# In this band SURE and Bayes both find the bottom of the valley. The universal threshold keeps its
# promise (in about 6 pictures of 7 no noise passes) and deletes much of the picture with the noise.
# Band by band, for the vertical details, with the best threshold that the clean picture can tell,
# and what each choice costs per coefficient:

# %%
noisy_picture = clean + sigma * np.random.default_rng(0).standard_normal(clean.shape)
_, *noisy_bands = pywt.wavedec2(noisy_picture, "db2", "periodization", 4)
_, *clean_bands = pywt.wavedec2(clean, "db2", "periodization", 4)
chosen, lost = {}, {}
for level in (1, 2, 3, 4):
    y, true = (bands[-level][1] for bands in (noisy_bands, clean_bands))
    three = [bayes_threshold(y, sigma) / sigma, sure_threshold(y, sigma) / sigma]
    errors = [np.mean((soft(y, t * sigma) - true) ** 2) / sigma**2 for t in (*scan, *three)]
    least = min(errors[:-2])
    chosen[level], lost[level] = three, [(one - least) / 4**level for one in errors[-2:]]
    print(f"level {level}: best {scan[np.argmin(errors[:-2])]:.2f} σ (error {least:.3f} σ²), SURE "
          f"{three[1]:.2f} σ ({errors[-1]:.3f} σ²), Bayes {three[0]:.2f} σ ({errors[-2]:.3f} σ²)")
    assert errors[-1] < least + 0.02  # SURE is near the best everywhere
    # On level 4 the valley is so flat that the best one of a single draw scatters by half.
    assert level not in (2, 3) or three[0] < 0.75 * scan[np.argmin(errors[:-2])]  # Bayes: too low

# %%
bayes_lost, sure_lost = np.sum(list(lost.values()), axis=0)
print(f"lost in all four, per pixel: Bayes {bayes_lost:.4f} σ², SURE {sure_lost:.4f} σ²")
assert 0.003 < bayes_lost < 0.01 and chosen[4][0] < 0.2 * chosen[1][0]

# %% [markdown]
# Coarse bands hold more of the picture, so their thresholds are smaller. On levels 2 to 4 Bayes
# takes about *half* the best one: its formula knows the power of a band, not that the power sits in
# a few large coefficients. That costs up to 0.08 $\sigma^2$ per coefficient, but there are only few
# of those (level $j$ has one for $4^j$ pixels), so PSNR hardly suffers:

# %%
shown = {f"noisy: {psnr(clean, noisy_picture):.2f} dB": noisy_picture}
quality = {}
for rule in ("universal", "bayes", "sure"):
    estimate = WaveletShrink(rule=rule)(noisy_picture, sigma)
    quality[rule] = psnr(clean, estimate)
    shown[f"{rule}: {quality[rule]:.2f} dB"] = estimate
assert quality["universal"] < quality["bayes"] - 3 and abs(quality["sure"] - quality["bayes"]) < 0.5
image_row(
    {title: image[40:200, 60:220] for title, image in shown.items()},
    alt="A piece of the noisy camera man and three estimates with soft thresholds. The universal "
    "threshold leaves a blurred shape; Bayes and SURE keep the outlines and the tripod, with "
    "small wavelet-shaped spots.",
)

# %% [markdown]
# 'Overly smooth', as an example of scikit-image says of the universal threshold: it costs over
# 3 dB here. From now on we care about one thing: *which coefficient belongs to an edge, and what
# becomes of it?*
#
# ## What an edge is worth
#
# A vertical edge of contrast $c$ stands at place $p$. Let $q$ be the middle of the pair of columns
# that it meets: the border between the pair's own two pixels (both in px). Three cases:

# %%
figure, axes = new_figure(3, width=11, height=2.6, alt="A pair of pixels, grey, and its neighbours, "
    "with a step. Step in the middle of the pair: one pixel dark, one light. Half a pixel further: "
    "the right pixel has half of the contrast. One pixel further: both are dark, and the step is "
    "between two pairs.")
for panel, (place, name) in zip(axes[0], ((0, "p = q: d = c/√2"), (0.5, "p = q + 1/2: half of it"),
                                          (1, "p = q + 1: d = 0")), strict=True):
    values = np.clip(np.arange(-2, 2) + 1 - place, 0, 1)  # a pixel is the mean over its width
    panel.bar(np.arange(-2, 2) + 0.5, values, width=0.96, color=["0.8", "C0", "C0", "0.8"])
    panel.step([-2, place, 2], [0, 0, 1], where="pre", color="C1", label="the step")
    panel.axvspan(-1, 1, color="0.92", zorder=0)
    panel.set(title=name, xlabel="distance from q [px]", ylim=(0, 1.15), yticks=[0, 1],
              yticklabels=["0", "c"])
figure

# %% [markdown]
# A pixel that the step cuts has the mean of both levels over its area, so in between the detail is
# a straight line. In 2-D the filter down the columns sums two such rows and divides by $\sqrt2$
# again: $(c/\sqrt2 + c/\sqrt2)/\sqrt2 = c$. So the finest coefficient without noise is
#
# $$|\theta| = \frac{c}{\sqrt 2}\,\max(0,\ 1 - |p - q|) \ \ (\text{1-D}), \qquad
#   |\theta| = c\,\max(0,\ 1 - |p - q|)\ \ (\text{2-D, vertical edge}).$$

# %%
moved = np.linspace(22.5, 26.5, 65)
in_1d, in_2d = [], []
for place in moved:
    row = step_signal(64, place, 0.2, 0.8)
    in_1d.append(np.abs(haar_step(row)[1]).max())
    in_2d.append(np.abs(haar_image(np.tile(row, (64, 1)))[1][1]).max())
inside = np.maximum(0, 1 - np.abs((moved - 24.5 + 1) % 2 - 1))  # pairs meet every 2 px
np.testing.assert_allclose(in_1d, 0.6 / np.sqrt(2) * inside, atol=1e-12)
np.testing.assert_allclose(in_2d, 0.6 * inside, atol=1e-12)

for c in (1.40, 1.43, 0.99, 1.01):  # against T = 1: which step survives at the best place?
    row = step_signal(64, 24.5, 0.0, c)
    assert hard(haar_step(row)[1], 1.0).any() == (c > np.sqrt(2))
    assert hard(haar_image(np.tile(row, (64, 1)))[1][1], 1.0).any() == (c > 1)

# %%
line_plot(
    [
        Line("2-D, measured", moved, in_2d, "points"), Line("2-D, predicted", moved, 0.6 * inside),
        Line("1-D, measured", moved, in_1d, "points"),
        Line("1-D, predicted", moved, 0.6 / np.sqrt(2) * inside),
    ],
    x_label="place of the step [px]", y_label="finest Haar coefficient", width=8,
    title="contrast c = 0.6",
    alt="The finest Haar coefficient of a step against its place: triangles of period 2 pixels, "
    "between 0 and 0.6 in two dimensions, and between 0 and 0.42 in one.",
)

# %% [markdown]
# The same edge, the same contrast: its number is anything between 0 and $c$, depending on where
# it falls. (Where it is 0, the finest level has nothing to lose. Whether a coarser one has, depends
# on the place again.) Noise aside, a threshold deletes it if $c < \sqrt2\,T$ in 1-D and if $c < T$
# in 2-D, *even at the best place*.
#
# With noise it is a lottery. A coefficient survives if $\theta + n > T$ or $\theta + n < -T$, which
# has the probability
#
# $$\kappa(\theta) = \Phi\Big(\frac{\theta - T}{\sigma}\Big) +
#   \Phi\Big(\frac{-\theta - T}{\sigma}\Big).$$

# %%
contrasts, T = np.arange(0.5, 8, 0.5), 3.0  # in units of sigma
chances = {"inside a pair": survival(contrasts, T, 1.0),
           "quarter of the way out": survival(0.75 * contrasts, T, 1.0)}
rng, lines = np.random.default_rng(4), []
for (name, chance), place in zip(chances.items(), (24.5, 24.75), strict=True):
    edges = [c * np.tile(step_signal(64, place, 0, 1), (2000, 1)) for c in contrasts]
    details = [haar_image(one + rng.standard_normal(one.shape))[1][1][:, 12] for one in edges]
    kept = np.array([np.mean(np.abs(one) > T) for one in details])
    # 1000 coefficients each: a standard error of at most 0.016; four of those.
    np.testing.assert_allclose(kept, chance, atol=0.064)
    lines += [Line(f"{name}, measured", contrasts, kept, "points"),
              Line(f"{name}, predicted", contrasts, chance)]

# %%
line_plot(lines, x_label="contrast / σ", y_label="share that survives", width=8,
          title="finest vertical coefficient of an edge, T = 3 σ",
          alt="The share of surviving edge coefficients climbs from 0 to 1 as contrast over sigma "
          "goes from 1 to 6, through one half at 3; at a quarter of the way out it is later.")

# %% [markdown]
# Mis-deciding, in its purest form: with $T = 3\sigma$ and contrast/$\sigma$ = 3, a coin toss decides at
# each pair of rows whether the finest coefficient of the edge is thrown away.
#
# Not all is lost then. At level $j$ a block of $2^j$ px is summed, in rows and columns. How much is an
# edge worth there? At its best place, and at the place 5 px right of a border of 16 (you will see
# that one again):

# %%
steps = [np.tile(step_signal(64, 15.5 + place, 0.0, 1.0), (64, 1)) for place in range(16)]  # c = 1
bands = [transform(one, HAAR, 4)[1] for one in steps]
worth = [max(np.abs(one[-level][1]).max() for one in bands) for level in (1, 2, 3, 4)]
there = [np.abs(bands[5][-level][1]).max() for level in (1, 2, 3, 4)]
print("worth of an edge, levels 1 to 4: at the best place", np.round(worth, 6), "c;")
print("5 px right of a border of all levels", np.round(there, 6), "c")
np.testing.assert_allclose(worth, [1, 2, 4, 8])
np.testing.assert_allclose(there, [1, 1, 3, 5])

# %% [markdown]
# A weak edge is deleted on the fine levels first. Where a coarse coefficient survives, the estimate
# is a step at the middle of a block of $2^j$ pixels: **near the edge, but not at it**. Is that blur?
# Wait for the table *Blur or jitter?* below.
#
# ## Ringing, and the average over shifts
#
# A longer filter spreads the edge over several coefficients. If only some survive, the edge is
# redrawn with waves beside it: **ringing**. Its size is the *overshoot*, in percent of the
# contrast. Here: `db2`, a stripe of contrast $5\sigma$, $T = 3\sigma$, hard, and not even noise.

# %%
stripe = np.where((np.arange(64) >= 16) & (np.arange(64) < 48), 5.0, 0.0)  # in units of sigma


def redraw(signal, wavelet="db2"):
    """Hard thresholding at 3 sigma on 3 levels of a periodic signal."""
    rest, *bands = pywt.wavedec(signal, wavelet, "periodization", 3)
    return pywt.waverec([rest, *(hard(one, 3.0) for one in bands)], wavelet, "periodization")


shifted = np.array([np.roll(redraw(np.roll(stripe, k)), -k) for k in range(8)])
overshoot = 100 * (shifted.max(axis=1) / 5 - 1)
spun = 100 * (shifted.mean(axis=0).max() / 5 - 1)
print("overshoot at shifts 0 to 7:", *(f"{one:.0f}" for one in overshoot), "%")
print(f"of the mean over the 8 shifts: {spun:.1f} %")
assert overshoot.min() > 9 and overshoot.max() > 25 and spun < 4
assert spun <= overshoot.mean()  # the largest of a mean is at most the mean of the largest

# %%
figure, axes = new_figure(3, width=12.5, height=3.4, alt="A stripe redrawn by thresholding db2 "
    "coefficients, at shift 0 and at shift 5, with waves of 23 and 27 per cent beside its edges; "
    "and the mean over 8 shifts, whose overshoot is below 4 per cent.")
drawn = {"shift 0": shifted[0], "shift 5": shifted[5], "mean over 8 shifts": shifted.mean(axis=0)}
for panel, (title, values) in zip(axes[0], drawn.items(), strict=True):
    draw_lines(panel, [Line("stripe", range(64), stripe), Line(title, range(64), values)],
               x_label="pixel", y_label="value [σ]",
               title=f"{title}: overshoot {100 * (values.max() / 5 - 1):.1f} %")
    panel.set_ylim(-2, 7)
figure

# %% [markdown]
# Shift the signal by $k$, denoise, shift back: for each $k$ the grid lies elsewhere, and the waves
# too. The **mean over shifts** is called *cycle spinning* (Coifman and Donoho):
#
# $$\hat x = \frac1K \sum_{k=0}^{K-1} S_{-k}\, D\big(S_k\, y\big),$$
#
# where $S_k$ shifts by $k$ pixels, of $K$ shifts, and $D$ is the denoiser. The largest value of a mean
# is at most the mean of the largest values: ringing can only fall on average.

# %%
for shifts in (1, 2, 4, 8):
    mean = shifted[:shifts].mean(axis=0)
    print(f"mean over shifts 0 to {shifts - 1}: overshoot {100 * (mean.max() / 5 - 1):4.1f} %")
    assert 100 * (mean.max() / 5 - 1) <= overshoot[:shifts].mean() + 1e-9

# %% [markdown]
# With 4 levels there are $16 \times 16$ shifts. Must we denoise 256 times? No: a block of the *shifted*
# picture is a block that starts at another pixel. So compute the coefficient of the block at **every**
# pixel. Its parts are 1 pixel apart on the finest level and 2, 4, 8 on the next ones: the `step` in
# the code. (It works for every orthonormal filter; for Haar it is shortest.)

# %%
def all_shifts(image, shrink, levels, step=1):
    """Haar shrinkage of a periodic picture, averaged over all shifts."""
    if levels == 0:
        return image
    across, down = np.roll(image, -step, 1), np.roll(image, -step, 0)
    both = np.roll(down, -step, 1)
    coarse = all_shifts((image + across + down + both) / 2, shrink, levels - 1, 2 * step)
    horizontal = shrink((image + across - down - both) / 2)
    vertical = shrink((image - across + down - both) / 2)
    diagonal = shrink((image - across - down + both) / 2)
    # Each pixel is the first, second, third or fourth of four blocks: the mean of the four.
    total = coarse + horizontal + vertical + diagonal
    total += np.roll(coarse + horizontal - vertical - diagonal, step, 1)
    total += np.roll(coarse - horizontal + vertical - diagonal, step, 0)
    return (total + np.roll(coarse - horizontal - vertical + diagonal, (step, step), (0, 1))) / 8

# %%
small, limit = noisy_picture[64:96, 64:96], 3 * sigma


def one_shift(image):
    coarse, *bands = pywt.wavedec2(image, "haar", "periodization", 3)
    bands = [tuple(hard(band, limit) for band in level) for level in bands]
    return pywt.waverec2([coarse, *bands], "haar", "periodization")


spun = np.mean(
    [np.roll(one_shift(np.roll(small, (i, j), (0, 1))), (-i, -j), (0, 1))
     for i in range(8) for j in range(8)], axis=0,
)
at_once = all_shifts(small, lambda band: hard(band, limit), 3)
library = undecimated_haar_shrink(small, sigma, 3, 3.0, 1.0, "hard", "periodic")
np.testing.assert_allclose(at_once, spun, atol=1e-13)  # 64 transforms in one: rounding only
np.testing.assert_allclose(library, spun, atol=1e-13)

# %%
grid = WaveletShrink("haar", 4, "fixed", "hard", 3.0)  # T = 3 sigma
trials = {
    "one grid": grid, "4 x 4 shifts": CycleSpin(grid, 4),
    "all 16 x 16 shifts": UndecimatedHaar(4, 3.0, falloff=1.0),
    "all shifts, T falls by level": UndecimatedHaar(),
}
estimates = {name: one(noisy_picture, sigma) for name, one in trials.items()}
gains = {name: psnr(clean, estimate) for name, estimate in estimates.items()}
assert gains["all 16 x 16 shifts"] > gains["one grid"] + 3
assert 0.1 < gains["all shifts, T falls by level"] - gains["all 16 x 16 shifts"] < 0.5

# %%
image_row(
    {f"{name}: {gains[name]:.2f} dB": one[40:200, 60:220] for name, one in estimates.items()},
    alt="A piece of the camera man, denoised with Haar wavelets on one grid (blocky, ragged "
    "edges), averaged over 4 x 4 shifts, over all shifts (smooth, no blocks), and over all "
    "shifts with a threshold that falls from level to level.",
)

# %% [markdown]
# More than 3 dB, from nothing but averaging over the grid. The last one has a second rule: the
# threshold starts at $3.3\,\sigma$ and falls by a factor 0.8 from level to level, because a
# coarse coefficient sums more pixels and is rarely noise alone. Both numbers were chosen once, on
# the twelve pictures of a standard test set.
#
# ## Blur or jitter?
#
# Lesson 02 told two reasons for a wide *mean* of many estimates. Each of them may be **blurred**; or
# each may be sharp, but at another place: **jitter**. So fit the edge in every single draw.

# %%
pair = {"one grid": grid, "all shifts": UndecimatedHaar(4, 3.0, falloff=1.0)}
found = {name: list(blur_curve(one, ratios=(8, 4, 3, 2, 1))) for name, one in pair.items()}
print("Haar, T = 3 σ     c/σ   mean of draws   single draw    jitter")
for name, points in found.items():
    for one in points:
        print(f"{name:12} {one.ratio:8.0f} {one.width:10.2f} px {one.width_per_draw:10.2f} px "
              f"{one.jitter:8.2f} px")
# Six seeds: draws 0.38 to 0.56 px against 1.34 to 2.26; jitter 2.1 to 2.8 times as large;
# means within 15 %.
for a, b in list(zip(*found.values(), strict=True))[2:4]:  # c/σ = 3 and 2
    assert a.width_per_draw < 0.75 < 1.2 < b.width_per_draw and a.jitter > 1.8 * b.jitter
    assert abs(a.width / b.width - 1) < 0.25  # and yet the means are about equally wide

# %% [markdown]
# On one grid each draw is *sharp*, even sharper than a pixel, and stands where the surviving blocks
# allow: the edge jitters. Over all shifts each draw is nearly as wide as the mean: it is blurred, and
# jitters less than half as much (at 3 and 2). **Averaging over shifts turns jitter into blur.** Measured
# along the whole slanted edge both means are about equally wide, for such an edge meets the grid at all
# places: the same average, taken elsewhere. (Widths of draws below a pixel are biased low at contrast/$\sigma$ = 2 and
# less; the difference here is far larger.)

# %%
window, shown = np.s_[24:72, 24:72], {}
for name, one in pair.items():
    draws = edge_estimates(one, SlantedEdge(contrast=2 * 0.05), 0.05, draws=64, seed=1)
    shown |= {f"{name}: one draw": draws[0], f"{name}: another": draws[1],
              f"{name}: mean of 64": draws.mean(axis=0)}
image_row({title: 0.5 + (image[window] - 0.5) / 0.2 for title, image in shown.items()},
          alt="A slanted edge of contrast 2 sigma. On one grid each draw is a sharp step with a few "
          "teeth, which differ from draw to draw; the mean of 64 is sharp where the edge lies on a "
          "border of coarse blocks and smeared in squares elsewhere. Over all shifts each draw and "
          "the mean show a soft straight edge.")

# %% [markdown]
# ## From wavelets to patches: the local DCT
#
# Cosines on small blocks are another language. Write *every* block of 8 x 8 pixels as 64 products of two
# cosines, drop the small ones, go back, and average the 64 answers for each pixel (Yu and Sapiro).
# The threshold of $2.7\,\sigma$, and more weight for a block that needs few, are this course's choice,
# as in BM3D (lesson 05).

# %%
cosines = dct_matrix(8)  # row k: k half waves
filters = np.array([np.outer(down, across) for down in cosines for across in cosines])


def dct_by_hand(noisy, sigma):
    """Convolution with 64 filters, shrinkage, transposed convolution."""
    padded = np.pad(noisy, 7, mode="symmetric")
    maps = np.array([correlate2d(padded, one, "valid") for one in filters])
    keep = np.abs(maps) > 2.7 * sigma
    keep[0] = True  # the block's mean is never doubted
    weight = 1 / keep.sum(axis=0)
    total = sum(convolve2d(weight * one, f) for one, f in zip(keep * maps, filters, strict=True))
    return (total / convolve2d(weight, np.ones((8, 8))))[7:-7, 7:-7], keep.sum(axis=0)


piece = noisy_picture[40:120, 90:170]
by_hand, kept_count = dct_by_hand(piece, sigma)
np.testing.assert_allclose(by_hand, local_dct(piece, sigma), atol=1e-12)  # the fast twin

# %%
gaps = ((0, 0), (0, 0), (1, 1), (1, 1))
mosaic = np.pad(filters.reshape(8, 8, 8, 8), gaps, constant_values=1)  # white between
mosaic = mosaic.transpose(0, 2, 1, 3).reshape(80, 80)
figure, axes = new_figure(4, width=13, height=3.6, alt="The 64 products of cosines; a noisy piece "
    "of the camera man; how many of the 64 coefficients each block keeps: 1 or 2 where it is flat, "
    "10 and more along the edges; and the estimate.")
draw_image(axes[0, 0], mosaic, "64 filters; grey is 0", -0.25, 0.25)
draw_image(axes[0, 1], piece, "noisy")
draw_image(axes[0, 2], kept_count, "coefficients kept: black 1, white 16", 1, 16)
draw_image(axes[0, 3], by_hand, "estimate")
assert np.median(kept_count) <= 4 and kept_count.max() > 12
figure

# %% [markdown]
# **Convolution, shrinkage, transposed convolution.** Apart from the weights, that is a neural
# network with one hidden layer of 64 channels and hand-made filters. (A weight looks at all 64 maps
# at once, and needs a division at the end.) In lesson 06 the filters are learned, and the
# shrinkage is called an activation. What do the weights bring? With the same weight for all blocks it
# *is* that network:

# %%
padded = np.pad(noisy_picture, 7, mode="symmetric")
maps = convolve(padded, cosines)  # (rows, 64, columns)
keep = np.abs(maps) > 2.7 * sigma
keep[:, 0] = True
uniform = convolve_transposed(maps * keep, cosines)[7:-7, 7:-7] / 64
weighted = local_dct(noisy_picture, sigma)
print(f"uniform weights {psnr(clean, uniform):.2f} dB, weights 1 / count {psnr(clean, weighted):.2f} dB; "
      f"Haar, all shifts {gains['all shifts, T falls by level']:.2f} dB")
assert 0.1 < psnr(clean, weighted) - psnr(clean, uniform) < 0.4  # four seeds: 0.19 to 0.22 dB
assert psnr(clean, uniform) > gains["all shifts, T falls by level"]  # by 0.1 to 0.2 dB

# %% [markdown]
# Better than Haar on the camera man. On edges, too? An edge in the middle of a block puts
# $\sqrt8\,\sqrt{2/8}\;c\sum_{i=0}^{3}\cos\frac{\pi(i + 1/2)}{8} = 3.62\,c$ into the DCT's largest
# coefficient: eight equal rows give $\sqrt8$, the longest cosine the rest. Haar's third level puts
# $4\,c$ into one coefficient, and there is nothing else. But at other places? How much of the edge's
# energy is below $T = 3\,\sigma$, on average over the 8 places in a block?

# %%
blocks = [np.where(np.arange(8) >= place, 1.0, 0.0) * np.ones((8, 1)) for place in range(8)]
languages = {"DCT": [], "Haar": []}
for block in blocks:
    details = [band for level in transform(block, HAAR, 3)[1] for band in level]
    languages["Haar"].append(np.concatenate([band.ravel() for band in details]))
    languages["DCT"].append((cosines @ block @ cosines.T).ravel()[1:])  # without the mean
law = 2 * np.cos(np.pi * (np.arange(4) + 0.5) / 8).sum() / np.sqrt(2)
np.testing.assert_allclose(np.abs(languages["DCT"][4]).max(), law)
for name, found in languages.items():
    middle, off = (np.sort(np.abs(found[place]))[::-1][:4].round(2) for place in (4, 2))
    print(f"{name:4}: largest coefficients in the middle {middle}, 2 px off {off} c")

# %%
lost = {}
for ratio in (0.5, 1, 2, 4, 8):  # contrast / sigma
    lost[ratio] = [np.mean([np.sum(one[np.abs(one) * ratio <= 3] ** 2) for one in found])
                   for found in languages.values()]
    print(f"contrast/sigma {ratio:3}: lost by DCT {lost[ratio][0]:5.2f} c², by Haar {lost[ratio][1]:5.2f} c²")
np.testing.assert_allclose(lost[0.5], 10.5)  # everything
assert lost[1][0] < 0.8 * lost[1][1] and abs(lost[2][0] / lost[2][1] - 1) < 0.15
assert max(lost[4][1], lost[8][1]) < 1e-9 < 0.01 < lost[8][0] < lost[4][0]  # rounding only
largest = {name: np.array([np.abs(one).max() for one in found]) for name, found in languages.items()}
ahead = largest["DCT"] > largest["Haar"] + 1e-9
assert ahead[[1, 2, 3, 5, 6, 7]].all() and not ahead[4]

# %% [markdown]
# Both ways: of a weak edge the DCT loses less, because its largest coefficient is larger than Haar's
# at every place but the middle. Of a strong edge Haar loses nothing, the DCT some small cosines. So
# strong upright edges are not where the DCT wins. It wins where Haar needs many numbers: oblique
# edges and texture.

# %%
rows, cols = np.indices((96, 96))
trials = {"edge at 40 degrees": SlantedEdge(contrast=8 * 0.05, angle=40).image()}
for angle in (0, 20, 45):
    along = cols * np.cos(np.radians(angle)) + rows * np.sin(np.radians(angle))
    trials[f"stripes at {angle} degrees"] = 0.5 + 0.1 * np.cos(2 * np.pi * along / 5)
for name, pattern in trials.items():
    errors = []
    for one in (LocalDCT(), pair["all shifts"]):
        rng = np.random.default_rng(0)
        draws = (pattern + 0.05 * rng.standard_normal(pattern.shape) for _ in range(8))
        errors.append(np.mean([(one(y, 0.05) - pattern) ** 2 for y in draws]) / 0.05**2)
    print(f"{name:22}: error of DCT {errors[0]:.3f} σ², of Haar over all shifts {errors[1]:.3f} σ²")
    assert errors[0] < (0.9 if "edge" in name else 0.5) * errors[1]

# %% [markdown]
# ## See
#
# First without a kernel: an edge of contrast $6\,\sigma$, and one of $2\,\sigma$, in the same
# noise, on Haar's grid. Both stand 5 px right of a border of blocks, where they are worth 1, 1, 3 and
# 5 times their contrast. Orange coefficients are kept, blue ones are deleted ($T = 3\,\sigma$,
# hard).

# %%
def cut_and_shrink(ratio, threshold=3.0):
    """Noisy piece around the edge, its coefficients, the estimate, and sigma."""
    scene = Scene("vertical edge", ratio)
    image = scene.noisy[64:192, 32:160].astype(float)
    coarse, *bands = pywt.wavedec2(image, "haar", "periodization", 4)
    limit = threshold * scene.sigma
    shrunk = [coarse, *(tuple(hard(one, limit) for one in three) for three in bands)]
    return image, [coarse, *bands], pywt.waverec2(shrunk, "haar", "periodization"), scene.sigma


# %%
figure, axes = new_figure(4, 2, width=13, height=6.6, alt="Two rows, for an edge of contrast 6 "
    "sigma and one of 2 sigma: the noisy picture, its coefficient plane, the estimate, and what was "
    "taken away. The strong edge is an orange line in the vertical band of each level and stays "
    "sharp. The weak one is orange on the two coarsest levels, and blue with a few orange dashes on "
    "the two finest: its estimate is ragged, and the edge is visible in what was taken away.")
for row, ratio in zip(axes, (6, 2), strict=True):
    image, coefficients, estimate, level = cut_and_shrink(ratio)
    draw_image(row[0], image, f"contrast {ratio} σ: noisy", 0.25, 0.75)
    row[1].imshow(coefficient_plane(coefficients, 3 * level, level), interpolation="nearest")
    row[1].set_title("orange kept, blue deleted", fontsize=10)
    row[1].set(xticks=[], yticks=[])
    draw_image(row[2], estimate, "estimate", 0.25, 0.75)
    draw_image(row[3], image - estimate, "taken away", -3 * level, 3 * level)
figure

# %% [markdown]
# The weak edge's fine coefficients are as blue as the noise; its coarse ones survive. On the **wavelet
# bench**:
#
# 1. Pull *contrast / σ* from 8 to 1. At which contrast is half of the orange column in the finest
#    vertical band blue? How wide is the edge?
# 2. At contrast 2, step *edge moved by* (arrow keys, quarters of a pixel) from 0 to 8 px. At which
#    whole pixels does the edge stay sharp, and why there?
# 3. Back at 5 px, take *all shifts*. What happens to the ragged edge, and to its width?
# 4. Take `db4` at contrast 6: look at the waves in the profile.
# 5. Choose *soft* and the camera man. Find the bottom of the error curve.

# %%
worth = {place: np.abs(transform(Scene("vertical edge", 2.0, place).clean, HAAR, 4)[1][-1][1]).max()
         for place in range(9)}
print("finest coefficient at 0 to 8 px:", *(f"{one / 0.05:.0f}" for one in worth.values()), "σ")
bench = wavelet_bench(picture="vertical edge", wavelet="haar", mode="hard", threshold=3.0)
bench

# %% [markdown]
# The dot is the error of the estimate shown, the curves are what to expect on one grid. SURE is drawn
# for *soft* only: integration by parts needs a rule without jumps.
#
# ## Measure
#
# Each row of the transform has length 1, so all coefficients' noise has the same $\sigma$. That tells
# the *mean* estimate **without drawing any noise**: replace every clean coefficient $\theta$ by its mean
# after thresholding, $m(\theta)$, and transform back. For hard thresholding (integrate
# $(\theta + n)\,\varphi$ over all $n$ that survive)
#
# $$m(\theta) = \theta\,\kappa(\theta) + \sigma\,\varphi\Big(\frac{\theta - T}{\sigma}\Big)
#   - \sigma\,\varphi\Big(\frac{\theta + T}{\sigma}\Big), \qquad
#   \mathrm E[\hat x] = \frac1K\sum_k S_{-k} W^{\top} m(W S_k\,x).$$
#
# $\kappa$ is the chance to survive. The edge against that of draws:

# %%
def expected_estimate(clean, threshold, sigma):
    """Mean of Haar hard thresholding over all noise and all shifts; mirrored border."""
    height, width = clean.shape
    mirrored = np.pad(clean, ((0, height), (0, width)), mode="symmetric")  # now it is periodic
    mean = all_shifts(mirrored, lambda d: shrunk_mean(d, threshold, sigma, "hard"), 4)
    return mean[:height, :width]


# %%
ratios, predicted, measured, scatter = (12, 8, 6, 4, 3, 2, 1), [], [], []
for ratio in ratios:
    edge = SlantedEdge(contrast=ratio * 0.05)
    expected = expected_estimate(edge.image(), 3 * 0.05, 0.05)
    drawn = edge_estimates(UndecimatedHaar(4, 3.0, falloff=1.0), edge, 0.05, draws=300, seed=0)
    predicted.append(rise_width(edge_spread(expected, edge)))
    measured.append(rise_width(edge_spread(drawn.mean(axis=0), edge)))
    errors = (drawn.mean(axis=0) - expected) / (drawn.std(axis=0) / np.sqrt(300))
    scatter.append(np.sqrt(np.mean(errors**2)))  # in standard errors of each pixel: 1 is chance
    print(f"contrast/sigma {ratio:2}: predicted {predicted[-1]:.2f}, measured {measured[-1]:.2f} px; "
          f"pixels are off by {scatter[-1]:.2f} standard errors")
# Six seeds: 0.965 to 1.016 standard errors; widths within 2 %, at 3 within 9 %: there the 90 %
# level lies on a flat shoulder of the profile.
np.testing.assert_allclose(scatter, 1, atol=0.1)
assert np.all(np.abs(np.array(measured) / predicted - 1) < [0.04] * 4 + [0.15] + [0.04] * 2)

# %% [markdown]
# The predicted edge, pixel by pixel, is the mean of the draws up to chance. At contrast/$\sigma$ = 8 it
# is *narrower* than the clean edge (0.84 px): where the edge cuts a pixel a little, the small
# coefficient is deleted, and the pixel snaps to the nearer side. With more light that goes away. Now
# beside others:

# %%
clean_edge = SlantedEdge()
clean_width = rise_width(edge_spread(clean_edge.image(), clean_edge))
for ratio in (8, 24, 100):
    edge = SlantedEdge(contrast=ratio * 0.05)
    width = rise_width(edge_spread(expected_estimate(edge.image(), 3 * 0.05, 0.05), edge))
    print(f"contrast/sigma {ratio}: {width:.3f} px (clean edge {clean_width:.3f} px)")
    assert width < clean_width and (ratio < 100 or clean_width - width < 0.005)
for level in (1, 2, 3, 4):
    kept = shrunk_mean(2.0 ** (level - 1), 3.0, 1.0, "hard") / 2 ** (level - 1)
    print(f"contrast/sigma 1, level {level}, best place: {kept:.0%} of the coefficient is left on average")

# %%
others = {"db2, BayesShrink": WaveletShrink(), "local DCT": LocalDCT(), "Gaussian 1.5": Gaussian(1.5)}
few = (8, 4, 2, 1)
curves = {name: list(blur_curve(one, ratios=few)) for name, one in others.items()}
widths = {name: [point.width for point in points] for name, points in curves.items()}
haar = [predicted[ratios.index(ratio)] for ratio in few]
print("contrast/sigma 8, 4, 2, 1: Haar, all shifts", np.round(haar, 2), "local DCT",
      np.round(widths["local DCT"], 2), "px")
assert max(widths["Gaussian 1.5"]) - min(widths["Gaussian 1.5"]) < 0.4
# Six seeds: DCT 0.99 to 1.00, 1.48 to 1.59, 2.30 to 2.54, 3.91 to 4.48 px.
dct = widths["local DCT"]
assert dct[0] > 1.25 * haar[0] and dct[1] > 1.4 * haar[1]  # wider where the edge is strong
assert abs(dct[2] / haar[2] - 1) < 0.15 and dct[3] < 0.92 * haar[3]  # narrower only at 1

# %%
lines = [Line("Haar, all shifts, T = 3 σ: measured", ratios, measured, "points"),
         Line("the same, predicted without noise", ratios, predicted)]
lines += [Line(name, few, found, "both") for name, found in widths.items()]
figure, axes = new_figure(width=9, height=4.2, alt="10-90 per cent width against contrast over "
    "sigma. The prediction for Haar over all shifts runs through the measured points, from 0.7 px "
    "at 8 to 5 px at 1. Local DCT is wider than Haar at 8 and 4, alike at 2 and narrower at 1; db2 "
    "with BayesShrink is the widest of the three; the Gaussian is flat.")
draw_lines(axes[0, 0], lines, x_label="contrast / σ", y_label="10-90 % width [px]", log_x=True,
           title="blur against contrast")
axes[0, 0].set_xticks(ratios, [str(ratio) for ratio in ratios])
axes[0, 0].minorticks_off()
figure

# %% [markdown]
# The whole blur curve, from one closed form. Strong edges keep their pixel; at contrast/$\sigma$ = 1
# the finest level is as good as gone, and of the second 28 % are left at the best place. The DCT is
# wider than Haar on strong edges, and narrower on the weakest. (With a threshold that falls from level
# to level, Haar is narrower there, too: see the scoreboard.) Why is BayesShrink so wide? It is *soft*: what survives is moved by $T$ as well. And db2
# is a longer filter. One thing at a time:

# %%
variants = {"db2, soft": WaveletShrink(), "db2, hard": WaveletShrink(mode="hard"),
            "haar, hard": WaveletShrink("haar", mode="hard")}
found = {name: [point.width for point in blur_curve(one, ratios=few)] for name, one in variants.items()}
left = {name: residual_noise(one) for name, one in variants.items()}
for name, values in found.items():
    print(f"BayesShrink, {name:10}: {np.round(values, 2)} px at 8, 4, 2, 1; noise left {left[name]:.3f} σ")
start, middle, end = (np.array(values) for values in found.values())
share = (start - middle) / (start - end)  # 1 is all of the way from db2, soft to haar, hard
print("share of the way that hard thresholding explains:", share.round(2))
assert share[0] > 0.9 and 0.2 < share[1] < 0.5 and share[2] > 0.75  # and for five other seeds
assert left["db2, hard"] > 1.5 * left["db2, soft"]

# %% [markdown]
# At 8 and 2 softness explains nearly all of it. At 4 it is a third; the rest is the longer filter.
# And *hard* is not free: with the same thresholds it leaves over half as much noise again.
#
# **The noise that is left** has a closed form too: the variance of a thresholded coefficient at
# $\theta = 0$. For hard thresholding and $\sigma = 1$ that is $2\int_T^\infty n^2\varphi\,\mathrm dn$, by
# parts $2\,(T\varphi(T) + \Phi(-T))$. One coefficient in 256, the approximation, is never shrunk.

# %%
price = {}
for T in (2.0, 2.5, 3.0, 3.5):
    left = 2 * (T * density(T) + ndtr(-T))
    np.testing.assert_allclose(left, shrunk_variance(0.0, T, 1.0, "hard"))
    law = np.sqrt((255 * left + 1) / 256)
    one_grid = residual_noise(WaveletShrink("haar", 4, "fixed", "hard", T))
    everywhere = residual_noise(UndecimatedHaar(4, T, falloff=1.0))
    weak = SlantedEdge(contrast=2 * 0.05)
    width = rise_width(edge_spread(expected_estimate(weak.image(), T * 0.05, 0.05), weak))
    price[T] = (width, law, one_grid, everywhere)
    print(f"T = {T} σ: width at contrast/sigma 2 {width:.2f} px; noise left on one grid: law "
          f"{law:.3f}, measured {one_grid:.3f} σ; all shifts {everywhere:.3f} σ")
    # 96 x 96 x 4 coefficients; those that survive are few and large: 6 % at T = 3.5.
    assert abs(one_grid / law - 1) < 0.06
assert price[2.0][0] < 0.5 * price[3.0][0] and price[2.0][3] > 3 * price[3.0][3]

# %% [markdown]
# ## Why this edge blurred
#
# | aspect | wavelet threshold: **mis-deciding** |
# |---|---|
# | what happens | noise decides which of the edge's coefficients are deleted, and the finest are the smallest |
# | equation | $\mathrm E[\hat x] = \frac1K\sum_k S_{-k} W^{\top} m(W S_k x)$, with $m(\theta) \approx 0$ for $\theta \ll T$ |
# | depends on | contrast / $\sigma$, $T/\sigma$, and where the edge falls on the grid |
# | one grid | each estimate is sharp; the edge **jitters** |
# | all shifts | each estimate is **blurred** |
# | not the cause | mixing: at contrast/$\sigma$ = 8 the edge is no wider than the clean one |
#
# **The number.** Haar over all shifts with $T = 3\,\sigma$: 0.74 px at contrast/$\sigma$ = 8, about
# 2.5 px at 2 and 5 px at 1, predicted without noise.

# %%
print(f"T = 3 σ: {price[3.0][0]:.2f} px at contrast/sigma 2 and {price[3.0][3]:.3f} σ of noise; "
      f"T = 2 σ: {price[2.0][0]:.2f} px and {price[2.0][3]:.3f} σ")
assert abs(predicted[1] - 0.74) < 0.02 and abs(predicted[5] - 2.5) < 0.1
assert abs(predicted[6] - 5.2) < 0.2 and predicted[1] < clean_width

# %% [markdown]
# **The price.** A threshold of $2\,\sigma$ makes the weak edge half as wide, and leaves more than
# three times the noise in flat parts. Another language (DCT) is better for oblique edges and texture,
# and leaves strong upright edges wider. More light helps every edge: it raises contrast/$\sigma$.

# %% [markdown]
# Now go back to what you wrote under **Predict**. Which number on this page answers each of the
# four questions, and which of your answers would you change?

# %% [markdown]
# ## Exercises
#
# **Exercise 1: back to the picture.** `haar_image` turned each block of four pixels into four
# numbers. Go the other way, by hand (without `inverse`): from four bands of `(H, W)` to the picture of
# `(2 H, 2 W)`.

# %% tags=["exercise"]
def haar_picture(approximation, horizontal, vertical, diagonal):
    """The picture (2 H, 2 W) whose four Haar bands, each (H, W), these are."""
    raise NotImplementedError

# %% tags=["check"]
check.check_haar_picture(haar_picture)

# %% tags=["solution"]
def haar_picture(approximation, horizontal, vertical, diagonal):
    """The picture (2 H, 2 W) whose four Haar bands, each (H, W), these are."""
    height, width = approximation.shape
    picture = np.empty((2 * height, 2 * width))
    for row, down in ((0, 1), (1, -1)):
        for col, across in ((0, 1), (1, -1)):
            details = down * horizontal + across * vertical + down * across * diagonal
            picture[row::2, col::2] = (approximation + details) / 2
    return picture

# %% [markdown]
# **Exercise 2: will it survive?** A vertical edge stands `place` px right of the left border of a
# block of $2^j$ x $2^j$ pixels, `place` from 0 to $2^j$. Return the probability that white noise of
# `sigma` leaves its vertical coefficient of level $j$ above a hard threshold, that is with
# $|y| > T$. (That coefficient is the sum of the left half of the block, minus the right half,
# over $2^j$. `ndtr` is $\Phi$.)

# %% tags=["exercise"]
def chance_to_survive(contrast, place, level, threshold, sigma):
    """Probability, 0 to 1."""
    raise NotImplementedError

# %% tags=["check"]
check.check_chance(chance_to_survive)

# %% tags=["solution"]
def chance_to_survive(contrast, place, level, threshold, sigma):
    """Probability, 0 to 1."""
    # Left of the middle, the left half has `place` dark columns more than the right; then fewer.
    clean = contrast * min(place, 2**level - place)
    return float(ndtr((clean - threshold) / sigma) + ndtr((-clean - threshold) / sigma))

# %% [markdown]
# **Exercise 3: one ratio for many bands.** The noise of a developed photo is coloured (lesson 01):
# each band has a $\sigma$ of its own. `bands` is a list of arrays of noisy coefficients, `sigmas` the
# list of their noise levels. One ratio $t$ shall set all thresholds, $T = t\,\sigma$ with each band's own
# $\sigma$. Return the $t$ with which SURE says the least squared error over *all coefficients of all
# bands* together, soft thresholding. Being off by 1 % of the noise power is fine, so a search over a
# grid will do. How fine must it be, and how far must it go?

# %% tags=["exercise"]
def best_ratio(bands, sigmas):
    """Ratio threshold / sigma with the least total SURE."""
    raise NotImplementedError

# %% tags=["check"]
check.check_best_ratio(best_ratio)

# %% tags=["solution"]
def best_ratio(bands, sigmas):
    """Ratio threshold / sigma with the least total SURE."""

    def total(ratio):
        pairs = zip(bands, sigmas, strict=True)
        return sum(band.size * sure_by_hand(band, ratio * s, s) for band, s in pairs)

    return float(min(np.arange(0, 4, 0.05), key=total))

# %% [markdown]
# **Exercise 4: where the grid decides.** `shifts` is a list of pairs (rows, columns). For each, shift the
# noisy picture down and to the right (`np.roll`: what leaves comes in again), denoise it with
# `denoiser(noisy, sigma)`, and shift back. Return two pictures: the mean over the shifts, and
# the *standard deviation* over the shifts, pixel by pixel.

# %% tags=["exercise"]
def spin(denoiser, noisy, sigma, shifts):
    """(mean, standard deviation) of the estimates over a list of shifts."""
    raise NotImplementedError

# %% tags=["check"]
check.check_spin(spin)

# %% tags=["solution"]
def spin(denoiser, noisy, sigma, shifts):
    """(mean, standard deviation) of the estimates over a list of shifts."""
    estimates = []
    for down, right in shifts:
        estimate = denoiser(np.roll(noisy, (down, right), (0, 1)), sigma)
        estimates.append(np.roll(estimate, (-down, -right), (0, 1)))
    return np.mean(estimates, axis=0), np.std(estimates, axis=0)

# %% [markdown]
# How few shifts are enough? All 256, or 16 of them along a diagonal; and where do they disagree?

# %%
try:
    few_shifts = [(5 * k % 16, k) for k in range(16)]
    mean, spread = spin(grid, noisy_picture, sigma, few_shifts)
    print(f"16 shifts of 256: {psnr(clean, mean):.2f} dB; one: {gains['one grid']:.2f} dB; "
          f"all: {gains['all 16 x 16 shifts']:.2f} dB")
    shown = image_row({"mean of 16 shifts": mean, "their spread, white is σ": spread / sigma},
                      alt="The mean of 16 shifts; and their spread: dark in flat parts but for "
                      "specks of noise, bright along every outline.")
except NotImplementedError:
    shown = "Solve exercise 4 first; then this cell shows where the grid decides."
shown

# %% [markdown]
# **Exercise 5: what your photo loses.** Return the picture of all that a hard threshold *deletes*
# from a grey image: transform it with three levels of Haar, keep only the details whose size is at
# most `ratio * sigma`, set everything else to zero, and transform back. Cut an image whose sides 8
# does not divide, at the bottom and at the right.
#
# `transform(image, HAAR, 3)` returns the approximation and a list of `(horizontal, vertical,
# diagonal)`; `inverse(approximation, bands, HAAR)` goes back.

# %% tags=["exercise"]
def deleted_part(image, sigma, ratio):
    """What a hard threshold of ratio * sigma deletes, as a picture."""
    raise NotImplementedError

# %% tags=["check"]
check.check_deleted_part(deleted_part)

# %% tags=["solution"]
def deleted_part(image, sigma, ratio):
    """What a hard threshold of ratio * sigma deletes, as a picture."""
    rows, cols = (side // 8 * 8 for side in image.shape)
    coarse, bands = transform(image[:rows, :cols], HAAR, 3)
    small = [
        tuple(np.where(np.abs(one) <= ratio * sigma, one, 0) for one in three) for three in bands
    ]
    return inverse(np.zeros_like(coarse), small, HAAR)

# %% [markdown]
# Now use it. Without a photo of yours, the cell takes the course's night street as a camera saw
# it. The noise level is estimated as in lesson 01. `CORNER` is the (row, col) of the piece that is
# shown.

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg"
CORNER = (60, 150)

photo = luminance(photographed_street() if PHOTO is None else read_photo(PHOTO).display)
photo = photo[CORNER[0]:CORNER[0] + 216, CORNER[1]:CORNER[1] + 296].astype(float)
level = estimate_sigma(photo)
try:
    gone = {f"deleted at {ratio} σ (grey is 0)": deleted_part(photo, level, ratio)
            for ratio in (3, 8)}
    gone = {title: 0.5 + one / (6 * one.std()) for title, one in gone.items()}
    shown = image_row({"photo": photo, **gone}, alt="A piece of your photo, and what a Haar "
                      "threshold deletes of it at 3 sigma and at 8 sigma.")
except NotImplementedError:
    shown = "Solve exercise 5 first; then this cell shows what your photo loses."
shown

# %% [markdown]
# In the street, at $3\,\sigma$ the deleted part looks like noise; at $8\,\sigma$ window frames and
# the roof show. (The noise of a developed photo is coloured, as lesson 01 showed: its coarse
# coefficients hold more than the $\sigma$ of the finest ones. A $3\,\sigma$ threshold leaves it as
# blotches.) Which outlines of *your* photo are in the deleted part, how strong are those edges,
# and which cause of lesson 02 took them? *My answer:*

# %% [markdown]
# ## Scoreboard
#
# One row per denoiser, best PSNR first; four of them are old friends. (Widths are means of 16 draws here,
# of 24 and 300 draws above: they differ by some percent.)

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


board = Scoreboard((score(noisy_itself, clean, sigma=sigma, name="noisy itself"),))
for one in (
    Gaussian(1.5), Median(2), LocalWiener(), WaveletShrink(), CycleSpin(WaveletShrink(), 4),
    UndecimatedHaar(), LocalDCT(),
):
    board = board.add(score(one, clean, sigma=sigma))
board

# %%
by_name = {row.name.split("(")[0]: row for row in board.rows}
best, haar_row, plain = by_name["LocalDCT"], by_name["UndecimatedHaar"], by_name["WaveletShrink"]
spun_row = by_name["CycleSpin"]
print(f"PSNR: local DCT {best.psnr:.2f}, Haar over all shifts {haar_row.psnr:.2f}, local Wiener "
      f"{by_name['LocalWiener'].psnr:.2f}; db2 on one grid {plain.psnr:.2f}, over 16 shifts {spun_row.psnr:.2f} dB")
assert board.rows[0] is best and best.psnr > by_name["LocalWiener"].psnr + 1
assert spun_row.psnr > plain.psnr + 1  # the same denoiser: only the average over shifts is new
assert haar_row.width_8 < best.width_8 and haar_row.width_1 < best.width_1
assert min(haar_row.width_1, best.width_1) > 3.5  # and nobody keeps the weak edge

# %% [markdown]
# ## What it cannot do
#
# A threshold looks at *one* number and decides. On level $j$ an edge is worth at most $2^{j-1}c$. A
# lower threshold keeps more of it, and more noise with it. But where that number is no larger than
# the noise, $2^{j-1}c < \sigma$, no threshold can tell one from the other reliably: what is not in the
# number cannot be decided from it.

# %%
for size in (0.5, 1.0, 2.5, 4.0):  # edge coefficient / sigma
    passes = {T: (float(survival(size, T, 1.0)), float(survival(0.0, T, 1.0))) for T in (1.0, 2.0, 3.0)}
    print(f"edge of {size} σ:", *(f"T = {T:.0f} σ keeps {edge:.0%} of edges, {noise:.1%} of noises;"
                                  for T, (edge, noise) in passes.items()))

# %% [markdown]
# But a picture says most things more than once. The same edge runs on for a hundred pixels, the
# same window appears ten times in the house. All those places have the *same* $\theta$ under
# *other* noise. If a denoiser could find them, it could decide from their mean. Lesson 05 looks for
# more of the same: non-local means and BM3D, which is the local DCT of this lesson, on stacks of
# alike patches.

# %% [markdown]
# ## References
#
# - S. Mallat, *A theory for multiresolution signal decomposition: the wavelet representation*,
#   1989, doi [10.1109/34.192463](https://doi.org/10.1109/34.192463).
# - I. Daubechies, *Orthonormal bases of compactly supported wavelets*, 1988, doi
#   [10.1002/cpa.3160410705](https://doi.org/10.1002/cpa.3160410705).
# - D. L. Donoho, I. M. Johnstone, *Ideal spatial adaptation by wavelet shrinkage*, 1994, doi
#   [10.1093/biomet/81.3.425](https://doi.org/10.1093/biomet/81.3.425): the universal threshold.
# - C. M. Stein, *Estimation of the mean of a multivariate normal distribution*, 1981, doi
#   [10.1214/aos/1176345632](https://doi.org/10.1214/aos/1176345632).
# - D. L. Donoho, I. M. Johnstone, *Adapting to unknown smoothness via wavelet shrinkage*, 1995,
#   doi [10.1080/01621459.1995.10476626](https://doi.org/10.1080/01621459.1995.10476626): SureShrink.
# - S. G. Chang, B. Yu, M. Vetterli, *Adaptive wavelet thresholding for image denoising and
#   compression*, 2000, doi [10.1109/83.862633](https://doi.org/10.1109/83.862633): BayesShrink.
# - R. R. Coifman, D. L. Donoho, *Translation-invariant de-noising*, 1995, doi
#   [10.1007/978-1-4612-2544-7_9](https://doi.org/10.1007/978-1-4612-2544-7_9): cycle spinning.
# - G. Yu, G. Sapiro, *DCT image denoising: a simple and effective image denoising algorithm*,
#   2011, doi [10.5201/ipol.2011.ys-dct](https://doi.org/10.5201/ipol.2011.ys-dct).
# - scikit-image, *Wavelet denoising*, an example of its gallery:
#   <https://scikit-image.org/docs/stable/auto_examples/filters/plot_denoise_wavelet.html>.
