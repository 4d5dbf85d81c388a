# %% [markdown]
# # 03 Classical filters: mixing and mis-deciding
#
# **The question:** nine filters from sixty years, and each one blurs some edges. Which of them
# cannot see an edge, which look for it and are fooled, and what does each pay for keeping it?
#
# **You will**
#
# 1. derive how wide an average should be, and measure it (exercise 1),
# 2. read off which frequencies a Wiener filter keeps (exercise 2),
# 3. take a filter's weights from another picture (exercise 3),
# 4. choose a filter's strength *without* a clean image (exercise 4),
# 5. clean colour and brightness of your own photo apart (exercise 5).
#
# **Time:** 120 minutes; a good place for a pause is after the median. **Needs:** lesson 02 (edge
# width, bias² and variance, equivalent kernel); numpy; derivatives and the normal distribution.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. The noise gets 8 times the variance. By what factor should a Gaussian average get wider, to
#    keep the error least? *My answer:*
# 2. A bilateral filter averages only pixels that are near *and* look alike. At contrast/$\sigma$ = 1,
#    is an edge narrower after it than after a plain Gaussian of the same reach? And which of the two
#    leaves more noise? *My answer:*
# 3. Total variation leaves a straight edge just where it is. What does it take from a small disc
#    instead? *My answer:*

# %%
import numpy as np
from scipy import fft
from scipy.special import ndtr

from lessons_lib.classroom import lesson_03 as check
from lessons_lib.denoisers import (
    Bilateral,
    Box,
    Calibrated,
    Gaussian,
    Guided,
    LocalWiener,
    LuminanceChroma,
    Median,
    PerChannel,
    PeronaMalik,
    Stabilised,
    TotalVariation,
    bilateral,
    bilateral_weights,
    box,
    chambolle,
    fourier_wiener,
    gaussian,
    guided,
    guided_weights,
    perona_malik,
    total_variation,
)
from lessons_lib.denoisers.calibration import (
    best,
    gap,
    risk_j_invariant,
    risk_oracle,
    risk_second_shot,
    risk_sure,
)
from lessons_lib.denoisers.colour import OPPONENT, from_opponent, to_opponent
from lessons_lib.denoisers.fourier_wiener import frequencies, ring_power
from lessons_lib.denoisers.rules import rule
from lessons_lib.diagnosis.blur_curve import blur_curve
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.diagnosis.errors import method_noise
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import gather
from lessons_lib.diagnosis.mixing import best_width, edge_bias, noise_variance
from lessons_lib.diagnosis.scoreboard import Scoreboard, residual_noise, score
from lessons_lib.display.disc_bench import contrast_left, disc_bench, four_discs
from lessons_lib.display.figures import (
    Line,
    draw_image,
    draw_lines,
    draw_signed,
    image_row,
    line_plot,
    new_figure,
)
from lessons_lib.display.law_bench import law_bench, stripes
from lessons_lib.display.subjects import clean_street, photographed_street
from lessons_lib.display.weight_bench import weight_bench
from lessons_lib.display.widgets import blur_microscope
from lessons_lib.image import luminance
from lessons_lib.scenes.camera import demosaic, mosaic
from lessons_lib.scenes.noise import add_gaussian, add_poisson, add_salt_and_pepper
from lessons_lib.scenes.phantoms import SlantedEdge, disc
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture

# %% [markdown]
# # Part 1: filters that mix
#
# ## Box and Gaussian
#
# The oldest denoiser is an average. The **box** gives all $n$ pixels of a square window the same
# weight $1/n$; the **Gaussian** gives a pixel at distance $d$ a weight in proportion to
# $e^{-d^2/(2s^2)}$, where $s$ is its *width*. White noise of standard deviation $\sigma$ (each pixel
# on its own) averages out. With weights $w$ that sum to 1, what is left has the variance
#
# $$\sigma^2 \sum w^2 .$$
#
# For the box that is $\sigma^2/n$. For the Gaussian the sum is close to
# $\int\!\!\int \big(\tfrac{1}{2\pi s^2} e^{-d^2/2s^2}\big)^2 = \frac{1}{4\pi s^2}$.

# %%
pulse = np.zeros((41, 41))
pulse[20, 20] = 1  # the answer to one bright pixel is the list of weights

rows, cols = np.indices((41, 41)) - 20
weights = np.exp(-(rows**2 + cols**2) / (2 * 1.5**2))
weights /= weights.sum()
# The library cuts the Gaussian off at 4 s, where its weights are below 4e-4 of the largest.
np.testing.assert_allclose(weights, gaussian(pulse, 1.5), atol=1e-4)
np.testing.assert_allclose(box(pulse, 2), (np.abs(rows) <= 2) * (np.abs(cols) <= 2) / 25, atol=1e-12)

for name, denoiser, law in (
    ("box, radius 2", Box(2), 1 / 25), ("Gaussian, width 1.5", Gaussian(1.5), 1 / (4 * np.pi * 1.5**2)),
):
    left = residual_noise(denoiser)
    print(f"{name}: noise left {left:.3f} sigma, predicted {np.sqrt(law):.3f}")
    # 37,000 pixels, of which about 1 / law are one: known to 2 %; three of those.
    assert abs(left / np.sqrt(law) - 1) < 0.06

# %% [markdown]
# **What it costs.** Pixels of both sides of an edge get mixed, whatever the edge's contrast $c$.
# A step blurred by a Gaussian becomes $c\,\Phi(d/s)$, with $\Phi$ the normal distribution function
# and $d$ the distance from the edge. So at distance $d$ the estimate is wrong by $c\,\Phi(-|d|/s)$.
# Squared and summed across the edge (twice by parts, or by the code below):
#
# $$c^2 \int \Phi(-|d|/s)^2\,\mathrm dd = c^2 s \cdot \frac{\sqrt2 - 1}{\sqrt\pi} = 0.2337\,c^2 s .$$
#
# If a picture has one such edge every $L$ px, and $s$ is small against $L$, its mean bias² is
# $0.2337\,c^2 s / L$.

# %%
fine = np.linspace(-12, 12, 240_001)  # the integral as a sum of thin slices
integral = np.sum(ndtr(-np.abs(fine)) ** 2) * (fine[1] - fine[0])
print(f"integral {integral:.4f}, closed form {(np.sqrt(2) - 1) / np.sqrt(np.pi):.4f}")
assert abs(integral - 0.2337) < 1e-4

c, L, sigma = 0.5, 64, 0.2
clean_stripes = stripes(L, c)  # an edge between two pixels every 64 px
for s in (1.5, 2.0, 3.0):
    bias = np.mean((gaussian(clean_stripes, s) - clean_stripes) ** 2)
    print(f"s = {s} px: bias² measured {bias:.6f}, law {edge_bias(s, c, L):.6f}")
    # Samples at the pixels instead of an integral take 0.18 / s² off it.
    assert abs(bias / edge_bias(s, c, L) - (1 - 0.184 / s**2)) < 0.01

# %% [markdown]
# ## The cube-root law
#
# A wider average has less noise and more blur. The mean squared error is the sum of both,
#
# $$M(s) = \underbrace{0.2337\,\frac{c^2 s}{L}}_{\text{bias}^2} +
#   \underbrace{\frac{\sigma^2}{4\pi s^2}}_{\text{variance}} .$$
#
# Its derivative by $s$ is zero at
#
# $$s^{*} = \left(\frac{\sigma^2 L}{2\pi\cdot 0.2337\,c^2}\right)^{1/3} .$$
#
# The best width grows only with the *cube root* of the variance: 8 times the variance, twice the
# width. And it depends on $c$ and $L$: **a picture with strong edges and one with weak edges want
# different filters, and every picture has both.**

# %%
widths = np.arange(0.8, 5.01, 0.05)
bias = np.array([np.mean((gaussian(clean_stripes, s) - clean_stripes) ** 2) for s in widths])
noise = sigma * np.random.default_rng(0).standard_normal((6, 192, 192))
variance = np.array([np.mean([gaussian(one, s).var() for one in noise]) for s in widths])

measured, predicted = widths[np.argmin(bias + variance)], best_width(c, L, sigma)
by_hand = (sigma**2 * L / (2 * np.pi * 0.2337 * c**2)) ** (1 / 3)
print(f"best width: law {predicted:.2f} px, measured {measured:.2f} px")
assert abs(by_hand / predicted - 1) < 1e-3  # 0.2337 has four digits
# The sum is so flat at its minimum that 1 % of noise moves it by two or three steps of 0.05.
assert abs(measured / predicted - 1) < 0.1
assert abs(best_width(c, L, np.sqrt(8) * sigma) / predicted - 2) < 1e-9

# %%
figure, axes = new_figure(3, width=12, height=3.6, alt="Left: stripes in noise. Middle: the same "
    "averaged at the best width. Right: bias squared rises with the width, variance falls, and "
    "their sum is least near 1.9 px; measured dots lie on the lines of the law.")
noisy_stripes = clean_stripes + noise[0]
draw_image(axes[0, 0], noisy_stripes, "stripes, contrast/sigma = 2.5")
draw_image(axes[0, 1], gaussian(noisy_stripes, measured), f"averaged with s = {measured:.2f} px")
law = edge_bias(widths, c, L) + noise_variance(widths, sigma)
draw_lines(axes[0, 2], [
    Line("bias² + variance, measured", widths[::6], (bias + variance)[::6], "points"),
    Line("law", widths, law),
    Line("bias² (blur)", widths, edge_bias(widths, c, L)),
    Line("variance (noise)", widths, noise_variance(widths, sigma)),
], x_label="width s [px]", y_label="mean squared error", title=f"least at {predicted:.2f} px")
axes[0, 2].set_ylim(0, 0.006)
figure

# %% [markdown]
# Now with your own hand. Try this on the **law bench**:
#
# 1. Pull the width until the error is least. Is *bias²* then larger or smaller than the variance?
#    (Set the derivative to zero: bias² must be twice the variance.)
# 2. Halve the contrast. Where does the minimum go?
# 3. Bring the edges together, to one every 8 px, and raise the noise to 0.4. The best width is now a
#    good part of the distance between edges. How far apart are law and measurement?
#
# (The measured best width is always a little below the law: the pixel grid takes some of the bias
# off, 8 % at $s$ = 1.5 px, as the numbers above show.)

# %%
laws = law_bench(width=1.0)
at_best = edge_bias(predicted, c, L) / noise_variance(predicted, sigma)
print(f"at the best width: bias² / variance = {at_best:.2f}")
assert abs(at_best - 2) < 1e-9
laws

# %% [markdown]
# **What an average takes away looks like edges.** For a smooth picture $u$ and a narrow Gaussian
# $G_s$, a Taylor expansion gives
#
# $$u - G_s * u = -\frac{s^2}{2}\,\Delta u + \text{smaller terms},$$
#
# with the Laplacian $\Delta u$: the sum of the four neighbours minus four times the pixel. It is
# large where brightness bends, on both flanks of an edge.

# %%
def laplacian(u):
    padded = np.pad(u, 1, mode="symmetric")
    return padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2] - 4 * u


smooth = gaussian(picture("camera", 256), 3.0)
for s in (0.8, 1.0, 1.4):
    taken = method_noise(Gaussian(s), smooth, 0.1)
    missed = np.sqrt(np.mean((taken + s**2 / 2 * laplacian(smooth)) ** 2) / np.mean(taken**2))
    print(f"s = {s} px: the Laplacian explains all but {missed:.1%}")
    assert missed < 0.06 * s**2  # the next term has a factor s² more than the first

# %%
sharp_camera = picture("camera", 256)
taken = method_noise(Gaussian(1.0), sharp_camera, 0.1)
figure, axes = new_figure(2, width=9, height=4.2, alt="Method noise of a Gaussian and minus half "
    "the Laplacian of the blurred picture: the same outlines of the man and his camera.")
draw_signed(axes[0, 0], taken[40:200, 40:200], "u - G * u, s = 1 px", 0.2, scale=False)
draw_signed(axes[0, 1], -0.5 * laplacian(gaussian(sharp_camera, 0.7))[40:200, 40:200],
            "-(s²/2) Laplacian, after a slight blur", 0.2)
figure

# %% [markdown]
# Those outlines are the blur. A Gaussian takes away the curvature of the brightness, and along an
# edge the brightness curves on both flanks.
#
# ## Wiener: the best fixed average
#
# Which of all fixed, *round* averages is best? Look at the picture as a sum of waves. The **cosine
# transform** writes it as one (it is the Fourier transform of the picture mirrored at its borders).
# White noise has the same mean square $\sigma^2$ at every frequency. Call $P$ the picture's mean
# square, over a *ring* of waves of one frequency in all directions.
#
# Keep a share $g$ of a wave: what the picture loses is $(1-g)^2 P$, what stays of the noise is
# $g^2\sigma^2$. The sum is least for
#
# $$g = \frac{P}{P + \sigma^2},$$
#
# the **Wiener gain**. It is one half exactly where picture and noise are equally strong.

# %%
camera, sigma = picture("camera", 256), 25 / 255
noisy_camera = camera + sigma * np.random.default_rng(1).standard_normal(camera.shape)

power = ring_power(fft.dctn(camera, norm="ortho"))  # P: mean square over rings of one frequency
gain = power / (power + sigma**2)
gain[0, 0] = 1  # the mean brightness is kept
by_hand = fft.idctn(gain * fft.dctn(noisy_camera, norm="ortho"), norm="ortho")
np.testing.assert_allclose(by_hand, fourier_wiener(noisy_camera, sigma, power), atol=1e-12)

print(f"noisy {psnr(camera, noisy_camera):.2f} dB, Wiener {psnr(camera, by_hand):.2f} dB")
best_gauss = max(psnr(camera, gaussian(noisy_camera, s)) for s in np.arange(0.5, 2, 0.05))
every = fft.dctn(camera, norm="ortho") ** 2  # P of every single wave: nobody can know that
cheat = psnr(camera, fourier_wiener(noisy_camera, sigma, every))
print(f"the best of all Gaussians: {best_gauss:.2f} dB; told every single wave: {cheat:.2f} dB")
assert best_gauss < psnr(camera, by_hand) < best_gauss + 0.2 < cheat - 1

# %%
frequency = frequencies(camera.shape)
order = np.argsort(frequency.ravel())
f, p, g = (array.ravel()[order] for array in (frequency, power, gain))
noise_power = ring_power(fft.dctn(noisy_camera - camera, norm="ortho")).ravel()[order]  # measured
crossing = f[np.flatnonzero(p[1:] < noise_power[1:])[0] + 1]
half = f[np.flatnonzero(g[1:] < 0.5)[0] + 1]
print(f"picture falls below the noise at {crossing:.3f} cycles/px; the gain falls below 1/2 at {half:.3f}")
assert abs(crossing - half) <= 1 / 64  # the width of a ring

# %%
shown = slice(1, None, 97)
figure, axes = new_figure(2, alt="Left: the power of the picture falls steeply with frequency and "
    "crosses the constant power of the noise. Right: the Wiener gain falls from 1 to 0 and is one "
    "half at that crossing.")
draw_lines(axes[0, 0], [Line("picture P (a stair is a ring)", f[shown], p[shown]),
                        Line("noise, measured", f[shown], noise_power[shown])],
           x_label="frequency [cycles/px]", y_label="mean square", log_y=True, title="power")
draw_lines(axes[0, 1], [Line("P / (P + σ²)", f[shown], g[shown]), Line("one half", [0, 0.7], [0.5] * 2),
           Line("crossing", [crossing] * 2, [0, 1])], x_label="frequency [cycles/px]",
           y_label="gain", title="what the filter keeps")
figure

# %% [markdown]
# The best round average beats the best Gaussian by less than 0.2 dB: there is little more to be had
# from one kernel for the whole picture. (Told the power of every single wave the filter would be over
# 1 dB better. But that is nearly being told the picture.)
#
# An edge is made of high frequencies, and *in the mean over the picture* noise is stronger there. So
# they go, at every edge, strong or weak. Here is that one kernel, and two edges under the same gain.

# %%
pulse = np.zeros(camera.shape)
pulse[128, 128] = 1
kernel = fourier_wiener(pulse, sigma, power)[112:145, 112:145]

small_power = ring_power(fft.dctn(camera[80:176, 80:176], norm="ortho"))
fixed_widths = {}
for contrast in (0.6, 0.05):
    edge = SlantedEdge(contrast=contrast)
    blurred = fourier_wiener(edge.image(), sigma, small_power)
    fixed_widths[contrast] = rise_width(edge_spread(blurred, edge))
    print(f"edge of contrast {contrast}: 10-90 % width {fixed_widths[contrast]:.3f} px")
np.testing.assert_allclose(*fixed_widths.values(), rtol=1e-6)  # linear: the contrast cancels

# %%
figure, axes = new_figure(2, width=9, height=3.6, alt="Left: the Wiener kernel is a small round spot. "
    "Right: its cut beside a Gaussian of the same peak; both are bells.")
draw_signed(axes[0, 0], kernel[8:25, 8:25], "the Wiener filter is this one kernel", kernel.max())
away = np.arange(-8, 9)
same_peak = 1 / np.sqrt(2 * np.pi * kernel.max())
draw_lines(axes[0, 1], [
    Line("Wiener kernel", away, kernel[16, 8:25], "both"),
    Line(f"Gaussian, s = {same_peak:.2f} px", away, kernel.max() * np.exp(-away**2 / 2 / same_peak**2)),
], x_label="distance [px]", y_label="weight", title="cut through the middle")
figure

# %% [markdown]
# So **mixing** depends on the kernel alone. From here on, filters look before they average.
#
# (The library's `FourierWiener()` reads $P$ off the noisy picture: mean square of a ring minus
# $\sigma^2$. So it has one kernel for a picture, but another one for the next. Lesson 02's *local*
# Wiener filter runs the same formula in every window, with its variance minus $\sigma^2$ for $P$.)

# %% [markdown]
# # Part 2: filters that decide
#
# ## Median
#
# The median takes the middle one of a window's sorted values: the majority decides. Lesson 02 showed
# that it keeps a clean edge and blurs a noisy one. Its other price: a *corner* is in the minority in its
# own window, and so is a *line* thinner than half of it. No noise is needed.

# %%
square = np.full((48, 48), 0.2)
square[12:36, 12:36] = 0.8
for radius in (1, 2, 3):
    taken = (np.sum(square > 0.5) - np.sum(Median(radius)(square, 0.1) > 0.5)) / 4
    print(f"radius {radius}: {taken:.0f} px are gone from each corner")
    assert taken == {1: 1, 2: 3, 3: 5}[radius]

line = square.copy()
line[:, 2:4] = 0.8  # a line 2 px wide
assert Median(1)(line, 0.1)[24, 2] == 0.8 and Median(2)(line, 0.1)[24, 2] == 0.2
print("a line 2 px wide survives the radius 1 and is gone with radius 2")

speckled = add_salt_and_pepper(camera, 0.1, np.random.default_rng(0))
found = psnr(camera, Median(1)(speckled, 0.1))
average = max(psnr(camera, gaussian(speckled, s)) for s in np.arange(0.5, 3, 0.1))
print(f"10 % of the pixels hit: median 1 {found:.1f} dB, the best Gaussian {average:.1f} dB")
assert found > average + 5

# %%
edge_4 = SlantedEdge(contrast=0.2)
noisy_square = square + 0.1 * np.random.default_rng(2).standard_normal(square.shape)
image_row(
    {"clean": line, "median 2 of the clean": Median(2)(line, 0.1), "noisy": noisy_square,
     "median 2 of the noisy": Median(2)(noisy_square, 0.1),
     "salt and pepper": speckled[60:140, 90:170], "median 1 of that": Median(1)(speckled, 0.1)[60:140, 90:170]},
    alt="A square and a thin line: after the median the line is gone and the corners are round. A "
    "noisy square after the median has wavy sides. Salt and pepper noise is gone after a median.",
)

# %% [markdown]
# For pixels that are wrong altogether, as in the last two pictures, a majority is just what is needed:
# over 5 dB better than the best Gaussian average. For Gaussian noise it is worse than one (see the
# scoreboard).
#
# ## Bilateral: near and alike
#
# Tomasi and Manduchi let a neighbour $j$ of pixel $i$ weigh in only if it is near *and* its value is
# alike:
#
# $$\hat x_i = \sum_j w_{ij}\,y_j, \qquad w_{ij} \propto
#   e^{-d_{ij}^2/(2s^2)}\;e^{-(y_i-y_j)^2/(2h^2)}, \qquad \sum_j w_{ij} = 1,$$
#
# with the distance $d_{ij}$ in px, the space width $s$ and the **value width** $h$. The values $y$ are
# noisy: two pixels of the same brightness differ by $\sqrt2\,\sigma$ (root mean square). So $h$ must
# be a few $\sigma$.
# And an edge is seen only if $c$ is large against $h$.

# %%
def weights_at(y, spot, s, h):
    """Weights with which the pixel at `spot` averages, (H, W)."""
    rows, cols = np.indices(y.shape)
    squared = (rows - spot[0]) ** 2 + (cols - spot[1]) ** 2
    near = np.exp(-squared / (2 * s**2)) * (squared <= 4**2)  # a disc of radius 4
    alike = np.exp(-((y - y[spot]) ** 2) / (2 * h**2))
    return near * alike / np.sum(near * alike)


patch = edge_4.image() + 0.05 * np.random.default_rng(0).standard_normal((96, 96))
spot = (48, 46)  # 1.5 px to the dark side of the edge
w = weights_at(patch, spot, 1.5, 0.1)
np.testing.assert_allclose(w, bilateral_weights(patch, spot, 1.5, 0.1), atol=1e-15)
np.testing.assert_allclose(np.sum(w * patch), bilateral(patch, 1.5, 0.1)[spot], rtol=1e-12)

# %% [markdown]
# How much of the weight ends up on the wrong side? Take $s = 1.5$ px and $h = 2\sigma$, and the mean
# over 40 draws of the noise. A plain Gaussian of the same width is the yardstick: it never looks.

# %%
ratios, sigma = (8, 4, 2, 1), 0.05
across, single = {}, {}
for ratio in ratios:
    edge = SlantedEdge(contrast=ratio * sigma)
    rng, light = np.random.default_rng(0), edge.distance() > 0
    draws = [weights_at(edge.image() + sigma * rng.standard_normal((96, 96)), spot, 1.5, 2 * sigma)
             for _ in range(40)]
    across[ratio], single[ratio] = np.mean([one[light].sum() for one in draws]), draws[0]
blind = weights_at(np.zeros((96, 96)), spot, 1.5, 1.0)
print("weight across the edge at contrast/sigma:", {k: f"{v:.1%}" for k, v in across.items()})
print(f"a Gaussian that never looks: {blind[light].sum():.1%}")
assert across[8] < 0.01 and across[1] > 0.85 * blind[light].sum()

# %%
figure, axes = new_figure(5, width=13, height=2.9, alt="Averaging weights of a pixel beside an edge. "
    "At contrast/sigma 8 all weights lie on its own side, a half disc; at 4 a few are across; at 2 "
    "and 1 the weights are a ragged full disc, like that of the Gaussian.")
window = np.s_[40:57, 38:55]
for panel, (title, array) in zip(axes[0], [
    *((f"c/σ = {k}, one draw (mean of 40: {across[k]:.0%})", single[k]) for k in ratios),
    (f"Gaussian ({blind[light].sum():.0%})", blind),
], strict=True):
    draw_signed(panel, array[window], title, 0.08, scale=False)
    panel.plot(8 + 1.4 - np.tan(np.radians(5)) * np.array([-8, 8]), [0, 16], "k--", linewidth=1)
figure

# %% [markdown]
# At contrast/$\sigma$ = 1 the filter no longer sees the edge (dashed): its weights cross it nearly as
# the Gaussian's do. And it still wastes weights on telling noise from noise. So the edge is only
# about a seventh narrower, and there is *more* noise left:

# %%
blind_one, looking = Gaussian(1.5), Bilateral(space_width=1.5, value_ratio=2)
at_1 = {one: next(blur_curve(one, ratios=(1,), draws=150)).width for one in (blind_one, looking)}
left = {one: residual_noise(one) for one in (blind_one, looking)}
for one in (blind_one, looking):
    print(f"{one}: width {at_1[one]:.2f} px at contrast/sigma 1, noise left {left[one]:.2f} sigma")
# 150 draws know a width at 1 to 2 or 3 %.
assert 0.7 < at_1[looking] / at_1[blind_one] < 0.92
assert abs(left[looking] - 0.32) < 0.02 and abs(left[blind_one] - 0.19) < 0.02

# %% [markdown]
# ## Guided: a straight line in every window
#
# He, Sun and Tang ask for something else: in every window, the estimate shall be a straight line
# $a\,q + b$ of a **guide** $q$. For denoising the guide is the noisy picture itself, $q = y$. Least
# squares with a penalty $\epsilon a^2$ on the slope gives, from the window's mean $m$ and variance $v$,
#
# $$a = \frac{v}{v + \epsilon}, \qquad b = (1 - a)\,m .$$
#
# Each pixel lies in many windows, whose lines are averaged. Where $v \ll \epsilon$ the slope is 0 and
# the window is flat; where $v \gg \epsilon$ it is 1 and nothing changes. An edge through the middle
# adds $c^2/4$ to $v$: it counts if $c^2$ is large against $4\epsilon$.

# %%
def window_mean(image, radius=2):
    return box(image, radius)


epsilon = (1.5 * 0.05) ** 2  # the variance that still counts as flat
m = window_mean(patch)
v = window_mean(patch**2) - m**2
a = v / (v + epsilon)
b = (1 - a) * m
by_hand = window_mean(a) * patch + window_mean(b)
# Running sums and their differences: rounding only.
np.testing.assert_allclose(by_hand, guided(patch, patch, 2, epsilon), atol=1e-12)

for ratio in (12, 4, 1, 0):  # the noise, too, makes the window vary: v = c²/4 + sigma²
    variance = (ratio / 2) ** 2 + 1  # in units of sigma²
    print(f"contrast/sigma {ratio:2}: slope a = {variance / (variance + 1.5**2):.2f}")

# %% [markdown]
# The estimate is again a weighted mean of the window's pixels. But the weights depend on $y$ through
# $a$, $b$ and $m$, so the Jacobian's row is something else once more: see lesson 02, instrument 6.

# %%
w = guided_weights(patch, spot, 2, epsilon)
np.testing.assert_allclose(np.sum(w * patch), by_hand[spot], rtol=1e-12)
near = np.s_[36:61, 34:59]  # a crop that holds all that the pixel can see
row = gather(Guided(2, 1.5), patch[near], 0.05, (12, 12))
print(f"own pixel: weight {w[spot]:.2f}, sensitivity {row[12, 12]:.2f}; "
      f"smallest entries {w.min():.3f} and {row.min():.3f}")
assert row[12, 12] > 5 * w[spot] and w.min() < 0  # even the weights may be negative

figure, axes = new_figure(3, width=11, height=3.2, alt="Guided filter at a pixel beside an edge. The "
    "weights fill the near side of a 9 by 9 window. The Jacobian row is nearly all in the pixel "
    "itself. A Gaussian for comparison.")
draw_signed(axes[0, 0], w[near][4:21, 4:21], "averaging weights", 0.08, scale=False)
draw_signed(axes[0, 1], row[4:21, 4:21], "Jacobian row", 0.08, scale=False)
draw_signed(axes[0, 2], blind[near][4:21, 4:21], "Gaussian, width 1.5", 0.08)
figure

# %% [markdown]
# Now by click, on the **weight bench**. The read-out says how much of the averaging weight lies across
# the edge. (It may be negative: the guided filter's weights may.)
#
# 1. Pull *contrast / sigma* from 12 down to 1. Where does the bilateral filter's share pass 5 %?
#    Choose *Guided* and do it again. Which of the two is fooled first?
# 2. Which picture changes more from click to click, the weights or the Jacobian row?
# 3. Take the camera man, and click on the rim of his coat, then on the grass. The grass is texture: is
#    it averaged like a flat part, or like an edge?

# %%
weigher = weight_bench()
weigher

# %% [markdown]
# ## Perona and Malik: heat that stops at edges
#
# Let brightness flow like heat: in each step a pixel takes 0.2 of the difference $\delta$ to each of
# its four neighbours. That alone is a Gaussian in disguise. Along each axis a step moves a share of 0.2
# by one pixel to either side: it adds $2 \cdot 0.2 \cdot 1^2 = 0.4$ px² of variance. After $k$ steps the
# width is $\sqrt{0.4\,k}$. Perona and Malik multiply each flow by
#
# $$e^{-(\delta/K)^2},$$
#
# so that little flows over differences well above $K$.

# %%
def one_step(u, K):
    padded = np.pad(u, 1, mode="edge")  # nothing flows over the border
    for near in (padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2]):
        delta = near - padded[1:-1, 1:-1]
        u = u + 0.2 * np.exp(-((delta / K) ** 2)) * delta
    return u


np.testing.assert_allclose(one_step(patch, 0.15), perona_malik(patch, 0.15, 1), atol=1e-14)

# %%
pulse = np.zeros((41, 41))
pulse[20, 20] = 1
heat, bell = perona_malik(pulse, 1e9, 20), gaussian(pulse, np.sqrt(0.4 * 20))
print(f"20 steps with a huge K against a Gaussian of {np.sqrt(8):.2f} px: {np.abs(heat - bell).max() / bell.max():.1%}")
assert np.abs(heat - bell).max() < 0.03 * bell.max()  # 20 random steps are nearly normal

for ratio in (8, 4):
    edge = SlantedEdge(contrast=ratio * 0.05)
    clean_width = rise_width(edge_spread(perona_malik(edge.image(), 0.15, 10), edge))
    noisy_width = next(blur_curve(PeronaMalik(10, 3.0), ratios=(ratio,))).width
    print(f"contrast/sigma {ratio}: width {clean_width:.2f} px without noise, {noisy_width:.2f} px with")
    assert (clean_width < 1) == (ratio == 8) and abs(noisy_width - clean_width) < 0.2
edge = SlantedEdge(contrast=6 * 0.05)
more = [rise_width(edge_spread(perona_malik(edge.image(), 0.15, k), edge)) for k in (10, 20)]
print(f"contrast/sigma 6, no noise: {more[0]:.2f} px after 10 steps, {more[1]:.2f} px after 20")
assert more[0] < 1.2 and more[1] > 3 * more[0]

# %% [markdown]
# It is nearly a switch. With $K = 3\sigma$ and 10 steps an edge of $8\sigma$ stays as sharp as it was.
# One of $4\sigma$ is blurred nearly as by heat alone (10 steps of it make 5.2 px), *even without noise*:
# the filter was told that differences of that size are noise. More steps move the switch to stronger
# edges: one of $6\sigma$ is sharp after 10 steps and blurred after 20.

# %% [markdown]
# ## Total variation: the picture with the least up and down
#
# Rudin, Osher and Fatemi turned the question round. Of all pictures $u$ near the data $y$, take the one
# with the least **total variation**, the sum of all slopes:
#
# $$\min_u \;\; \tfrac12 \sum_i (u_i - y_i)^2 + \lambda \sum_i |\nabla u|_i ,$$
#
# with $|\nabla u|_i$ the length of the gradient at pixel $i$. A step costs its height, whether steep
# or gentle: blurring it saves nothing. Noise costs a lot.

# %%
def slopes(u):  # differences to the next row and the next column; 0 at the border
    return np.array([np.diff(u, axis=0, append=u[-1:]), np.diff(u, axis=1, append=u[:, -1:])])


step = np.where(np.arange(64) < 32, 0.2, 0.8) * np.ones((64, 1))
grainy = step + 0.1 * np.random.default_rng(0).standard_normal(step.shape)
cost = {name: np.hypot(*slopes(u)).sum() for name, u in
        {"a step": step, "the same, blurred": gaussian(step, 3), "the same, noisy": grainy}.items()}
print({name: f"{value:.1f}" for name, value in cost.items()})
np.testing.assert_allclose(cost["a step"], cost["the same, blurred"])  # 64 rows times 0.6
assert cost["the same, noisy"] > 10 * cost["a step"]

# %% [markdown]
# How to find the minimum? $\lambda|\nabla u|$ is the largest $p \cdot \nabla u$ of all arrows $p$ no
# longer than $\lambda$. So give every pixel an arrow, a *flow* of brightness. Summed by parts,
# $\sum p\cdot\nabla u = -\sum u\,\mathrm{div}\,p$. So for a given flow each pixel has a parabola in $u$,
# lowest at $u = y + \mathrm{div}\,p$: the data plus what flows in minus what flows out. What is left is
# to find the flow for which that lowest value is *largest*. The way up is $\nabla u$. Chambolle climbs:
# add a quarter of it to $p$ (larger steps than that may overshoot on a pixel grid), and cut arrows that
# got longer than $\lambda$.

# %%
def inflow(p):  # what flows in minus what flows out
    down, across = p
    return down - np.pad(down, ((1, 0), (0, 0)))[:-1] + across - np.pad(across, ((0, 0), (1, 0)))[:, :-1]


y, lam = disc(64, 14) + 0.1 * np.random.default_rng(1).standard_normal((64, 64)), 0.08
p = np.zeros((2, 64, 64))
for _ in range(100):
    p += slopes(y + inflow(p)) / 4
    p /= np.maximum(1, np.hypot(*p) / lam)
np.testing.assert_allclose(y + inflow(p), chambolle(y, lam, 100), atol=1e-12)

# %% [markdown]
# That is slow. The library's `total_variation` is the primal-dual method of Chambolle and Pock, with
# steps that change as it goes. Both must find the same picture, for there is only one minimum:

# %%
counts, exact = (10, 25, 50, 100, 200, 400), total_variation(y, lam, 4000)
slow, fast = (
    [np.sqrt(np.mean((solve(y, lam, count) - exact) ** 2)) for count in counts]
    for solve in (chambolle, total_variation)
)
print("error after 50 rounds: Chambolle", f"{slow[2]:.5f}, primal-dual {fast[2]:.6f}")
assert fast[2] < slow[2] / 2 and fast[-1] < 1e-5
assert np.sqrt(np.mean((chambolle(y, lam, 3000) - exact) ** 2)) < 1e-4  # it gets there, too
line_plot(
    [Line("Chambolle's projection", counts, slow, "both"), Line("primal-dual", counts, fast, "both")],
    x_label="rounds", y_label="distance to the minimum (RMS)", log_x=True, log_y=True,
    title="two ways to the same picture",
    alt="Distance to the minimum against rounds: the primal-dual method falls much faster.",
)

# %% [markdown]
# **A disc has a closed form.** Take a disc of radius $r$ px and contrast $c$ on a background of area
# $A - \pi r^2$. Lowering the disc by $\delta$ saves $\lambda\,2\pi r\,\delta$ (its rim) and costs
# $\frac12 \pi r^2 \delta^2$. The sum is least at
#
# $$\delta = \frac{2\lambda}{r},$$
#
# and what the disc loses the background gains: $2\pi r\lambda / (A - \pi r^2)$. The edge stays where
# it is. But the smaller the disc, the more it sinks, until it has gone. (A *corner* is a small thing,
# too: total variation rounds it, as the median does.)

# %%
lam, area = 0.3, 96**2
for r in (12, 16, 20):
    clean = disc(96, r, background=0.2, level=0.8)
    u = total_variation(clean, lam, 1500)
    away = np.hypot(*(np.indices(u.shape) - 47.5))
    sunk, risen = 0.8 - u[away < r - 4].mean(), u[away > r + 4].mean() - 0.2
    gain = 2 * np.pi * r * lam / (area - np.pi * r**2)
    print(f"r = {r}: sunk {sunk:.4f} (law {2 * lam / r:.4f}), background risen {risen:.5f} (law {gain:.5f})")
    # A circle on a square grid is not quite round: 5 % from a radius of 12 px on.
    assert abs(sunk / (2 * lam / r) - 1) < 0.05 and abs(risen / gain - 1) < 0.05
    level = (u[away < r - 4].mean() + u[away > r + 4].mean()) / 2  # half-way up the rim
    assert abs(np.sqrt(np.sum(u > level) / np.pi) - r) < 0.1  # the edge has not moved

# %%
discs, lambdas = four_discs(), (0.0, 0.4, 0.8, 1.6)
shown = {f"λ = {one:g}": total_variation(discs, one, 1000) if one else discs for one in lambdas}
figure, axes = new_figure(5, width=13.5, height=3.1, alt="Four discs of radius 3 to 16 px under "
    "growing lambda: the smallest vanishes first, all edges stay in place. Right: the contrast left "
    "falls in straight lines, the faster the smaller the disc.")
for panel, (title, image) in zip(axes[0], shown.items(), strict=False):
    draw_image(panel, image, title)
grid = np.linspace(0, 3, 61)
draw_lines(axes[0, 4], [Line(f"r = {r:g} px", grid, [contrast_left(one, r) for one in grid])
                        for r in (3.0, 6.0, 10.0, 16.0)],
           x_label="λ", y_label="contrast left", title="closed form")
figure

# %% [markdown]
# (Look closely at the large disc: its rim is soft at the upper left. The grid measures slopes by the
# next row and the next column, and favours one diagonal.)
#
# On the **disc bench**, with noise: start at $\lambda$ = 0 and turn it up until the picture looks clean.
# How much contrast has each disc paid by then? Then set the noise to 0 and compare dots and lines. The
# smallest disc lies below its line: on a pixel grid the rim of so small a disc is measured too long.

# %%
fading = disc_bench(weight=0.0, sigma=0.15)
fading

# %% [markdown]
# Two more things about total variation. A *ramp* turns into stairs: a stair costs no more than the
# ramp does. Counting small gradients by their square ('Huber') cures that, and the course's rule for
# photos does it a little:

# %%
ramp = np.linspace(0.2, 0.8, 96) * np.ones((96, 1))
noisy_ramp = ramp + 0.05 * np.random.default_rng(0).standard_normal(ramp.shape)
flat_share = {}
for huber in (0.0, 0.02):
    u = total_variation(noisy_ramp, 0.1, 600, huber)
    flat_share[huber] = np.mean(np.abs(np.diff(u, axis=1)) < 0.1 * 0.6 / 95)  # a tenth of the slope
    print(f"Huber {huber}: {flat_share[huber]:.0%} of the ramp is flat, "
          f"error {np.sqrt(np.mean((u - ramp) ** 2)):.4f}")
assert flat_share[0.0] > 0.25 and flat_share[0.02] < 0.12

# %% [markdown]
# # Part 3: colour, uneven noise, and the right strength
#
# ## Colour: two kinds of edges
#
# A colour picture is three pictures. Filter red, green and blue each for itself, and what is left of
# the noise are coloured blotches. Turn the colour cube instead: **luminance** $(R+G+B)/\sqrt3$ and two
# **colour differences**. The matrix is orthonormal, so white noise keeps its $\sigma$ in each of the
# three.

# %%
turn = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
np.testing.assert_allclose(turn, OPPONENT)
np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-15)  # orthonormal

portrait, sigma = picture("astronaut")[20:276, 110:366], 0.1
noisy_portrait = add_gaussian(portrait, sigma, np.random.default_rng(0))
np.testing.assert_allclose(to_opponent(noisy_portrait), noisy_portrait @ turn.T)
np.testing.assert_allclose(from_opponent(to_opponent(portrait)), portrait, atol=1e-14)

spread = to_opponent(noisy_portrait - portrait).std(axis=(0, 1))
detail = to_opponent(portrait - gaussian(portrait, 2)).std(axis=(0, 1))
print("luminance and two colour differences: noise", spread.round(3), ", detail", detail.round(3))
np.testing.assert_allclose(spread, sigma, rtol=0.02)  # 65,536 values: known to 0.3 %
assert detail[0] > 3 * detail[1:].max()

# %% [markdown]
# The noise is the same in all three; the *detail* (what a Gaussian of 2 px takes away) is three times
# stronger in luminance. So where the noise is as strong as here, colour can be denoised harder than
# luminance, by telling the filter twice the $\sigma$. In weak noise that costs more than it brings:

# %%
one = LocalWiener(radius=2)
results = {
    "each channel for itself": PerChannel(one)(noisy_portrait, sigma),
    "luminance, colour": LuminanceChroma.of(one, chroma_ratio=1.0)(noisy_portrait, sigma),
    "colour twice as hard": LuminanceChroma.of(one, chroma_ratio=2.0)(noisy_portrait, sigma),
}
for name, estimate in results.items():
    wrong = np.sqrt(np.mean(to_opponent(estimate - portrait) ** 2, axis=(0, 1)))
    print(f"{name:24} {psnr(portrait, estimate):.2f} dB; error in luminance {wrong[0]:.3f}, "
          f"in colour {np.hypot(*wrong[1:]):.3f}")
values = [psnr(portrait, estimate) for estimate in results.values()]
weak = add_gaussian(portrait, 0.01, np.random.default_rng(0))
same, twice = (psnr(portrait, LuminanceChroma.of(one, k)(weak, 0.01)) for k in (1.0, 2.0))
print(f"in noise of 0.01, colour twice as hard costs {same - twice:.2f} dB")
assert values[1] > values[0] + 1 and values[2] > values[1] + 0.2 and same > twice + 0.5

# %%
face = np.s_[40:150, 45:155]
image_row(
    {"clean": portrait[face], "noisy": noisy_portrait[face],
     **{name: estimate[face] for name, estimate in results.items()}},
    alt="A woman's face: clean, noisy, and three estimates. Filtered channel by channel, coloured "
    "specks are left everywhere; with colour filtered apart and harder far fewer are.",
)

# %% [markdown]
# **And the price?** An edge between two colours of *equal luminance* (here: of equal $R+G+B$) exists
# only in the colour differences. Told twice the noise, the filter sees it at half its contrast/$\sigma$: the colour
# **bleeds**. An edge in luminance does not notice.

# %%
edge, sigma = SlantedEdge(contrast=0.3), 0.08
step = edge.image() - 0.5
edges = {"red against green": np.stack([0.5 + step, 0.5 - step, 0.5 + 0 * step], axis=2),
         "dark against light": np.repeat(edge.image()[..., None], 3, axis=2)}
bleed = {}
for name, clean in edges.items():
    for ratio in (1.0, 2.0):
        rng = np.random.default_rng(0)
        draws = [LuminanceChroma.of(one, ratio)(add_gaussian(clean, sigma, rng), sigma) for _ in range(16)]
        bleed[name, ratio] = rise_width(edge_spread(np.mean(draws, axis=0)[..., 0], edge))
        print(f"{name}, colour told {ratio:g} sigma: {bleed[name, ratio]:.2f} px")
assert bleed["red against green", 2.0] > 1.5 * bleed["red against green", 1.0]
assert abs(bleed["dark against light", 2.0] - bleed["dark against light", 1.0]) < 0.05

# %% [markdown]
# ## Noise that depends on brightness
#
# All these filters take one $\sigma$. A photo has many: light comes in electrons, and the variance
# grows with the brightness (lesson 01). The way out was there as well: transform so that the noise is
# even, denoise, and go back *without bias*. `Stabilised` wraps that around any denoiser.

# %%
electrons = 50
counted = add_poisson(camera, electrons, np.random.default_rng(1))
global_sigma = float((counted - camera).std())
gains = {}
for one_filter in (Gaussian(1.5), LocalWiener(), Bilateral(), TotalVariation(0.7)):
    plain = psnr(camera, one_filter(counted, global_sigma))
    even = psnr(camera, Stabilised(one_filter, electrons)(counted, global_sigma))
    gains[repr(one_filter)] = even - plain
    print(f"{one_filter}: one sigma {plain:.2f} dB, stabilised {even:.2f} dB")
gauss, *others = gains.values()
assert abs(gauss) < 0.2 < min(others) and max(others) > 1

# %% [markdown]
# All that ask for $\sigma$ gain, the local Wiener filter most: it takes shadows and lights for what they
# are now. The Gaussian never asks for $\sigma$, and gains nothing. And 'without bias' matters most in
# the dark:

# %%
unbiased, algebraic = (
    Stabilised(Gaussian(4), electrons, inverse=way)(add_poisson(np.full((256, 256), 0.1), electrons,
                                                                np.random.default_rng(2)), 0.05)
    for way in ("unbiased", "algebraic")
)
print(f"a dark wall of {0.1 * electrons:.0f} electrons: unbiased {unbiased.mean() * electrons:.2f}, "
      f"algebraic {algebraic.mean() * electrons:.2f}")
# 65,536 pixels: their mean is known to sqrt(5 / 65536) = 0.009 electrons; four of those.
assert abs(unbiased.mean() * electrons - 5) < 0.036 and algebraic.mean() * electrons < 4.85

# %% [markdown]
# ## The right strength, without a clean image
#
# Every filter has a knob. Tuned against the clean picture, it is best: call that choice the
# **oracle**'s. A photo has no clean picture. Two ways to guess the error all the same:
#
# **SURE** (Stein 1981). Write $n = y - x$ for the noise of the $N$ pixels, and expand:
#
# $$|D - x|^2 = |D - y|^2 - |n|^2 + 2\,n \cdot (D - x).$$
#
# On average $|n|^2$ is $N\sigma^2$, and $n \cdot x$ is 0. What is left is $n \cdot D$: how far the estimate
# follows the noise. For white Gaussian noise Stein found that it needs no $x$: $\mathrm E[n_i D_i] =
# \sigma^2\,\mathrm E[\partial D_i / \partial y_i]$. So
#
# $$\mathrm E\,\tfrac1N |D - x|^2 = \mathrm E\Big[\tfrac1N |D - y|^2 - \sigma^2 +
#   \tfrac{2\sigma^2}{N} \sum_i \frac{\partial D_i}{\partial y_i}\Big].$$
#
# $\partial D_i/\partial y_i$ is the middle of a Jacobian row; for a fixed average, the centre weight.

# %%
sigma, s = 25 / 255, 1.2
centre = gaussian(np.pad([[1.0]], 10), s)[10, 10]
guesses, errors = [], []
for seed in range(20):
    y = add_gaussian(camera, sigma, np.random.default_rng(seed))
    guesses.append(np.mean((gaussian(y, s) - y) ** 2) - sigma**2 + 2 * sigma**2 * centre)
    errors.append(np.mean((gaussian(y, s) - camera) ** 2))
library = next(risk_sure(Gaussian, y, sigma, (s,)))  # one random nudge instead of the formula
difference = np.array(guesses) - errors
print(f"true error {np.mean(errors):.6f}, SURE {np.mean(guesses):.6f} (means of 20 draws); "
      f"library, one draw: {library:.6f}")
assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(20)
assert abs(library / guesses[-1] - 1) < 0.05  # the random direction

# %% [markdown]
# **J-invariance** (Batson and Royer). Hide some pixels: fill them in from their neighbours. Denoise.
# How well does the estimate predict the noisy values that it has not seen? Their noise is unknown to
# it, so it only adds $\sigma^2$. No $\sigma$ is needed to compare two strengths; but the noise must
# have the mean 0 and be independent from pixel to pixel. (scikit-image's `calibrate_denoiser` does this, too.)

# %%
widths = tuple(k / 10 for k in range(41))


def compare(noisy, sigma, clean, **risks):
    """For each way of tuning a Gaussian: the width that it chooses, and what that costs, dB."""
    oracle = best(widths, risk_oracle(Gaussian, noisy, sigma, widths, clean))
    found = {}
    for name, risk in risks.items():
        choice = best(widths, risk)
        found[name] = choice.chosen, gap(choice, oracle)
        print(f"{name:15} chooses {choice.chosen:.1f} px (oracle {oracle.chosen:.1f}): "
              f"{found[name][1]:.2f} dB lost")
    return found


# %%
part = picture("camera", 192)
white = add_gaussian(part, 0.1, np.random.default_rng(0))
tuned = compare(white, 0.1, part, SURE=risk_sure(Gaussian, white, 0.1, widths),
                hidden_pixels=risk_j_invariant(Gaussian, white, 0.1, widths, masks=4))
assert all(lost < 0.15 for _, lost in tuned.values())

# %% [markdown]
# On this white noise both find nearly the oracle's choice. Now **break** them. A camera sees one colour
# per pixel; demosaicing fills in the other two from neighbours, and *smears the noise* (lesson 01).
#
# A hidden pixel's neighbours then know its noise, and foretell it. And an average follows not only a
# pixel's own noise but also that of its neighbours, which is partly the same: SURE does not count that.

# %%
colour = portrait[:192, 30:222]
clean = demosaic(mosaic(colour))
shots = [demosaic(add_gaussian(mosaic(colour), 0.2, np.random.default_rng(k))) for k in range(3)]
first, second, third = shots
sigma = float((first - clean).std())

broken = compare(first, sigma, clean, SURE=risk_sure(Gaussian, first, sigma, widths),
                 hidden_pixels=risk_j_invariant(Gaussian, first, sigma, widths, masks=8),
                 hidden_far_off=risk_j_invariant(Gaussian, first, sigma, widths, stride=12, masks=8))
assert broken["SURE"][1] > 1.5 and broken["hidden_pixels"][1] > 5 and broken["hidden_far_off"][1] > 5

# %% [markdown]
# In noise as strong as this both choose far too little smoothing. Hiding pixels farther apart (`stride=12`) does not help: the
# *neighbours* of a hidden pixel are still in sight, and they know its noise. What helps:
#
# - a **blind spot**: hide 2 px around each compared pixel as well;
# - tell SURE what the noise *looks like*, by the difference of two more shots: it then counts
#   $\frac2N \sum_{ij} C_{ij}\,\partial D_i/\partial y_j$, where $C_{ij}$ is the mean of $n_i n_j$;
# - a **second shot** as the judge: its noise is its own, whatever it looks like;
# - or tune on the raw data, before demosaicing, where noise is white (lesson 11 does).

# %%
repaired = compare(
    first, sigma, clean,
    blind_spot=risk_j_invariant(Gaussian, first, sigma, widths, stride=8, blind_radius=2, masks=8),
    SURE_told=risk_sure(Gaussian, first, sigma, widths, noise_like=(second - third) / np.sqrt(2)),
    second_shot=risk_second_shot(Gaussian, first, sigma, widths, second),
)
assert all(lost < 0.15 for _, lost in repaired.values())

# %%
shown = {"demosaiced photo": first}
for name in ("hidden_pixels", "SURE", "second_shot"):
    width = {**broken, **repaired}[name][0]
    shown[f"{name.replace('_', ' ')}: {width:.1f} px"] = gaussian(first, width)
shown["clean"] = clean
image_row(
    {title: image[30:150, 20:140] for title, image in shown.items()},
    alt="A face in demosaiced noise, three choices of width, and the clean face. Hidden pixels leave "
    "all the blotches, SURE leaves many, the second shot few, and a blurred face.",
)

# %% [markdown]
# Do not take these figures for laws. How badly it breaks depends on the filter and on the noise. And
# hidden pixels tune the filter for a picture with holes, which is not quite yours: that can cost
# something even on white noise. Two more trials, one with the strength of the local Wiener filter, one
# with weak white noise:

# %%
def wiener(strength):
    return LocalWiener(2, strength)


lost = {}
for name, y, x, level in (("white", white, part, 0.1), ("demosaiced", first, clean, sigma)):
    oracle = best(widths, risk_oracle(wiener, y, level, widths, x))
    for way, risk in (("SURE", risk_sure(wiener, y, level, widths)),
                      ("hidden pixels", risk_j_invariant(wiener, y, level, widths, masks=4))):
        lost[name, way] = gap(best(widths, risk), oracle)
        print(f"{name}, {way}: {lost[name, way]:.2f} dB lost")
assert lost["white", "SURE"] < 0.1 < lost["demosaiced", "SURE"] < 0.6  # far less than the Gaussian
assert 0.2 < lost["white", "hidden pixels"] and lost["demosaiced", "hidden pixels"] > 4

weak = add_gaussian(part, 0.03, np.random.default_rng(0))
tuned_weak = compare(weak, 0.03, part, SURE=risk_sure(Gaussian, weak, 0.03, widths),
                     hidden_pixels=risk_j_invariant(Gaussian, weak, 0.03, widths, masks=4))
assert tuned_weak["SURE"][1] < 0.1 and tuned_weak["hidden_pixels"][1] > 1

# %% [markdown]
# A denoiser can do this by itself, on each new photo: `Calibrated` wraps it up.

# %%
by_itself = Calibrated(Gaussian(), "width", widths, method="sure")
print("tuned on the noisy photo itself:", by_itself.tuned(white, 0.1))
assert by_itself.tuned(white, 0.1).width == tuned["SURE"][0]

# %% [markdown]
# # All of them on one bench
#
# ## See
#
# One crop of the night street with white noise, under every filter of this lesson. Each is set by one
# rule from $\sigma$ (`lessons_lib.denoisers.rules`), none by looking at this picture. Follow the
# strong edge of the dark window, and the weak ones: the bricks at the left, the letters of the sign.
# (All are shown 1.6 times as bright.)

# %%
street, sigma = luminance(clean_street()), 0.06
noisy_street = add_gaussian(street, sigma, np.random.default_rng(0))
crop = np.s_[150:270, 440:590]
names = ["box", "Gaussian", "Fourier Wiener", "median", "local Wiener", "bilateral", "guided",
         "Perona-Malik", "total variation"]
estimates = {name: rule(name)(noisy_street, sigma) for name in names}
figure, axes = new_figure(4, 3, width=13, height=8.4, alt="A crop of the night street: clean, noisy, "
    "nine estimates, and what total variation got wrong. The filters that decide keep the window's "
    "strong edges; the bricks' faint joints and the sign's letters fade in all of them.")
for panel, (title, image) in zip(
    axes.flat, {"clean": street, "noisy": noisy_street, **estimates}.items(), strict=False
):
    draw_image(panel, np.clip(1.6 * image[crop], 0, 1), title)
draw_signed(axes[2, 3], (street - estimates["total variation"])[crop], "clean - total variation", 0.15)
figure

# %% [markdown]
# And under the **blur microscope**, on the photo with its real, blotchy noise: choose a filter, pull
# its strength, click an edge, look at the kernel and the blur curve. Does any filter keep the strong
# *and* the weak edge where the noise is gone? Which of them leave the blotches, and why?

# %%
microscope = blur_microscope(denoiser="Bilateral (near and alike)", size=192)
microscope

# %% [markdown]
# ## Measure
#
# The blur curve of each filter, at the settings that this lesson used:

# %%
filters = {
    "box 2": Box(2), "Gaussian 1.5": Gaussian(1.5), "median 2": Median(2),
    "local Wiener": LocalWiener(), "bilateral": Bilateral(), "guided": Guided(),
    "Perona-Malik": PeronaMalik(), "total variation": TotalVariation(),
}
ratios = (12, 8, 4, 2, 1)


def table(heading, rows, columns):
    """Print one line of numbers per name."""
    print(f"{heading:42}" + "".join(f"{column:>9}" for column in columns))
    for name, numbers in rows.items():
        print(f"{name:42}" + "".join(f"{number:9.2f}" for number in numbers))


# %%
curves = {name: [p.width for p in blur_curve(one, ratios=ratios)] for name, one in filters.items()}
table("10-90 % width [px] at contrast/sigma", curves, ratios)
for name, curve in curves.items():
    mixing = name in ("box 2", "Gaussian 1.5")
    assert (max(curve) < 1.05 * min(curve)) if mixing else (curve[-1] > 3 * curve[0])

# %%
figure, axes = new_figure(2, width=12, height=4, alt="Width against contrast over sigma. Box and "
    "Gaussian are flat lines at 4 px. All others are near 1 px at 12 and climb to between 3.5 and 5 px "
    "at 1; Perona-Malik jumps between 8 and 4, total variation climbs last.")
groups = (list(curves)[:4], list(curves)[4:])
for panel, group in zip(axes[0], groups, strict=True):
    draw_lines(panel, [Line(name, ratios, curves[name], "both") for name in group],
               x_label="contrast / sigma", y_label="10-90 % width [px]", log_x=True)
    panel.set_ylim(0, 5.5)
    panel.set_xticks(ratios, [str(ratio) for ratio in ratios])
    panel.minorticks_off()
figure

# %% [markdown]
# But these filters do not clean equally well. To compare like with like, give each the strength that
# leaves the *same* noise in flat parts, 0.20 $\sigma$, and look again:

# %%
equal = (Gaussian(1.44), LocalWiener(3, 0.98), Bilateral(2.0, 2.92), Guided(2, 2.7),
         PeronaMalik(10, 1.65), TotalVariation(0.66, 200))
alike = {}
for one in equal:
    left = residual_noise(one)
    assert abs(left - 0.20) < 0.01
    alike[type(one).__name__] = [*(p.width for p in blur_curve(one, ratios=ratios)), left]
table("width [px] where 0.20 sigma is left", alike, (*ratios, "noise"))
gauss = alike.pop("Gaussian")
assert all(row[1] < 0.75 * gauss[1] for row in alike.values())  # at 8: all are sharper

# %%
again = {}
for one in (equal[0], *equal[2:]):
    found = [next(blur_curve(one, ratios=(1,), seed=seed)).width for seed in range(4)]
    again[type(one).__name__] = [np.mean(found), min(found), max(found)]
table("width at contrast/sigma 1, four noises", again, ("mean", "least", "most"))
assert all(row[0] > 0.9 * again["Gaussian"][0] for row in again.values())
assert again["TotalVariation"][2] > again["Gaussian"][0]  # within the scatter

# %% [markdown]
# At contrast/$\sigma$ = 8 every filter that decides is sharper than the Gaussian that cleans as well.
# At 1 *none* is clearly sharper. Total variation, whose flow adds up slopes all along an edge, ties
# within the scatter of the measurement; the others are wider. An edge that drowns in the noise is mixed
# or lost, whichever of these filters looks for it.
#
# ## Why this edge blurred
#
# | aspect | **mixing** | **mis-deciding** |
# |---|---|---|
# | who | box, Gaussian, Fourier Wiener (with a given $P$) | median, local Wiener, bilateral, guided, Perona-Malik, total variation |
# | what happens | fixed weights reach over the edge | weights or flows are computed from noisy values, and a weak edge is taken for noise |
# | equation | $M = 0.2337\,c^2 s/L + \sigma^2/4\pi s^2$ | bilateral: $w \propto e^{-(y_i-y_j)^2/2h^2}$, $h$ = 2 to 3 $\sigma$; guided: $a = v/(v+\epsilon)$ |
# | depends on | the kernel alone | contrast/$\sigma$ |
#
# The numbers behind it, and the price of not blurring:

# %%
at_8, at_1 = ({name: curves[name][k] for name in ("Gaussian 1.5", "bilateral")} for k in (1, 4))
cautious, bold = (Bilateral(value_ratio=k) for k in (2.0, 3.0))
widths_at_4 = [next(blur_curve(one, ratios=(4,))).width for one in (cautious, bold)]
noise_left = [residual_noise(one) for one in (cautious, bold)]
print(f"Gaussian: {at_8['Gaussian 1.5']:.2f} px at contrast/sigma 8, {at_1['Gaussian 1.5']:.2f} px at 1")
print(f"bilateral: {at_8['bilateral']:.2f} px at 8, {at_1['bilateral']:.2f} px at 1")
print(f"price: value width 3 -> 2 sigma makes the edge at 4 {widths_at_4[1]:.2f} -> {widths_at_4[0]:.2f} px "
      f"wide\n  and leaves {noise_left[1]:.2f} -> {noise_left[0]:.2f} sigma of noise")
assert at_1["Gaussian 1.5"] / at_8["Gaussian 1.5"] < 1.02 and at_1["bilateral"] / at_8["bilateral"] > 3.5
assert widths_at_4[0] < widths_at_4[1] - 0.4 and noise_left[0] > 1.25 * noise_left[1]

# %% [markdown]
# Go back to **Predict**. Which of your answers would you change, and which number makes you do it?

# %% [markdown]
# ## Exercises
#
# **Exercise 1: the best box.** A box $w$ px wide turns a step of contrast $c$ into a straight ramp of
# $w$ px. Sum its squared error across the edge, divide by $L$, add the variance $\sigma^2/w^2$ (the
# window has $w \times w$ pixels), and return the $w$ (any real number, in px) for which the sum is
# least.

# %% tags=["exercise"]
def best_box(contrast, spacing, sigma):
    """Width w of the box with the least mean squared error, px."""
    raise NotImplementedError

# %% tags=["check"]
check.check_best_box(best_box)

# %% tags=["solution"]
def best_box(contrast, spacing, sigma):
    """Width w of the box with the least mean squared error, px."""
    # On one side the error falls from c/2 to 0 within w/2: both sides sum to c² w / 12.
    # d/dw (c² w / (12 L) + sigma² / w²) = 0
    return (24 * sigma**2 * spacing / contrast**2) ** (1 / 3)

# %% [markdown]
# **Exercise 2: which frequencies stay?** You have only a noisy picture. `noisy_power` is its mean
# square at each frequency: the picture's power $P$ plus the noise's $\sigma^2$, as far as chance
# allows. Return the Wiener gain at each frequency. A power cannot be negative.

# %% tags=["exercise"]
def gain_from_noisy(noisy_power, sigma):
    """Wiener gain for each entry of noisy_power, an array of the same shape."""
    raise NotImplementedError

# %% tags=["check"]
check.check_gain(gain_from_noisy)

# %% tags=["solution"]
def gain_from_noisy(noisy_power, sigma):
    """Wiener gain for each entry of noisy_power, an array of the same shape."""
    power = np.maximum(np.asarray(noisy_power) - sigma**2, 0)
    return power / (power + sigma**2)

# %% [markdown]
# **Exercise 3: weights from another picture.** You took two photos of a dark room: a noisy one, and one
# with a flash, whose edges are clear but whose light is ugly. The *joint* bilateral filter takes the
# weights from the flash picture and averages the other (Petschnigg and others, 2004). Return its value
# at `position`, over the whole picture, with the space width `s` and the value width `h`.

# %% tags=["exercise"]
def joint_bilateral_at(noisy, flash, position, s, h):
    """Joint bilateral estimate of one pixel of `noisy`, a number."""
    raise NotImplementedError

# %% tags=["check"]
check.check_joint_bilateral(joint_bilateral_at)

# %% tags=["solution"]
def joint_bilateral_at(noisy, flash, position, s, h):
    """Joint bilateral estimate of one pixel of `noisy`, a number."""
    rows, cols = np.indices(noisy.shape)
    squared = (rows - position[0]) ** 2 + (cols - position[1]) ** 2
    alike = np.exp(-((flash - flash[position]) ** 2) / (2 * h**2))
    weights = np.exp(-squared / (2 * s**2)) * alike
    return float(np.sum(weights * noisy) / np.sum(weights))

# %% [markdown]
# **Exercise 4: the strength, without a clean image.** `noisy` has white Gaussian noise of `sigma`.
# Return the one of `radii` whose box average, `box(noisy, radius)`, has the least SURE. Radius 0 is no
# average at all.

# %% tags=["exercise"]
def choose_radius(noisy, sigma, radii):
    """The radius of least SURE, one of `radii`."""
    raise NotImplementedError

# %% tags=["check"]
check.check_choose_radius(choose_radius)

# %% tags=["solution"]
def choose_radius(noisy, sigma, radii):
    """The radius of least SURE, one of `radii`."""
    risks = [
        np.mean((box(noisy, radius) - noisy) ** 2) - sigma**2
        + 2 * sigma**2 / (2 * radius + 1) ** 2  # the centre weight: one of all pixels
        for radius in radii
    ]
    return radii[int(np.argmin(risks))]

# %% [markdown]
# **Exercise 5: brightness and colour of your own photo.** Turn the colour cube (`to_opponent`), give
# the luminance to `bright_filter` and each of the two colour differences to `colour_filter`, and turn
# back (`from_opponent`). A filter is called with a picture `(H, W)` and `sigma`.

# %% tags=["exercise"]
def clean_colour(photo, sigma, bright_filter, colour_filter):
    """Estimate of a colour photo, (H, W, 3)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_clean_colour(clean_colour)

# %% tags=["solution"]
def clean_colour(photo, sigma, bright_filter, colour_filter):
    """Estimate of a colour photo, (H, W, 3)."""
    planes = to_opponent(photo)
    estimates = [bright_filter(planes[..., 0], sigma)]
    estimates += [colour_filter(planes[..., k], sigma) for k in (1, 2)]
    return from_opponent(np.stack(estimates, axis=-1))

# %% [markdown]
# Now use it. Without a photo of yours, the cell takes a piece of the night street. For your own, set
# `PHOTO` to a file name and `PIECE` to a part with strong colours.

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg"
PIECE = np.s_[220:360, 300:470]  # rows, columns: the awning of the cafe

mine = (photographed_street() if PHOTO is None else read_photo(PHOTO).display)[PIECE]
shown = {"photo": mine}
try:
    for name, colour_filter in (("bilateral", Bilateral()), ("Gaussian 3", Gaussian(3))):
        soft = clean_colour(mine, 0.05, Bilateral(), colour_filter)
        shown[f"colour: {name}"] = soft
        changed = to_opponent(mine - soft)[..., 1:]
        shown[f"colour taken by {name}"] = np.hypot(changed[..., 0], changed[..., 1]) * 4
        print(f"colour: {name:10} takes {np.sqrt(np.mean(changed**2)):.3f} from the colour differences")
except NotImplementedError:
    print("Solve exercise 5 first; then this cell cleans your photo.")
image_row(shown, alt="A piece of the photo; with its colour filtered by a bilateral filter and by a "
          "Gaussian of 3 px; and how much colour each took away, four times enlarged.")

# %% [markdown]
# Of the two numbers, one is noise that went, and the other is more than that. In the maps of what was
# taken, noise has no shape. Where do you see shapes, and which cause made them? *My answer:*

# %% [markdown]
# ## Scoreboard
#
# One row per filter. Each follows the course's rule: it sets itself by the $\sigma$ that it is told (25/255
# in the picture, 0.05 on the phantoms). The width of the Fourier Wiener filter changes with the contrast:
# it reads $P$ off each phantom anew, so each gets another kernel. Within one picture it still has one.

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


board = Scoreboard((score(noisy_itself, camera, sigma=25 / 255, name="noisy itself"),))
for name in names:
    board = board.add(score(rule(name), camera, sigma=25 / 255, name=name))
board

# %%
by_name = {row.name: row for row in board.rows}
first, gauss, tv = board.rows[0], by_name["Gaussian"], by_name["total variation"]
print(f"best PSNR: {first.name}, {first.psnr:.2f} dB; the Gaussian has {gauss.psnr:.2f} dB")
for row in (first, gauss):
    print(f"{row.name}: {row.width_8:.1f} px at contrast/sigma 8, {row.width_1:.1f} px at 1; "
          f"noise left {row.residual_noise:.2f} sigma")
assert first.name == "total variation" and first.psnr > gauss.psnr + 1
assert tv.width_8 < gauss.width_8 and tv.width_1 > gauss.width_1 + 1
assert tv.residual_noise < 0.5 * gauss.residual_noise
assert by_name["median"].psnr < gauss.psnr - 0.5

# %% [markdown]
# ## What it cannot do
#
# Total variation has over 1 dB more than the Gaussian, and its strongest edge is sharper. Its weakest
# edge is wider, for it cleans harder: PSNR pays for flat parts, and most pixels are flat.
#
# A weak but *long* edge has many pixels that agree. Only total variation adds up their votes, and only as
# far as a sum of slopes can. None of these filters knows what an edge, a stripe or a brick looks like.
# Lesson 04 looks for patterns: in a basis in which an edge is a few large numbers, and noise is many
# small ones.

# %% [markdown]
# ## References
#
# - C. Tomasi, R. Manduchi, *Bilateral filtering for gray and color images*, 1998, doi
#   [10.1109/ICCV.1998.710815](https://doi.org/10.1109/ICCV.1998.710815).
# - K. He, J. Sun, X. Tang, *Guided image filtering*, 2013, doi
#   [10.1109/TPAMI.2012.213](https://doi.org/10.1109/TPAMI.2012.213).
# - P. Perona, J. Malik, *Scale-space and edge detection using anisotropic diffusion*, 1990, doi
#   [10.1109/34.56205](https://doi.org/10.1109/34.56205).
# - L. Rudin, S. Osher, E. Fatemi, *Nonlinear total variation based noise removal algorithms*, 1992, doi
#   [10.1016/0167-2789(92)90242-F](https://doi.org/10.1016/0167-2789(92)90242-F). D. Strong, T. Chan,
#   *Edge-preserving and scale-dependent properties of total variation regularization*, 2003, doi
#   [10.1088/0266-5611/19/6/059](https://doi.org/10.1088/0266-5611/19/6/059): the disc.
# - A. Chambolle, *An algorithm for total variation minimization and applications*, 2004, doi
#   [10.1023/B:JMIV.0000011325.36760.1e](https://doi.org/10.1023/B:JMIV.0000011325.36760.1e): the flow;
#   the climbing and cutting shown here is in his *Total variation minimization and a class of binary
#   MRF models*, 2005, doi [10.1007/11585978_10](https://doi.org/10.1007/11585978_10). A. Chambolle,
#   T. Pock, *A first-order primal-dual algorithm for convex problems with applications to imaging*,
#   2011, doi [10.1007/s10851-010-0251-1](https://doi.org/10.1007/s10851-010-0251-1).
# - J.-S. Lee, 1980, doi [10.1109/TPAMI.1980.4766994](https://doi.org/10.1109/TPAMI.1980.4766994): the
#   local Wiener filter.
# - A. Buades, B. Coll, J.-M. Morel, *A review of image denoising algorithms, with a new one*, 2005, doi
#   [10.1137/040616024](https://doi.org/10.1137/040616024): what filters take away, expanded for small
#   widths.
# - C. Stein, *Estimation of the mean of a multivariate normal distribution*, 1981, doi
#   [10.1214/aos/1176345632](https://doi.org/10.1214/aos/1176345632); S. Ramani, T. Blu, M. Unser,
#   *Monte-Carlo SURE*, 2008, doi [10.1109/TIP.2008.2001404](https://doi.org/10.1109/TIP.2008.2001404).
# - J. Batson, L. Royer, *Noise2Self: blind denoising by self-supervision*, 2019, arXiv
#   [1901.11365](https://arxiv.org/abs/1901.11365).
# - M. Makitalo, A. Foi, *Optimal inversion of the generalized Anscombe transformation for
#   Poisson-Gaussian noise*, 2013, doi
#   [10.1109/TIP.2012.2202675](https://doi.org/10.1109/TIP.2012.2202675).
# - G. Petschnigg and others, *Digital photography with flash and no-flash image pairs*, 2004, doi
#   [10.1145/1015706.1015777](https://doi.org/10.1145/1015706.1015777).
