# %% [markdown]
# # 01 Noise models: what the sensor can know
#
# *Before any algorithm runs: what does a sensor know about the scene, and what has it lost?*
#
# **You will**
#
# 1. get the gain of a camera back from pairs of flat frames;
# 2. predict a signal-to-noise ratio from electrons and read noise;
# 3. make the noise of photon counts equally strong everywhere, and know what the way back costs;
# 4. estimate the noise of a picture of which no clean version exists;
# 5. read your own photo's noise: how it grows with brightness, and whether neighbours share it.
#
# **Time**: 120 minutes; a good place for a pause is after photon transfer. **Needs**: NumPy; mean, variance and the normal distribution; lesson 00.

# %%
import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import stats

import lessons_lib
from lessons_lib.classroom import lesson_01 as checks
from lessons_lib.diagnosis import edge_position, edges, noise_level
from lessons_lib.diagnosis import photon_transfer as transfer
from lessons_lib.diagnosis.scoreboard import Scoreboard, score
from lessons_lib.display import figures, noise_bench_frames
from lessons_lib.display.figures import Line
from lessons_lib.display.noise_bench import NoiseBench
from lessons_lib.scenes import camera, noise, phantoms, pictures
from lessons_lib.scenes.camera import Development, Sensor
from lessons_lib.scenes.night_street import night_street
from lessons_lib.scenes.photo import centre_crop, read_photo

# %% [markdown]
# ## Predict
#
# **Double-click this cell and write your guesses** before you run anything below.
#
# 1. A photo is noisy at ISO 3200. You take it again at ISO 100, same shutter time, same aperture,
#    and brighten it on the computer. The noise becomes: ...
# 2. A pixel has caught 100 electrons. If you took the same photo again and again, this number
#    would typically change by: ...
# 3. In a JPEG from a phone, is a pixel's noise independent of its neighbour's? ...
# 4. An edge five times as high as the noise, seen in 16 rows of pixels: how well can its place be
#    known, at the very best? ... px

# %% [markdown]
# ## Three models in one line each
#
# A pixel has the value $x$ without noise and $y$ with it. Nearly every paper on denoising uses one
# of these:
#
# | model | what the pixel says | variance |
# |---|---|---|
# | **Gaussian** | $y = x + \sigma n$, with $n$ normal of mean 0 and variance 1 | $\sigma^2$ |
# | **Poisson** | $y = N / P$, $N \sim \mathrm{Poisson}(P x)$; $P$ electrons are the value 1 | $x / P$ |
# | **salt and pepper** | 0 or 1, half each, in a fraction $f$ of the pixels; else $y = x$ | below |

# %%
clean = np.tile(np.linspace(0, 1, 33), (20_000, 1))  # every column one grey
SIGMA, PEAK, FRACTION = 0.1, 50, 0.1


def fresh():
    return np.random.default_rng(1)


gaussian = clean + SIGMA * fresh().standard_normal(clean.shape)
poisson = fresh().poisson(PEAK * clean) / PEAK
draw = fresh().random(clean.shape)  # below f / 2: pepper; from there to f: salt
salted = np.where(draw < FRACTION / 2, 0.0, np.where(draw < FRACTION, 1.0, clean))

# The library draws the same numbers in the same order, so it agrees bit by bit.
np.testing.assert_array_equal(gaussian, noise.add_gaussian(clean, SIGMA, fresh()))
np.testing.assert_array_equal(poisson, noise.add_poisson(clean, PEAK, fresh()))
np.testing.assert_array_equal(salted, noise.add_salt_and_pepper(clean, FRACTION, fresh()))

# %% [markdown]
# The three differ in *where* they put their variance. Below, 20,000 pixels of each of 33 greys are
# measured (points) and compared with the formula (lines). For salt and pepper the mean becomes
# $m = (1 - f) x + f / 2$ and the variance $(1 - f) x^2 + f / 2 - m^2$.

# %%
grey = clean[0]
shifted = (1 - FRACTION) * grey + FRACTION / 2
laws = {
    "Gaussian": (gaussian, np.full_like(grey, SIGMA**2)),
    "Poisson": (poisson, grey / PEAK),
    "salt and pepper": (salted, (1 - FRACTION) * grey**2 + FRACTION / 2 - shifted**2),
}
curves, points = [], []
for name, (noisy, law) in laws.items():
    measured = noisy.var(axis=0)
    # A variance from 20,000 samples is known to 1 to 3 %; three times that is allowed.
    np.testing.assert_allclose(measured[1:], law[1:], rtol=0.09)
    curves.append(Line(f"{name}, law", grey, law))
    points.append(Line(f"{name}, measured", grey, measured, "points"))

# %%
figures.line_plot(
    curves + points, x_label="clean value x", y_label="variance of the noise", width=8,
    alt="Variance against clean value. Gaussian is a flat line at 0.01, Poisson a straight line "
    "from 0 to 0.02, salt and pepper a shallow bowl; measured points lie on all three lines.",
)

# %% [markdown]
# Look at the same street corner with each of them. Gaussian noise is as strong on the dark wall
# as in the lit window; photon noise is over three times as strong in the window, where there is
# light. (On the screen it looks more alike: the display's curve stretches the dark tones.) Salt and
# pepper leaves nine values in ten untouched: that is why a median filter, which ignores outliers,
# suits it.

# %%
street = night_street()  # linear light, 1 is white
view = (slice(250, 400), slice(190, 340))
linear = np.clip(street[view], 0, 1)
shown = {
    "clean": linear,
    "Gaussian, sigma 0.1": noise.add_gaussian(linear, SIGMA, fresh()),
    "Poisson, 50 electrons": noise.add_poisson(linear, PEAK, fresh()),
    "salt and pepper, 10 %": noise.add_salt_and_pepper(linear, FRACTION, fresh()),
}
# %%
window, wall = (slice(108, 118), slice(40, 80)), (slice(130, 148), slice(20, 140))
strength = {}
for name in ("Gaussian, sigma 0.1", "Poisson, 50 electrons"):
    difference = shown[name] - linear
    strength[name] = [difference[part].std() for part in (window, wall)]
    print(f"{name:22} sigma: window {strength[name][0]:.3f}, wall {strength[name][1]:.3f}")
ratio = {name: lit / dark for name, (lit, dark) in strength.items()}
# 1,200 values know the window's sigma to 2 %; four times that.
assert abs(ratio["Gaussian, sigma 0.1"] - 1) < 0.08 and ratio["Poisson, 50 electrons"] > 3

# %%
figures.image_row(
    {name: camera.srgb_encode(image) for name, image in shown.items()},
    alt="A lit shop window at night, clean and with the three kinds of noise. The Gaussian noise "
    "drowns the dark wall; the photon noise leaves the wall dark; the salt and pepper dots are "
    "coloured because each channel is hit by itself.",
)

# %% [markdown]
# ## The whole sensor, in electrons
#
# A real pixel is a bucket for electrons. EMVA 1288, the industry's standard for measuring cameras,
# follows them from the light to the number [DN, digital number] in the file. (e- is an electron,
# PRNU photo-response non-uniformity, DSNU dark-signal non-uniformity.)
#
# | step | symbol | what it adds |
# |---|---|---|
# | photons free electrons | quantum efficiency | Poisson: variance = mean |
# | pixels differ in sensitivity | PRNU, a fraction | a pattern, the same in each frame |
# | warmth frees electrons too | dark current, e-/s | Poisson |
# | the bucket is full | full well, e- | more electrons are lost |
# | pixels differ in offset | DSNU, e- | a pattern, the same in each frame |
# | the count is read | read noise $r$, e- | Gaussian, standard deviation $r$ |
# | gain and black level | $K$ [DN/e-], DN | nothing: signal and noise are both multiplied |
# | rounding, clipping | bit depth | variance 1/12, and bias at both ends |
#
# The ISO setting chooses $K$. Nothing in the table makes more photons. The cell prints the settings
# of the course's sensor: plausible for a phone, not measured on one.

# %%
def expose_by_hand(photons_per_second, seconds, sensor, rng):
    pattern = np.random.default_rng(sensor.fixed_pattern_seed)
    shape = photons_per_second.shape
    sensitivity = 1 + sensor.prnu * pattern.standard_normal(shape)
    offset = sensor.dsnu * pattern.standard_normal(shape)
    light = sensor.quantum_efficiency * seconds * photons_per_second * sensitivity
    electrons = rng.poisson(light + sensor.dark_current * seconds)
    electrons = np.minimum(electrons, sensor.full_well)
    read = electrons + offset + sensor.read_noise * rng.standard_normal(shape)
    numbers = np.rint(sensor.gain * read + sensor.black_level)
    return np.clip(numbers, 0, sensor.white_level)


photons = np.tile(np.geomspace(10, 8000, 64), (64, 1))
by_hand = expose_by_hand(photons, 1.0, Sensor(), fresh())
np.testing.assert_array_equal(by_hand, camera.expose(photons, 1.0, Sensor(), fresh()))
print(Sensor())

# %% [markdown]
# ## The variance law, and a trick against the fixed pattern
#
# Let $e$ be the mean number of electrons that the light frees (photo-electrons), and $d$ that of
# the dark current. Variances of independent steps add up; the gain multiplies them by $K^2$:
#
# $$\text{variance [DN}^2] = K^2 (r^2 + d + e) + 1/12 .$$
#
# *Within one frame* the pixels also differ because their sensitivities do (PRNU): that adds
# $(\text{PRNU} \cdot K e)^2$, and their unequal offsets (DSNU) add a little. In the **difference of
# two equal frames** whatever is the same in both cancels, and half of its variance is the law
# alone. (Why half? The difference holds two independent noises.)

# %%
def flat_pair(electrons, sensor, rng, size=256):
    light = np.full((size, size), electrons / sensor.quantum_efficiency)
    return [camera.expose(light, 1.0, sensor, rng) for _ in range(2)]


uneven, rng = Sensor(prnu=0.02), np.random.default_rng(2)
print("electrons   one frame  (law with PRNU)   pair / 2  (law)     [DN²]")
for electrons in (50, 500, 4000):
    first, second = flat_pair(electrons, uneven, rng)
    one, pair = first.var(), (first - second).var() / 2
    law_one = camera.raw_variance(electrons, 1.0, uneven, within_frame=True)
    dark = uneven.dark_current * 1.0  # electrons in one second
    law_pair = uneven.gain**2 * (uneven.read_noise**2 + dark + electrons) + 1 / 12
    print(f"{electrons:9d} {one:11.1f} {law_one:13.1f} {pair:13.1f} {law_pair:9.1f}")
    # 65,536 pixels give a variance to 0.55 %; four times that is allowed.
    np.testing.assert_allclose([one, pair], [law_one, law_pair], rtol=0.022)

# %% [markdown]
# ## Photon transfer: the camera confesses its gain
#
# Above the black level the mean is $m = K (e + d)$. Put into the law, it makes a straight line,
# $K m + K^2 r^2 + 1/12$: **its slope is the gain**. Two flat frames for each of a few light levels
# suffice. Nobody has to know how many photons there were: the noise has counted them.

# %%
sensor, rng = Sensor(), np.random.default_rng(3)
levels = np.geomspace(1, 4000, 14)
pairs = [flat_pair(electrons, uneven, rng, size=128) for electrons in levels]
means = np.array([(a.mean() + b.mean()) / 2 - sensor.black_level for a, b in pairs])
variances = np.array([(a - b).var(ddof=1) / 2 for a, b in pairs])
one_frame = np.array([a.var(ddof=1) for a, _ in pairs])

# A variance's own error grows with the variance: weights 1 / variance.
slope, intercept = np.polyfit(means, variances, 1, w=1 / variances)
found = transfer.photon_transfer(pairs, sensor.black_level)
print(f"gain [DN/e-]: by hand {slope:.4f}, library {found.gain:.4f}, true {sensor.gain}")
print(f"read noise [e-]: {found.read_noise:.2f}, true {sensor.read_noise}")
assert abs(slope / found.gain - 1) < 0.01  # only the weights differ
assert abs(one_frame[-1] / variances[-1] - 2.6) < 0.1
assert abs(found.gain / sensor.gain - 1) < 0.02  # 14 levels, each known to 1.1 %

# %%
figures.line_plot(
    [
        Line("law", means, found.gain * means + found.read_variance),
        Line("pairs: difference / 2", means, variances, "points"),
        Line("one frame: PRNU bends it up", means, one_frame, "points"),
    ],
    log_x=True, log_y=True, width=8, title=f"slope = gain = {found.gain:.3f} DN per electron",
    x_label="mean above black [DN]", y_label="variance [DN²]",
    alt="Photon transfer curve in double logarithmic axes. The pair variances follow the law: flat "
    "at the dark end, where the read noise rules, then rising in proportion to the mean; the "
    "one-frame variances leave it upwards at the bright end.",
)

# %% [markdown]
# The three parts of the curve are three kinds of noise: the floor on the left is read noise, the
# middle photons, and on the right PRNU takes over where one frame is judged by itself. At 4,000
# electrons it makes the variance of one frame 2.6 times that of the pair.

# %% [markdown]
# **A real camera.** If you have the course's optional data folder (variable `WHY_EDGES_BLUR_DATA`),
# this cell reads flat-field pairs of a Nikon D7000 at ISO 100. The camera multiplied its red and
# blue numbers before it wrote the file (their histograms skip a number at regular steps), and that
# makes their lines steeper. Only green tells the true gain; a fit through all colours at once is a
# mixture.

# %%
beside = Path(lessons_lib.__file__).resolve().parents[2] / "shared" / "data"
folder = Path(os.environ.get("WHY_EDGES_BLUR_DATA", beside))
table = folder / "real" / "nikon_d7000_raw" / "data-raw" / "var.csv"
if table.is_file():
    with table.open() as file:
        rows = [(r["channel"][:3], float(r["mean"]), float(r["var"])) for r in csv.DictReader(file)]
    for colour in ("Gre", "Red", "Blu"):
        m, v = np.array([row[1:] for row in rows if row[0] == colour]).T
        fit = transfer.photon_transfer_fit(m, v)
        print(f"{colour}: K = {fit.gain:.3f} DN/e-, {fit.electrons_per_dn:.2f} e-/DN")
        # 2.53 for green; the slopes of the multiplied colours are 1.13 and 1.17 times steeper.
        assert abs(fit.gain / {"Gre": 0.396, "Red": 0.448, "Blu": 0.464}[colour] - 1) < 0.01
else:
    print("The real frames are not on this computer; they give 2.53 e-/DN for green.")

# %% [markdown]
# ## Signal-to-noise ratio
#
# In electrons the signal is $e$ and the noise $\sqrt{e + r^2}$, so
#
# $$\mathrm{SNR} = \frac{e}{\sqrt{e + r^2}} \;\to\; \sqrt{e} \quad\text{when } e \gg r^2 .$$
#
# (Dark current, where there is any, adds its $d$ under the root and nothing above the line: its
# mean is known and taken off, its noise stays.) Light is noisy by itself: a perfect sensor
# ($r = 0$) that has caught 100 electrons has an SNR of 10 and not more. For it, twice the SNR takes
# four times the light. (In the dark, where $r$ rules, twice the light is enough.)

# %%
dark = sensor.dark_current * 1.0  # electrons in one second
measured = (means - sensor.gain * dark) / np.sqrt(variances)
noise_variance = levels + dark + sensor.read_noise**2 + 1 / 12 / sensor.gain**2  # e- squared
predicted = levels / np.sqrt(noise_variance)
# A standard deviation from 16,384 pixels is known to 0.55 %, the mean at 1 electron to 1.1 %.
np.testing.assert_allclose(measured, predicted, rtol=0.05)
assert abs(measured[-1] / np.sqrt(levels[-1]) - 1) < 0.02

# %%
figures.line_plot(
    [
        Line("sqrt(electrons)", levels, np.sqrt(levels)),
        Line("law with read noise and dark current", levels, predicted),
        Line("measured", levels, measured, "points"),
    ],
    log_x=True, log_y=True, x_label="electrons", y_label="signal-to-noise ratio", width=8,
    alt="Signal-to-noise ratio against electrons: the points follow the law, which joins the "
    "square root of the electrons for bright light and lies clearly below it in the dark.",
)

# %% [markdown]
# ## A common mistake: 'high ISO makes noise'
#
# First three exposures of a white wall, in pairs as before. The second one has eight times the
# gain ('ISO 800 instead of 100') and the same light, 40 electrons; the third one has the first
# one's gain and eight times the *light*, 320 electrons. Then the street with the same settings.

# %%
frames = {"ISO 100, 1/60 s": (1, 40), "ISO 800, 1/60 s": (8, 40), "ISO 100, 8/60 s": (1, 320)}
rng, ratios = np.random.default_rng(4), {}
for name, (factor, electrons) in frames.items():
    amplified = replace(sensor, gain=sensor.gain * factor, dark_current=0.0)
    first, second = flat_pair(electrons, amplified, rng)
    spread = np.sqrt((first - second).var() / 2)
    ratios[name] = (first.mean() - amplified.black_level) / spread
    law = electrons * amplified.gain / np.sqrt(camera.raw_variance(electrons, 1.0, amplified))
    print(f"{name}: SNR {ratios[name]:.2f}, predicted {law:.2f}")
    assert abs(ratios[name] / law - 1) < 0.012  # 65,536 pixels: 0.28 %; four times that
base, iso, light = ratios.values()
print(f"8 x ISO: {iso / base:.2f} times the SNR.  8 x light: {light / base:.2f} times.")
assert abs(iso / base - 1) < 0.02 and 2.75 < light / base < 3.0

# %%
rng, corner = np.random.default_rng(5), street[view]
shots = {}
for (name, (factor, electrons)), snr in zip(frames.items(), ratios.values(), strict=True):
    amplified = replace(sensor, gain=sensor.gain * factor)
    photo = camera.photograph(corner, electrons_at_white=electrons, sensor=amplified, rng=rng)
    shots[f"{name}: SNR {snr:.1f}"] = photo
figures.image_row(
    shots,
    alt="Three photos of the shop window, brightened alike. ISO 100 and ISO 800 with the same "
    "light look equally noisy; the one with eight times the light is far cleaner.",
)

# %% [markdown]
# The ISO setting changed the SNR by less than 2 %. The light multiplied it by 2.9: $\sqrt 8 = 2.83$,
# and a little more because the read noise weighs less. (In real cameras a higher ISO often lowers
# the *read* noise, counted in electrons, because the amplifier stands before the converter. It never
# touches the noise of the light itself, the **shot noise**. Photos at high ISO are noisy because one
# chooses high ISO when there is little light.)

# %% [markdown]
# ## One variance everywhere: Anscombe's transform
#
# Most denoisers want noise of one known $\sigma$. Photon noise has another one at each brightness:
# a count $N$ with mean $\lambda$ has the standard deviation $\sqrt\lambda$. So bend the scale. A
# function $g(N)$ turns a small spread into $g'(\lambda)$ times that spread; the result is 1 if
# $g'(\lambda) = 1 / \sqrt\lambda$, that is, $g = 2 \sqrt N$.

# %%
for mean in (2, 10, 100, 1000):
    drawn = np.random.default_rng(20).poisson(mean, 100_000)
    spread, bent = drawn.std(), (2 * np.sqrt(drawn)).std()
    print(f"mean {mean:4}: sigma of N {spread:6.2f}, of 2 sqrt(N) {bent:.3f}")
    assert mean < 100 or abs(bent - 1) < 0.02  # the small-spread argument is off by 3 / (16 mean)

# %% [markdown]
# At a mean of 2 the spread is not small beside the counts, and the argument fails. Anscombe (1948)
# added the constant with which it holds further down:
#
# $$t = 2 \sqrt{N + 3/8} .$$
#
# How close to 1 the variance of $t$ is can be summed exactly, with the Poisson probabilities.

# %%
counts = np.arange(1000)
stabilised = 2 * np.sqrt(counts + 3 / 8)
np.testing.assert_array_equal(stabilised, noise.anscombe(counts))


def exact_moments(mean):
    chances = stats.poisson.pmf(counts, mean)
    first = chances @ stabilised
    return first, chances @ (stabilised - first) ** 2


table = {mean: exact_moments(mean)[1] for mean in (0.5, 1, 2, 3, 4, 10, 100)}
print("mean count:", *(f"{mean:7}" for mean in table))
print("variance:  ", *(f"{variance:7.3f}" for variance in table.values()))
published = {0.5: 0.467, 1: 0.717, 2: 0.924, 3: 0.983}  # exact sums, rounded to .001
assert all(abs(table[mean] - value) < 0.0006 for mean, value in published.items())
assert all(abs(exact_moments(mean)[1] - 1) < 0.003 for mean in np.linspace(4, 400, 200))
assert abs(1 / np.sqrt(table[0.5]) - 1.46) < 0.01

# %%
axis = np.geomspace(0.05, 40, 80)
lines = [
    Line("counts themselves", axis, axis),
    Line("Anscombe", axis, [exact_moments(mean)[1] for mean in axis]),
    Line("wanted: 1", axis, np.ones_like(axis)),
]
figures.line_plot(
    lines, log_x=True, log_y=True, x_label="mean count [electrons]", y_label="variance", width=8,
    alt="Variance against mean count, both logarithmic. The counts' own variance rises from 0.05 "
    "to 40; that of the stabilised counts climbs to 1 at about 4 electrons and stays there.",
)

# %% [markdown]
# From a mean of 4 electrons on the variance is 1 within 0.3 %. Below, it collapses: 0.92 at 2,
# 0.72 at 1, 0.47 at one half. At one half a denoiser that is told $\sigma = 1$ is told 1.46 times the
# truth, and smooths too much: the darkest parts of a night photo.

# %% [markdown]
# **The way back has a trap.** A perfect denoiser returns the *mean* $\mu$ of $t$. Solving for $N$
# gives the algebraic inverse, $(\mu / 2)^2 - 3/8$. It is too dark; by how much follows from
# $E[t^2] = \mathrm{Var}[t] + \mu^2$ and $E[t^2] = 4 (\lambda + 3/8)$:
#
# $$(\mu/2)^2 - 3/8 = \tfrac14 \left(E[t^2] - \mathrm{Var}[t]\right) - 3/8
# = \lambda - \mathrm{Var}[t]/4 .$$
#
# About a quarter of an electron: little in daylight, 11.6 % at a mean of 2. Mäkitalo and Foi's
# *exact unbiased* inverse maps $\mu$ back to its $\lambda$.

# %%
print("mean  algebraic inverse  bias   -variance/4   unbiased inverse")
for mean in (0.5, 1, 2, 4, 10, 100):
    expected, variance = exact_moments(mean)
    algebraic = noise.inverse_anscombe_algebraic(expected)
    unbiased = noise.inverse_anscombe_unbiased(expected)
    bias = algebraic - mean
    print(f"{mean:4} {algebraic:17.4f} {bias:8.4f} {-variance / 4:12.4f} {unbiased:16.4f}")
    assert abs(bias + variance / 4) < 1e-9  # the identity above, to rounding
    assert abs(unbiased - mean) < 1e-5  # exact table with spline interpolation
share = exact_moments(2)[1] / 4 / 2
assert abs(share - 0.116) < 0.001

# %% [markdown]
# **With read noise** the *generalised* transform does the same to raw numbers $z$ [DN] with gain
# $K$, read noise $\sigma = K r$ [DN] and black level $B$:
#
# $$t = \frac{2}{K} \sqrt{\max\left(0,\; K z + \tfrac38 K^2 + \sigma^2 - K B\right)} .$$

# %%
K, B, read = sensor.gain, sensor.black_level, sensor.gain * sensor.read_noise
rng = np.random.default_rng(6)
print("electrons  variance   algebraic bias [e-]   unbiased bias [e-]")
for mean in (2, 5, 20, 100):
    z = K * rng.poisson(mean, 400_000) + B + read * rng.standard_normal(400_000)
    t = 2 / K * np.sqrt(np.maximum(0, K * z + 3 / 8 * K**2 + read**2 - K * B))
    np.testing.assert_allclose(t, noise.generalised_anscombe(z, K, read, B), atol=1e-9)
    plain = (noise.inverse_generalised_anscombe_algebraic(t.mean(), K, read, B) - B) / K - mean
    exact = (noise.inverse_generalised_anscombe_unbiased(t.mean(), K, read, B) - B) / K - mean
    chance = np.sqrt((mean + sensor.read_noise**2) / len(z))  # error of a mean of 400,000 draws
    print(f"{mean:9} {t.var():9.3f} {plain:16.3f} {exact:17.3f} +- {chance:.3f}")
    assert abs(exact) < 4 * chance and abs(plain + t.var() / 4) < 4 * chance
    assert mean < 20 or abs(t.var() - 1) < 0.015

# %% [markdown]
# The variance is within 1.5 % of 1 from 20 electrons on. The algebraic inverse again loses a
# quarter of the variance, the unbiased one nothing that 400,000 draws can see.

# %% [markdown]
# ## Clipping: noise with a bias
#
# Around black, half of the noise lies below 0. A sensor with black level 0, or a raw converter that
# clips, cuts that half off, and the shadows become too *bright*. For a value $x$ with Gaussian
# noise, and with the normal distribution's density $\varphi$ and distribution function $\Phi$,
#
# $$E[\max(0, y)] = x\, \Phi(x/\sigma) + \sigma\, \varphi(x/\sigma),$$
#
# which at $x = 0$ is $0.399\, \sigma$ instead of 0. No averaging repairs that. It is why this
# course never clips silently, and why many raw files have a black level above 0.

# %%
rng = np.random.default_rng(7)
print("level / sigma   bias / sigma: predicted  measured")
for level in (0.0, 0.5, 1.0, 2.0):
    predicted = level * stats.norm.cdf(level) + stats.norm.pdf(level) - level
    measured = np.maximum(0, level + rng.standard_normal(400_000)).mean() - level
    print(f"{level:13} {predicted:24.4f} {measured:9.4f}")
    assert abs(measured - predicted) < 0.006  # four times 1 / sqrt(400,000)

dark = np.zeros((256, 256))
high_iso = Sensor(gain=5.12, dsnu=0.0, dark_current=0.0)
for black_level in (0, 256):
    frame = camera.expose(dark, 1.0, replace(high_iso, black_level=black_level), rng)
    bias = (frame.mean() - black_level) / (high_iso.gain * high_iso.read_noise)
    print(f"camera with black level {black_level}: {bias:+.3f} sigma without any light")
    assert abs(bias - (0.399 if black_level == 0 else 0)) < 0.016  # four times 1 / 256

# %% [markdown]
# ## White at the sensor, coloured in the file
#
# Noise is **white** if each pixel's is independent of its neighbours': the same power at all
# frequencies. On the course's sensor it is. Then **demosaicing** fills in the missing colours from the
# neighbours. In one row, red is sampled in every second pixel; the others get the mean of two. If
# the samples have variance 1, then on average over the two kinds of pixel
#
# - the variance is $(1 + \frac12) / 2 = \frac34$,
# - the covariance of two neighbours is $\frac12$ (one is a sample, the other holds half of it), so
#   they correlate $\frac12 / \frac34 = \frac23$.
#
# In two dimensions the variances of rows and columns multiply: $(\frac34)^2 = 0.5625$. Green is
# sampled in every second pixel of a checkerboard and is the mean of four in the others: variance
# $(1 + \frac14) / 2 = 0.625$, correlation $\frac14 / 0.625 = \frac25$.

# %%
samples = np.random.default_rng(8).standard_normal(100_000)
row = np.empty(2 * len(samples) - 1)
row[0::2] = samples
row[1::2] = (samples[:-1] + samples[1:]) / 2
alike = (row[:-1] * row[1:]).mean() / row.var()
print(f"by hand, one row: variance {row.var():.3f} (0.75), neighbours correlate {alike:.3f} (0.667)")
assert abs(row.var() - 0.75) < 0.02 and abs(alike - 2 / 3) < 0.01  # four standard errors

raw = np.random.default_rng(9).standard_normal((512, 512))
for channel, variance, neighbour in ((0, 0.5625, 2 / 3), (1, 0.625, 2 / 5), (2, 0.5625, 2 / 3)):
    plane = camera.demosaic(raw)[..., channel]
    measured = noise_level.autocorrelation(plane, 1)[1, 2]
    print(f"channel {channel}: variance {plane.var():.3f} ({variance}), {measured:.3f}")
    np.testing.assert_allclose([plane.var(), measured], [variance, neighbour], rtol=0.03)

# %% [markdown]
# Now the whole pipeline (Colom and others study it on real cameras): a flat grey wall, 60 electrons
# at white, green at every stage. The sensor here answers to all colours alike, so that one wall is
# one level in the mosaic.

# %%
even = replace(sensor, channel_sensitivity=(1.0, 1.0, 1.0))
wall = np.full((256, 256, 3), 0.4)
raw = camera.capture(wall, electrons_at_white=60, sensor=even, rng=np.random.default_rng(10))
stages = camera.develop_stages(raw, even, Development().matched(even, 60))
grain, lag_1 = {}, {}
for name in ("raw mosaic", "demosaiced", "tone curve", "JPEG"):
    plane = stages[name] if stages[name].ndim == 2 else stages[name][..., 1]
    grain[name] = (plane - plane.mean()) / plane.std()
    lag_1[name] = noise_level.autocorrelation(grain[name], 5)[5, 6]
    print(f"{name:12} neighbours correlate {lag_1[name]:+.2f}")
assert abs(lag_1["raw mosaic"]) < 4 / 256  # standard error 1 / 256
assert abs(lag_1["demosaiced"] - 0.4) < 0.03 and lag_1["JPEG"] > lag_1["tone curve"] + 0.05
assert abs(lag_1["tone curve"] - lag_1["demosaiced"]) < 0.02

# %%
figures.image_row(
    {f"{name}: {lag_1[name]:+.2f}": plane[:64, :64] for name, plane in grain.items()},
    low=-3, high=3,
    alt="Noise of a flat wall, enlarged, after four stages. At the raw mosaic each pixel stands by "
    "itself; after demosaicing and after the tone curve there are soft clumps two or three pixels "
    "wide; after JPEG the clumps are larger.",
)

# %% [markdown]
# Each picture has the same contrast; the number is the correlation of neighbours. The grains
# grow: this is the *blotchy* noise of real photos. The tone curve, which treats each pixel by
# itself, changes it by less than 0.02. Two instruments say the same in numbers: the **autocorrelation**
# (how alike are pixels at a distance, the *lag*?) and the **power spectrum** (how much noise is
# there at each frequency?). White noise has 0 at every lag but lag 0 in the first, and is flat in
# the second.

# %%
lags, spectra = [], []
for name, plane in grain.items():
    lags.append(Line(name, range(6), noise_level.autocorrelation(plane, 5)[5, 5:], "both"))
    spectra.append(Line(name, *noise_level.power_spectrum(plane, rings=16)))
low = {line.label: np.mean(line.y[:3]) for line in spectra}
assert abs(low["raw mosaic"] - 1) < 0.3 and low["JPEG"] > 4 and low["JPEG"] > 10 * spectra[-1].y[-1]

# %%
figure, axes = figures.new_figure(
    2, width=11, height=3.6,
    alt="Left: autocorrelation along the row at lags 0 to 5; raw drops to 0 at once, demosaiced to "
    "0.4, JPEG to 0.5. Right: power spectra; raw is flat at 1; the others start between 3 and 6 "
    "at low frequencies and fall below 0.5 at high ones.",
)
figures.draw_lines(axes[0, 0], lags, x_label="lag along the row [px]", y_label="correlation")
figures.draw_lines(
    axes[0, 1], spectra, x_label="frequency [cycles/px]", y_label="power (variance = 1)"
)
figure

# %% [markdown]
# Within JPEG noise the low frequencies have over ten times the power of the high ones. For red
# after demosaicing the tilt can be calculated. Red keeps one raw pixel in four, which leaves
# $\frac14$ of the power, still white. Filling in is a filter with the weights
# $\left[\frac12, 1, \frac12\right]$ along the rows and then the columns. At frequency $u$
# [cycles/px] such a filter multiplies a wave by $1 + \cos 2\pi u$, and its power by the square.
# With $v$ for the other direction, and relative to the raw noise:
#
# $$S(u, v) = \tfrac14 (1 + \cos 2\pi u)^2 (1 + \cos 2\pi v)^2 ,$$
#
# which is 4 at frequency 0 and falls to 0 at $\frac12$.

# %%
rng, DRAWS = np.random.default_rng(11), 16
power, white_power = np.zeros(24), np.zeros(24)
for _ in range(DRAWS):
    raw = rng.standard_normal((512, 512))
    red = camera.demosaic(raw)[..., 0]
    frequency, one = noise_level.power_spectrum(red, rings=24)
    power += one / DRAWS
    white_power += noise_level.power_spectrum(raw, rings=24)[1] / DRAWS

# %%
ring, _ = noise_level.rings_of_frequency(red.shape, 24)  # which ring each coefficient is in
along = (1 + np.cos(2 * np.pi * np.fft.fftfreq(512))) ** 2
predicted = np.array([(np.outer(along, along) / 4)[ring == k].mean() for k in range(24)])
# The innermost ring holds about 16 x 180 independent coefficients: 1.9 %, four times that.
np.testing.assert_allclose(power[:20], predicted[:20], rtol=0.075)

# %%
figures.line_plot(
    [
        Line("raw: white", frequency, white_power),
        Line("demosaiced red, predicted", frequency, predicted),
        Line("demosaiced red, measured", frequency, power, "points"),
    ],
    x_label="frequency [cycles/px]", y_label="noise power / raw", width=8,
    alt="Power spectra of noise. Raw is flat at 1. Demosaiced red falls from 4 at low frequencies "
    "to nearly 0 at 0.5 cycles per pixel, measured points on the predicted line.",
)

# %% [markdown]
# ## How noisy is this photo? No clean image to compare with
#
# Take blocks of 2 x 2 pixels, $p_1, p_2$ above $p_3, p_4$, and their diagonal difference
# $(p_1 - p_2 - p_3 + p_4) / 2$. A flat or evenly sloping block gives 0 plus noise, whose variance
# is $4 \sigma^2 / 4$: again $\sigma$. Slanted edges and corners give large values, but they are few,
# so take a **median**: for noise of standard deviation $\sigma$ that is normal, half of the absolute
# values lie below $0.6745\, \sigma$. (Donoho and Johnstone's median absolute deviation, MAD.)

# %%
def mad_by_hand(image):
    p1, p2 = image[::2, ::2], image[::2, 1::2]
    p3, p4 = image[1::2, ::2], image[1::2, 1::2]
    return np.median(np.abs((p1 - p2 - p3 + p4) / 2)) / 0.6745


scenes = {name: pictures.picture(name) for name in ("coins", "grass")}
scenes["coins"] = scenes["coins"][:302]  # even sides
print("picture        true sigma:  0.000   0.020   0.050   0.100")
for name, picture in scenes.items():
    rng = np.random.default_rng(12)
    found = [mad_by_hand(noise.add_gaussian(picture, s, rng)) for s in (0, 0.02, 0.05, 0.1)]
    print(f"{name:12}  estimated: ", *(f"{value:7.3f}" for value in found))
    assert (found[0] > 0.04) == (name == "grass")
    assert (found[2] < 0.05 * 1.2) == (name == "coins")
assert abs(mad_by_hand(picture) - noise_level.estimate_sigma(picture)) < 1e-15

# %% [markdown]
# **Texture fools it**: fine detail is everywhere, so the median does not step over it. Without any
# noise the grass is 'estimated' to have a $\sigma$ of more than 0.04, and a denoiser that is told
# so will remove the grass. The coins, mostly flat, are judged within 20 % at $\sigma = 0.05$.
#
# **Coloured noise fools it the other way.** After demosaicing the neighbours are alike, so their
# differences are small. For bilinear red the block difference has $\frac14$ of the raw noise's
# standard deviation, but the noise itself has $\sqrt{0.5625} = \frac34$: the estimate is three times
# too low. This is why the recipe failed in lesson 00.

# %%
flat = noise.add_gaussian(np.full((512, 512), 0.5), 0.05, np.random.default_rng(13))
demosaiced = camera.demosaic(flat)[..., 0]
told, true = noise_level.estimate_sigma(demosaiced), demosaiced.std()
print(f"demosaiced red: true sigma {true:.4f}, MAD says {told:.4f}: {true / told:.2f} times too low")
# Standard error of the MAD: 2.3 / 512 = 0.45 %; four times that, and a little for the standard
# deviation of correlated noise.
assert abs(told / (0.05 / 4) - 1) < 0.02 and abs(true / (0.05 * 3 / 4) - 1) < 0.02

# %% [markdown]
# **Noise against intensity.** The same differences, sorted by the brightness of their block, give
# $\sigma$ as a curve: `noise_against_intensity` returns its `levels`, darkest first, and its
# `sigmas`. On raw data the law says what the curve must be. Below: the green pixels of a raw frame
# with 1,000 electrons at white, of a smooth ramp and of the street.

# %%
bright = replace(sensor, prnu=0.0, dsnu=0.0, gain=2.56, bit_depth=14)  # fine steps
ramp = np.tile(np.linspace(0, 1, 768)[:, None], (512, 1, 3))
curves, law_ratio = [], {}
for name, scene in (("smooth ramp", ramp), ("night street", np.clip(street, 0, 1))):
    raw = camera.capture(scene, electrons_at_white=1000, sensor=bright, rng=fresh())
    green = (raw - bright.black_level)[0::2, 1::2]
    curve = noise_level.noise_against_intensity(green, bins=30)
    law = np.sqrt(camera.raw_variance(curve.levels / bright.gain, 1 / 15, bright))
    law_ratio[name] = curve.sigmas / law
    curves.append(Line(name, curve.levels, curve.sigmas, "points"))
    print(f"{name}: measured / law = {np.median(law_ratio[name]):.2f} (median of the levels)")
assert abs(np.median(law_ratio["smooth ramp"]) - 1) < 0.03
assert 1.15 < np.median(law_ratio["night street"]) < 1.4

# %%
grid = np.linspace(0, 2560, 50)
law = np.sqrt(camera.raw_variance(grid / bright.gain, 1 / 15, bright))
figures.line_plot(
    [Line("law", grid, law), *curves],
    x_label="mean above black [DN]", y_label="sigma of the noise [DN]", width=8,
    alt="Noise sigma against brightness. The smooth ramp's points follow the square-root-like law; "
    "those of the night street lie above it at many levels, because its texture counts as noise.",
)

# %% [markdown]
# The ramp's points scatter about the law, within 3 % in their median. The street's median is about
# a quarter too high: its bricks, tiles and edges are taken for noise again.
#
# ## See: the noise bench
#
# First without a kernel: one corner of the street at four stages, and its noise alone.

# %%
setting = noise_bench_frames.Setting()
exposure = noise_bench_frames.take(setting)
look, square = {}, slice(64, 192)
for name in ("raw mosaic", "demosaiced", "clipped", "JPEG"):
    look[name] = noise_bench_frames.on_screen(exposure, name)[square, square]
for name in list(look):
    difference = noise_bench_frames.noise_at(exposure, name)[square, square]
    look[f"noise, {name}"] = 0.5 + difference / difference.std() / 6
    window, floor = difference[70:100, 20:90].std(), difference[115:, :].std()
    print(f"{name:12} noise of the dark floor / noise of the lit window: {floor / window:.2f}")
    assert (floor > 1.2 * window) == (name == "JPEG") and (name == "JPEG" or floor < 0.5 * window)

# %%
figure, axes = figures.new_figure(
    4, 2, width=12, height=6.6,
    alt="Upper row: a street corner as raw mosaic, demosaiced, clipped and as JPEG. Lower row: the "
    "noise alone, pixel-fine at first, then clumped. Up to clipping it is weakest on the dark "
    "floor; in the JPEG it is strongest there.",
)
for panel, (name, image) in zip(axes.ravel(), look.items(), strict=True):
    figures.draw_image(panel, image, name)
figure

# %% [markdown]
# (It is green before the white balance.) On the sensor the dark floor has less than half of the
# window's noise. The tone curve, steep in the dark, lifts it above the window's: the noise that you
# see in a night photo.
#
# Now move it yourself: with the mouse, or with Tab and the arrow keys.
#
# - **Flat field**, down the **stage** list: the autocorrelation spreads; at 'demosaiced' the
#   variance drops to about $\frac58$ of the law.
# - **Gain** at 'raw mosaic': the axes' numbers climb, the SNR below stays.
# - **Read noise** with little light (2 to the power 3): the line lifts off from 0.
# - **Night street**, 'exposed' to 'clipped': the mean noise of the darkest tenth leaves 0.
# - **Slanted edge**: the last number is its width after each stage.

# %%
bench = NoiseBench(picture="night street")
bench

# %% [markdown]
# ## Measure: how sharp is an edge when it leaves the camera?
#
# The 10-90 % width of an edge that a Gaussian of standard deviation $s$ has blurred is $2.563\, s$:
# a normal distribution has 10 % beyond $1.2816\, s$ on each side. Blurs that follow one another add
# their *variances*: optics (here $s = 0.7$ px), the pixel's own area ($1/12$ px²), demosaicing.
# Across a vertical edge bilinear red averages with the weights
# $\left[\frac14, \frac12, \frac14\right]$, taken over sampled and filled-in pixels, variance
# $\frac12$; green with $\left[\frac18, \frac34, \frac18\right]$, variance $\frac14$. There is no
# noise in this table:

# %%
edge = phantoms.SlantedEdge(size=192, contrast=0.4, mean=0.4)
OPTICS = 0.7


def integral(u):  # of the Gaussian edge, so that a difference is the mean over a pixel
    return u * stats.norm.cdf(u / OPTICS) + OPTICS * stats.norm.pdf(u / OPTICS)


seen = 0.2 + 0.4 * (integral(edge.distance() + 0.5) - integral(edge.distance() - 0.5))
developed = camera.demosaic(camera.mosaic(np.stack([seen] * 3, axis=-1)))


def width_of(image):
    return edges.rise_width(edges.edge_spread(image, edge))


# %%
stages = {  # name: image, variance of all its blurs [px²]
    "scene (pixel area)": (edge.image(), 1 / 12),
    "before demosaicing": (seen, OPTICS**2 + 1 / 12),
    "green after": (developed[..., 1], OPTICS**2 + 1 / 12 + 1 / 4),
    "red after": (developed[..., 0], OPTICS**2 + 1 / 12 + 1 / 2),
}
for name, (image, variance) in stages.items():
    predicted = 2.563 * np.sqrt(variance)
    print(f"{name:19} {width_of(image):5.2f} px, predicted {predicted:5.2f}")
    # 4 %: the kernels are not Gaussian. A bare pixel is a box, which is wider than that: 0.8 px.
    assert abs(width_of(image) / predicted - 1) < (0.2 if "scene" in name else 0.04)
narrow, wide = width_of(seen), width_of(developed[..., 0])
assert wide > 1.3 * narrow

# %% [markdown]
# Demosaicing made the red edge over 30 % wider before anybody 'denoised' anything.
#
# ### Short and noisy, or long and blurred?
#
# The edge moves by 90 px per second. A short frame (1/60 s) catches 60 electrons at white and
# smears over 1.5 px; a long one, eight times as long, catches 480 and smears over 12 px. Steady
# motion over $L$ px averages evenly over that length; its 10-90 % width is $0.8 L$.

# %%
rng, shots, trade = np.random.default_rng(14), {}, {}
mono = replace(sensor, prnu=0.0, dsnu=0.0)
lit = slice(20, 170), slice(140, 180)  # flat, on the light side, where the scene is 0.6
for name, seconds in (("short", 1 / 60), ("long", 8 / 60)):
    smeared = camera.motion_blur(seen, pixels=90 * seconds)
    photons = smeared * 60 * 60 / mono.quantum_efficiency  # per second: 60 electrons in 1/60 s
    first, second = (camera.expose(photons, seconds, mono, rng) for _ in range(2))
    signal = first - mono.black_level
    snr = signal[lit].mean() / np.sqrt((first - second)[lit].var() / 2)
    electrons = 0.6 * 3600 * seconds
    law = electrons / np.sqrt(electrons + mono.read_noise**2)
    assert abs(snr / law - 1) < 0.05  # 6,000 pixels: 0.9 %; four times that, and rounding
    shots[name], trade[name] = signal, (snr, width_of(smeared))
    print(f"{name:5}: SNR {snr:5.2f} (law {law:5.2f}), edge width {trade[name][1]:5.2f} px")

# %%
assert abs(trade["long"][1] / (0.8 * 12) - 1) < 0.05 and trade["short"][1] < 2.5
assert 2.7 < trade["long"][0] / trade["short"][0] < 3.1
panels = {}
for name, (snr, width) in trade.items():
    title = f"{name}: SNR {snr:.1f}, width {width:.1f} px"
    panels[title] = shots[name][48:144, 48:144] / np.percentile(shots[name], 98)
figures.image_row(
    panels,
    alt="Left: the short frame, a sharp edge under strong noise. Right: the long frame, much less "
    "noisy, its edge smeared over a dozen pixels.",
)

# %% [markdown]
# Eight times the light bought about 2.9 times the SNR and made the edge about four times as wide.
# This is why phones take many short frames and align them (lesson 11).

# %% [markdown]
# ## Why this edge blurred: capture
#
# An edge of contrast $c$, blurred by a Gaussian of $b$ px, stands at an unknown place $q$. If it
# moves by a small $\delta$, the value $v_k$ of pixel $k$ changes by $v_k' \delta$: each pixel
# estimates $\delta$ with the error $\sigma / |v_k'|$. The best weighted mean of all these estimates,
# in $R$ rows, has the variance
#
# $$1 / I \quad\text{with}\quad I = \frac{R}{\sigma^2} \sum_k (v_k')^2 \quad\text{(Fisher information)}.$$

# %%
c, SIGMA_EDGE, b, R = 0.5, 0.1, 1.0, 16
pixel, place = np.arange(32), 15.3
slopes = c * stats.norm.pdf((pixel - place) / b) / b  # how fast each value changes with the place
by_hand = SIGMA_EDGE / np.sqrt(R * (slopes**2).sum())
bound = edge_position.position_bound(c, SIGMA_EDGE, b, R)
print(f"1 / sqrt(I) = {by_hand:.5f} px by hand, {bound:.5f} px by the formula below")
assert abs(by_hand / bound - 1) < 2e-4  # a sum in place of an integral

# %% [markdown]
# *No* unbiased method has less variance (Cramér and Rao). With an integral in place of the sum:
#
# $$\frac{1}{\sqrt I} = \frac{\sigma}{c} \sqrt{\frac{2 b \sqrt\pi}{R}} \ \text{px}.$$
#
# It holds for known levels, blur and direction, $b \ge 0.5$ px, and only where it is well below
# $b$. Does a real fit reach it?

# %%
def fitted_places(contrast, rng, draws=4000):
    profile = contrast * stats.norm.cdf((pixel - place) / b)
    # The mean of R rows knows as much as the R rows.
    grain = SIGMA_EDGE / np.sqrt(R) * rng.standard_normal((draws, len(pixel)))
    return edge_position.locate_edge(profile + grain, contrast, b)  # maximum likelihood


rng = np.random.default_rng(15)
places = fitted_places(c, rng)
print(f"bound {bound:.4f} px; maximum likelihood, 4,000 draws: {places.std():.4f} px")
assert abs(bound - 0.0941) < 1e-4
assert abs(places.std() / bound - 1) < 0.05  # 4,000 draws know a standard deviation to 1.1 %

# %% [markdown]
# The maximum-likelihood fit, here the place with the least squared misfit, comes within 5 % of the
# bound: 0.094 px at $c/\sigma = 5$. A network cannot know the place better from these pixels either;
# it can only lean on where edges usually are, and that is a bias.
#
# **From uncertain place to blur.** Someone who knows everything but the place draws a perfect
# edge at the fitted place, for one noisy frame after another. The *mean* of these drawings has the
# place's variance added to its blur. (Lesson 06 meets it again, as hedging.) At $c/\sigma = 1$ in 16
# rows:

# %%
weak_bound = edge_position.position_bound(SIGMA_EDGE, SIGMA_EDGE, b, R)
places = fitted_places(SIGMA_EDGE, rng)
fine = np.arange(-6, 6.001, 0.05)
drawings = np.mean([stats.norm.cdf((fine - found + place) / b) for found in places], axis=0)
blurred = edges.rise_width(edges.EdgeSpread(fine, drawings))
predicted = 2.563 * np.sqrt(b**2 + places.var())
print(f"place known to {places.std():.2f} px (bound {weak_bound:.2f})")
print(f"edge {2.563 * b:.2f} px wide, mean drawing {blurred:.2f}, predicted {predicted:.2f}")
assert 1 < places.std() / weak_bound < 1.15  # half of b is not 'well below b' any more
assert abs(blurred / predicted - 1) < 0.01 and blurred > 2.563 * b * 1.1

# %%
figures.line_plot(
    [
        Line("the edge", fine, stats.norm.cdf(fine / b)),
        *(Line(f"one drawing, to the {side}", fine, stats.norm.cdf((fine - found + place) / b))
          for side, found in zip(("left", "right"), np.quantile(places, (0.1, 0.9)), strict=True)),
        Line("mean of 4,000 drawings", fine, drawings),
    ],
    x_label="distance from the true place [px]", y_label="value / contrast", width=8,
    title=f"width {2.563 * b:.2f} px each, {blurred:.2f} px for their mean",
    alt="Profiles of an edge: the true one, two drawings of it that are equally sharp but shifted "
    "to different sides, and the mean of 4,000 drawings, which is a little less steep.",
)

# %% [markdown]
# > **Why this edge blurred: capture.**
# > *Equation*: place error $\ge (\sigma / c) \sqrt{2 b \sqrt\pi / R}$; blurs add in squares, so the
# > width is $2.563 \sqrt{\text{optics}^2 + \text{pixel}^2 + \text{demosaicing}^2 + \text{place}^2}$,
# > each given by its standard deviation in px.
# > *Measured*: 0.094 px at $c/\sigma = 5$ in 16 rows; a red edge over 30 % wider after
# > demosaicing; a moving edge about four times as wide for 2.9 times the SNR.
# > *What it costs to avoid it*: light. Half the place error takes four times the photons (where
# > they make the noise) or four times the rows; a sharper edge in motion takes a shorter shutter,
# > and so more noise.

# %%
print(f"place: {bound:.4f} px; with 4 x the rows: {edge_position.position_bound(c, 0.1, b, 64):.4f} px")
print(f"red edge: {narrow:.2f} px before demosaicing, {wide:.2f} px after: {wide / narrow:.2f} times")
wider, cleaner = trade["long"][1] / trade["short"][1], trade["long"][0] / trade["short"][0]
print(f"8 x exposure of a moving edge: {cleaner:.2f} times the SNR, {wider:.2f} times the width")
assert abs(edge_position.position_bound(c, 0.1, b, 64) / bound - 0.5) < 1e-12
assert 3.7 < wider < 4.1 and 1.3 < wide / narrow < 1.45 and abs(cleaner - 2.9) < 0.1

# %% [markdown]
# ## Exercises
#
# Write 1 to 4 with NumPy alone: `lessons_lib` knows the answers.
#
# ### 1 The gain from pairs
#
# Each pair holds two raw frames of the same flat light. Return the gain $K$ in DN per electron.
# The sensor has a black level, and its pixels are not equally sensitive.

# %% tags=["exercise"]
def gain_from_pairs(pairs, black_level):
    """Gain K [DN/e-] of a sensor; pairs is a list of (first, second) raw frames [DN]."""
    raise NotImplementedError


# %% tags=["check"]
checks.check_gain_from_pairs(gain_from_pairs)

# %% tags=["solution"]
def gain_from_pairs(pairs, black_level):
    """Gain K [DN/e-] of a sensor; pairs is a list of (first, second) raw frames [DN]."""
    means = np.array([(a.mean() + b.mean()) / 2 - black_level for a, b in pairs])
    variances = np.array([(a - b).var() / 2 for a, b in pairs])
    slope, _ = np.polyfit(means, variances, 1, w=1 / variances)
    return slope


# %% [markdown]
# ### 2 The signal-to-noise ratio
#
# Predict it, as a plain ratio and not in decibels. `electrons` may be an array.

# %% tags=["exercise"]
def signal_to_noise(electrons, read_noise):
    """Signal-to-noise ratio of a pixel; both arguments in electrons."""
    raise NotImplementedError


# %% tags=["check"]
checks.check_signal_to_noise(signal_to_noise)

# %% tags=["solution"]
def signal_to_noise(electrons, read_noise):
    """Signal-to-noise ratio of a pixel; both arguments in electrons."""
    return electrons / np.sqrt(electrons + read_noise**2)


# %% [markdown]
# ### 3 Stabilise photon counts, and say what the plain way back loses
#
# Return two things: the counts on a scale on which their variance is 1 (within half a percent, from
# a mean of 4 on), and the bias (result minus truth) of the plain algebraic inverse, in counts, if a perfect denoiser hands it the mean $\mu$ of
# many stabilised values $t$ with variance `variance`.

# %% tags=["exercise"]
def stabilise(counts, variance=1.0):
    """(stabilised counts, bias of the algebraic inverse in counts)."""
    raise NotImplementedError


# %% tags=["check"]
checks.check_stabilise(stabilise)

# %% tags=["solution"]
def stabilise(counts, variance=1.0):
    """(stabilised counts, bias of the algebraic inverse in counts)."""
    return 2 * np.sqrt(np.asarray(counts) + 3 / 8), -variance / 4


# %% [markdown]
# ### 4 How noisy is a picture?
#
# Estimate $\sigma$ of white noise in a grey picture with edges and a few bright lamps. There is no
# clean version. A side may be odd: then leave out the last row or column.

# %% tags=["exercise"]
def estimate_noise(image):
    """Standard deviation of the white noise in a grey image (H, W), in image units."""
    raise NotImplementedError


# %% tags=["check"]
checks.check_estimate_noise(estimate_noise)

# %% tags=["solution"]
def estimate_noise(image):
    """Standard deviation of the white noise in a grey image (H, W), in image units."""
    rows, cols = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    a, b = image[0:rows:2, 0:cols:2], image[0:rows:2, 1:cols:2]
    c, d = image[1:rows:2, 0:cols:2], image[1:rows:2, 1:cols:2]
    return np.median(np.abs(a - b - c + d)) / 2 / 0.6745


# %% [markdown]
# ### 5 Your own photo
#
# Put the path of a photo into `PHOTO` (JPEG, PNG, TIFF or RAW; it stays on your computer). Run the
# two cells, read the rows and columns of a flat part off the axes (sky, a wall out of focus), put
# them into `PATCH` and run again. The frame shows the patch. With `PHOTO = None` the night street
# is photographed for you.

# %%
PHOTO = None
PATCH = (slice(32, 80), slice(608, 672))  # rows, columns: a piece of sky in the night street
if PHOTO is None:
    rng = np.random.default_rng(16)
    mine = camera.photograph(street, electrons_at_white=400, rng=rng)[..., 1]
else:
    photo = read_photo(PHOTO).display
    photo = centre_crop(photo, min(1024, *photo.shape[:2]))  # the axes count from its corner
    mine = photo[..., 1] if photo.ndim == 3 else photo
height, width = mine.shape
top, bottom, left, right = PATCH[0].start, PATCH[0].stop, PATCH[1].start, PATCH[1].stop
inside = 0 <= top < bottom - 15 <= height - 15 and 0 <= left < right - 15 <= width - 15
assert inside, f"PATCH must be 16 px or more each way, within {height} rows and {width} columns"

# %%
piece = 0.5 + 4 * (mine[PATCH] - mine[PATCH].mean())
figure, axes = figures.new_figure(
    2, width=12, height=4.6,
    alt="Left: the photo's green channel with its rows and columns numbered, and a frame around the "
    "patch. Right: the patch with its contrast raised.",
)
figures.draw_image(axes[0, 0], mine, "your photo, green")
axes[0, 0].set_xticks(range(0, width, 100))
axes[0, 0].set_yticks(range(0, height, 100))
axes[0, 0].plot([left, right, right, left, left], [top, top, bottom, bottom, top], color="#E69F00")
figures.draw_image(axes[0, 1], piece, "the patch, contrast raised")
figure

# %% [markdown]
# Write a function that reads three numbers off one channel `plane`: $\sigma$ at the darkest and at
# the brightest level of `noise_level.noise_against_intensity(plane)`, and the correlation of
# neighbours in `plane[patch]`, from `noise_level.autocorrelation`: take the mean of one pixel along
# the row and one pixel down the column. Even a flat scene grows darker to one side, which is scene
# and not noise: `without_slope` takes it off. (Where neighbours are alike, both sigmas are too low,
# as above: compare them with each other.)

# %%
def without_slope(patch):
    """Take the best-fitting inclined plane off a patch."""
    rows, cols = np.indices(patch.shape)
    plane = np.stack([rows.ravel(), cols.ravel(), np.ones(patch.size)], axis=1)
    fitted = plane @ np.linalg.lstsq(plane, patch.ravel(), rcond=None)[0]
    return patch - fitted.reshape(patch.shape)


# %% tags=["exercise"]
def describe_noise(plane, patch):
    """(sigma at the darkest level, sigma at the brightest, correlation of neighbours)."""
    raise NotImplementedError


# %% tags=["check"]
checks.check_describe_noise(describe_noise, mine, PATCH)

# %% tags=["solution"]
def describe_noise(plane, patch):
    """(sigma at the darkest level, sigma at the brightest, correlation of neighbours)."""
    curve = noise_level.noise_against_intensity(plane)
    alike = noise_level.autocorrelation(without_slope(plane[patch]), 1)
    return curve.sigmas[0], curve.sigmas[-1], (alike[1, 2] + alike[2, 1]) / 2


# %% [markdown]
# **Double-click and write one sentence**: is this photo's noise white, does it follow the square
# root of the light, and what happened to it inside the camera if not? ...

# %% [markdown]
# ## Scoreboard
#
# The course's table starts with the denoiser that does nothing. Every denoiser to come has to beat
# its PSNR (lesson 00); look then at what it paid in the columns of edge widths. Lesson 02 explains
# the other columns.

# %%
def identity(noisy, sigma):
    return noisy


row = score(identity, pictures.picture("camera", 256), name="Identity (noisy image)")
assert abs(row.psnr - 20 * np.log10(255 / 25)) < 0.1  # sigma 25/255, peak 1
assert abs(row.residual_noise - 1) < 0.02 and row.width_8 < 1.0
Scoreboard().add(row)

# %% [markdown]
# ## What it cannot do
#
# You can now say how much noise a photo has, of which kind, and what no method can get back. You
# can *not* yet say what a denoiser does to an edge. PSNR will not tell either: lesson 02 builds
# six instruments that see blur.
#
# Return to your guesses at the top: which one was furthest off?
#
# <details class="example"><summary>What this lesson found</summary>
#
# 1. The same: eight times the gain changed the SNR by less than 2 %.
# 2. By 10, the square root of 100.
# 3. No: after demosaicing neighbours correlate by 0.4, after JPEG by more.
# 4. 0.094 px, if the edge is blurred by 1 px.
#
# </details>
#
# ## References
#
# - European Machine Vision Association, *EMVA Standard 1288: Standard for Characterization of
#   Image Sensors and Cameras*, release 4.0 Linear, 2021.
# - F. J. Anscombe, 'The transformation of Poisson, binomial and negative-binomial data',
#   *Biometrika* 35, 1948. doi:10.1093/biomet/35.3-4.246
# - M. Mäkitalo and A. Foi, 'Optimal inversion of the Anscombe transformation in low-count Poisson
#   image denoising', *IEEE Transactions on Image Processing*, 2011. doi:10.1109/TIP.2010.2056693
# - M. Mäkitalo and A. Foi, 'Optimal inversion of the generalized Anscombe transformation for
#   Poisson-Gaussian noise', *IEEE Transactions on Image Processing*, 2013.
#   doi:10.1109/TIP.2012.2202675
# - D. L. Donoho and I. M. Johnstone, 'Ideal spatial adaptation by wavelet shrinkage',
#   *Biometrika* 81, 1994. doi:10.1093/biomet/81.3.425
# - M. Colom, M. Lebrun, A. Buades and J.-M. Morel, 'A non-parametric approach for the estimation
#   of intensity-frequency dependent noise', *IEEE International Conference on Image Processing*,
#   2014 (noise from the sensor to the JPEG file).
# - S. M. Kay, *Fundamentals of Statistical Signal Processing: Estimation Theory*, 1993, chapter 3
#   (the Cramér-Rao bound).
