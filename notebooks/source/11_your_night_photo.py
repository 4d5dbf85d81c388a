# %% [markdown]
# # 11 Your night photo: what is used now
#
# **The question** of lesson 00 once more, on your own file: how can noise be removed while the picture stays,
# and why do edges blur? At the end you answer it on one page, with numbers from your photo.
#
# **You will**
#
# 1. read off one photo how much light it caught (exercise 1),
# 2. say how much noise is left in a mean when neighbours share theirs (exercise 2),
# 3. decide into how many frames the light may be cut (exercise 3),
# 4. foretell the edge width of a merged burst from its shift errors (exercise 4),
# 5. take a photo from file to result, and say with numbers what was lost where (exercise 5).
#
# **Time:** 150 minutes; good places for a pause are before parts 2 and 3. **Needs:** lessons 01 and 02; the others
# for the reasons.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. Three denoisers clean a night photo. Will the one with the highest PSNR also keep the most texture? *My answer:*
# 2. Can one find out how strong the noise of *one* photo is, without a clean one? *My answer:*
# 3. Is the noise of a RAW file easier to remove than that of a JPEG? Why? *My answer:*

# %%
import json
import time
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from PIL import Image as PillowImage
from scipy import ndimage
from scipy.ndimage import uniform_filter

from lessons_lib.classroom import lesson_11 as check
from lessons_lib.classroom.lesson_11_pictures import (
    edge_loss,
    find_places,
    street_places,
    taken_over_noise,
)
from lessons_lib.classroom.lesson_11_report import Facts, Page, supported_cause
from lessons_lib.denoisers import Bilateral, Gaussian, LocalDCT, TotalVariation, UndecimatedHaar
from lessons_lib.denoisers.bm3d import BM3D
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.denoisers.photo_choice import choose_denoiser, denoise_photo
from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.denoisers.tiled import Tiled
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import autocorrelation
from lessons_lib.diagnosis.photo_noise import measure_photo_noise
from lessons_lib.diagnosis.scoreboard import Scoreboard, score
from lessons_lib.diagnosis.texture import texture_kept
from lessons_lib.display.figures import (
    Line,
    draw_image,
    draw_lines,
    image_row,
    new_figure,
)
from lessons_lib.display.photo_bench import photo_bench
from lessons_lib.display.subjects import clean_street, photographed_street, street_light
from lessons_lib.image import luminance
from lessons_lib.scenes.camera import Sensor, capture, save_dng, srgb_decode, srgb_encode
from lessons_lib.scenes.hand_held_burst import fine_street
from lessons_lib.scenes.photo import Photo, read_photo
from lessons_lib.scenes.photo_export import export_photo
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.standard_sets import StandardSetMissing, standard_pairs

# %%
street = fine_street()  # for part 2; drawing it takes more memory than anything later, so it comes first

# %% [markdown]
# # Part 1: one photo, from file to result
#
# ## Open it
#
# Without a photo of yours, the night street of lesson 00 is used: a simulated camera has photographed it, and it
# is written to a file like any other photo. For your own, set `PHOTO` to its name, or open it in the *photo
# bench* further down and set `PHOTO = bench.photo`. BM3D and the network take 5 to 10 seconds per megapixel: begin with
# a `PIECE` of it. Nothing leaves this computer, and **no noise is ever added to it**.

# %%
PHOTO = None  # for example "my_photos/kitchen.jpg", a RAW file, or bench.photo
PIECE = np.s_[:, :]  # of your photo: rows, columns; all of it, or np.s_[1000:1800, 900:2100] to try things
folder = Path(mkdtemp())  # for the street's files
if PHOTO is None:
    export_photo(folder / "night_street.png", photographed_street(), {"origin": "simulated camera"}, depth=8)
is_street = PHOTO is None
photo = PHOTO if isinstance(PHOTO, Photo) else read_photo(folder / "night_street.png" if is_street else PHOTO)
photo = photo if is_street else replace(photo, image=np.ascontiguousarray(photo.image[PIECE]))
height, width = photo.image.shape[:2]
print(f"{photo.name}: {width} x {height} px, {width * height / 1e6:.1f} megapixels, {photo.encoding} values")
print("the file says:", photo.camera or "nothing about camera and exposure")
print("on reading:", *(photo.notes or ["nothing was changed or lost"]))

# %% [markdown]
# 'srgb' means values made for a screen: a phone has already filled in colours, brightened, and bent the numbers
# with a tone curve. 'linear' means a RAW file: numbers in proportion to the light.
#
# ## How noisy, and where?
#
# Nobody has the clean picture. Three things help:
#
# - Somewhere in each range of brightness the photo is *quiet*: the calmest tenth of its 8 x 8 blocks has little
#   but noise in it.
# - Choosing blocks because they are calm would make their noise look too small. So they are chosen by one half of
#   their cosine coefficients (lesson 04), and *measured* on the other half.
# - Texture is mostly grey; the noise of a sensor is as strong in colour.

# %%
noise = measure_photo_noise(photo.display)
print(f"sigma {noise.sigma:.4f} = {255 * noise.sigma:.1f} of 255; "
      f"luminance and two colour differences: {np.round(noise.sigmas, 4)}")
if is_street:  # here a second shot exists: the difference of two has both noises and no picture
    difference = (photographed_street(0) - photographed_street(1)) / np.sqrt(2)
    print(f"truth, from two shots of the same scene: {difference.std():.4f}")
    assert 0.75 < noise.sigma / difference.std() < 1.1

# %% [markdown]
# One photo has told its noise without a second shot, here a sixth too low (Predict 2). On the 15 real crops below it is a
# quarter too low on the mean, at worst by half: what a camera has smoothed away looks like quiet. So take each
# contrast/$\sigma$ of your page as rather too high. Now the two things that decide everything
# else: how the noise depends on **brightness**, and whether **neighbours share** it. The second is the *autocorrelation*
# $\rho(i, j) = \mathrm E\,n(p)\,n(p + (i, j)) / \sigma^2$: how alike the noise $n$ is to itself, $i$ rows and $j$ columns away.

# %%
figure, axes = new_figure(2, width=11, height=3.4, alt="Left: noise against brightness; for the street it falls from "
    ".05 in the dark to .03 in the light. Right: autocorrelation against distance: for the street .7 at 1 pixel, .2 at 2, "
    "about 0 from 3 on, while white noise would fall to 0 at once.")
lags, rho = np.arange(8), noise.autocorrelation(7)
lines = [Line("this photo", noise.curve.levels, noise.curve.sigmas, "both")]
draw_lines(axes[0, 0], lines, x_label="brightness (display values)", y_label="standard deviation of the noise")
shared = [Line("this photo, along rows", lags, rho[7, 7:], "both"), Line("white noise", lags, 1.0 * (lags == 0), "both")]
if is_street:
    truth = autocorrelation(difference.mean(-1), 7)[7, 7:]
    shared.append(Line("truth, from two shots", lags, truth, "both"))
draw_lines(axes[0, 1], shared, x_label="distance [px]", y_label="autocorrelation")
axes[0, 0].set_ylim(0)
figure

# %% [markdown]
# How many pixels share their noise? Add up the squares, $A = \sum_{i,j} \rho(i,j)^2$, in pixels: 1 for white noise. Let us
# call it the **blotch area**. By Parseval's theorem it can be had from the noise *spectrum* $S$ as well,
# $A = \overline{S^2} / \overline{S}^2$, and the library does so.

# %%
S = noise.spectrum[0]  # luminance, (8, 8)
by_hand = np.mean(S**2) / np.mean(S) ** 2
print(f"blotch area: {by_hand:.2f} px by hand, {noise.blotch_areas[0]:.2f} px in the library; "
      f"from the table of squares {np.sum(rho**2):.2f} px (eight frequencies are few: the two agree roughly)")
print(f"neighbours share less than a tenth from {noise.correlation_length} px on; white: {noise.is_white}")
np.testing.assert_allclose(by_hand, noise.blotch_areas[0], rtol=1e-5)
if is_street:
    two_shots = np.sum(autocorrelation(difference.mean(-1), 7) ** 2)
    print(f"truth, from two shots: {two_shots:.2f} px")
    assert not noise.is_white and noise.correlation_length == 3 and 1.5 < two_shots < noise.blotch_areas[0]

# %% [markdown]
# On the street the estimate sees larger blotches than the two shots show: one photo cannot tell the coarsest noise from
# soft shading.
#
# ## Straighten the numbers: light against variance
#
# In *light*, shot noise has a law: the variance is the number of electrons. Let white, $v = 1$, give $e$ electrons. A value
# $v$ has $ve$ of them, so their variance is $ve$ too, and read noise adds $r^2$. In units of $v$ that is
# $\sigma^2 = v/e + (r/e)^2$: a straight line. A tone curve bends it. So undo the curve and look again; and do the
# same for a **RAW** file of the same street, with the gain of a high ISO setting.

# %%
sensor = Sensor(gain=16.0)
raw_frame = capture(street_light(), electrons_at_white=150.0, sensor=sensor, rng=np.random.default_rng(0))
save_dng(folder / "night_street.dng", raw_frame, sensor)
raw = read_photo(folder / "night_street.dng")
light = photo.image if photo.encoding == "linear" else srgb_decode(photo.image)
raw_noise = measure_photo_noise(raw.image)
curves = {photo.name: measure_photo_noise(light).curve, "RAW of the street": raw_noise.curve}
fit = np.corrcoef(raw_noise.curve.levels, raw_noise.curve.sigmas**2)[0, 1]
print(f"correlation of variance and light in the RAW file: {fit:.3f}; its blotch area {raw_noise.blotch_areas[0]:.1f} px")
assert fit > 0.97 and raw.encoding == "linear"
assert not is_street or raw_noise.blotch_areas[0] < 0.7 * noise.blotch_areas[0]

# %%
figure, axes = new_figure(width=7, height=3.4, alt="Variance against linear light. The RAW file's six points lie on a "
    "rising line. Those of the developed street rise too, but bend.")
draw_lines(axes[0, 0], [Line(name, curve.levels, 1e4 * curve.sigmas**2, "both") for name, curve in curves.items()],
           x_label="linear light (1 is white)", y_label="variance x 10,000")
figure

# %% [markdown]
# The slope is $1/e$: from a RAW file *one* photo tells how many electrons it caught. That is exercise 1. (Only roughly: white
# balance has multiplied red and blue with their noise, and colour interpolation has averaged some of it away. Lesson 01 measures
# it on the mosaic.)
#
# ## Which domain?
#
# Denoisers are made for even noise. In light it is not even; a square root evens it out (Anscombe, lesson 01), and an
# *unbiased* inverse goes back. A JPEG's tone curve has done part of that already, and cannot be undone
# exactly. So: RAW in **stabilised light**, JPEG in **display values**. Is it worth it?

# %%
scale = np.median(raw.image / np.maximum(street_light(), 1e-3))  # the file's white is not the scene's
truth = srgb_encode(np.clip(scale * street_light(), 0, 1))
gained = {}
for name, values, encoding in (("stabilised light", raw.image, "linear"), ("display values", raw.display, "srgb")):
    chosen = choose_denoiser(values, encoding, measure_photo_noise, method="nlm")
    estimate = chosen.denoiser(values, chosen.sigma)
    shown = srgb_encode(np.clip(estimate, 0, 1)) if encoding == "linear" else estimate
    gained[name] = psnr(truth, shown) - psnr(truth, raw.display)
print({name: f"+{value:.2f} dB" for name, value in gained.items()}, "by non-local means on the RAW file;",
      f"the scene's white is {scale:.2f} of the file's")
assert gained["stabilised light"] > gained["display values"] + 0.4

# %% [markdown]
# In a RAW file the noise still has its law, and its blotches are smaller (Predict 3).
#
# ## How strong? Tuning without a clean image
#
# Hide a pixel, guess it from its neighbours, compare with what was there: the setting that guesses best wins
# (**J-invariance**, lesson 03). Let $d$ be the guess, $y = x + n$ the pixel. Then
#
# $$\mathrm E (d - y)^2 = \mathrm E (d - x)^2 + \sigma^2 - 2\,\mathrm E\,n\,(d - x) .$$
#
# If the noise has the mean 0 and is independent from pixel to pixel, $d$ knows nothing of $n$ and the last term
# is 0. If neighbours share noise, the guess is *praised for copying it*. Here on the street, once with white noise and once
# as photographed:

# %%
def guess(picture, s):
    """Each pixel from its neighbours alone, weighted by a Gaussian of s px."""
    distance = np.add.outer(np.arange(-9, 10) ** 2, np.arange(-9, 10) ** 2)
    kernel = np.exp(-distance / (2 * s**2)) * (distance > 0)
    return ndimage.convolve(picture, kernel / kernel.sum(), mode="reflect")


x = luminance(clean_street())
both = {"white noise": x + 0.05 * np.random.default_rng(0).standard_normal(x.shape),
        "as photographed": luminance(photographed_street())}
for name, y in both.items():
    d = guess(y, 0.8)
    seen, risk, n = np.mean((d - y) ** 2), np.mean((d - x) ** 2), y - x
    copied = 2 * np.mean(n * (d - x))
    print(f"{name:16} (d-y)² - sigma² = {seen - np.mean(n**2):+.5f}, true risk {risk:.5f}, 2 E n(d-x) = {copied:+.5f}")
    assert abs(seen - (risk + np.mean(n**2) - copied)) < 1e-9
    assert abs((seen - np.mean(n**2)) / risk - 1) < 0.05 or (name == "as photographed" and seen < np.mean(n**2))

# %% [markdown]
# For white noise the self-test finds the true risk. For the photo it reports a *negative* one. So
# the library tunes by hidden pixels only where it has measured white noise. Else a rule of thumb: a denoiser for white noise
# that is told $\sigma$ leaves the blotches; told $\sigma\sqrt A$, as strong as white noise with the power of the blotches, it
# takes fine texture with them. So it is told the geometric mean, $\sigma A^{1/4}$.

# %%
values = photo.image if photo.encoding == "linear" else photo.display
choices = {method: choose_denoiser(values, photo.encoding, measure_photo_noise, method=method)
           for method in ("nlm", "bm3d", "network")}
chosen = choices["network"]
print(f"rule: {chosen.rule}; domain: {chosen.domain}; told: {np.round(chosen.levels, 3)}")
if is_street:
    by_rule = noise.sigmas * noise.blotch_areas**0.25
    np.testing.assert_allclose(chosen.levels, by_rule, rtol=1e-3)
    assert chosen.rule == "blotches" and chosen.domain == "display"

# %% [markdown]
# ## Denoise, tile by tile
#
# A photo of 24 megapixels does not fit into a network's memory at once. It is cut into **tiles**, each seen with as much around it
# as the denoiser reaches, so that no seam can show. By hand, for two halves:

# %%
one, level = NonLocalMeans(), chosen.sigma
small = np.ascontiguousarray(photo.display[:128, :192])
left = one(np.ascontiguousarray(small[:, : 96 + one.reach]), level)[:, :96]
right = one(np.ascontiguousarray(small[:, 96 - one.reach :]), level)[:, one.reach :]
halves, whole = np.concatenate([left, right], axis=1), one(small, level)
tiled = Tiled(one, tile=64)(small, level)
print(f"reach {one.reach} px; halves differ from the whole by {np.abs(halves - whole).max():.1e}, "
      f"six tiles by {np.abs(tiled - whole).max():.1e}")
np.testing.assert_allclose(halves, whole, atol=1e-5)  # running sums start elsewhere
np.testing.assert_allclose(tiled, whole, atol=1e-5)

# %%
estimates = {}
for method, choice in choices.items():
    started = time.process_time()
    *_, (_share, found) = denoise_photo(values, choice, tile=512)  # it yields its progress on the way
    estimates[method] = srgb_encode(np.clip(found, 0, 1)) if photo.encoding == "linear" else found.copy()
    seconds = (time.process_time() - started) / (width * height / 1e6)
    quality = f", PSNR {psnr(clean_street(), estimates[method]):.2f} dB" if is_street else ""
    print(f"{method:8} {seconds:5.1f} processor seconds per megapixel{quality}")

# %% [markdown]
# ## Look: a strong edge, a weak edge, a texture
#
# For the street the places are those of lesson 00. In your photo they are looked for in the network's estimate (a
# straight edge of high contrast, one of about 2.5 $\sigma$, and the busiest square); set your own if they are
# not telling.

# %%
spots = street_places() if is_street else find_places(photo.display, estimates["network"], noise.sigma)
crops = spots.crops(photo.display.shape)
figure, axes = new_figure(4, 3, width=11, height=8.6, alt="Three crops (rows) as photographed and after non-local means, "
    "BM3D and the network. On the street the shop window stays crisp in all. Non-local means wipes out tiles and "
    "bricks and makes the weak edge soft; the other two keep more of both, with some grain.")
for row, (name, crop) in zip(axes, crops.items(), strict=True):
    gain = 0.9 / max(float(np.quantile(photo.display[crop], 0.99)), 0.1)
    row[0].set_ylabel(f"{name}\nshown {gain:.1f} times brighter")
    for cell, (title, shown) in zip(row, {"photo": photo.display, **estimates}.items(), strict=True):
        draw_image(cell, gain * shown[crop], title)
figure

# %% [markdown]
# What was *taken away*? Look for outlines: what can be recognised was picture. (Luminance, smoothed by 1.5 px, so that the grain
# hides less.)

# %%
figure, axes = new_figure(3, 3, width=8.6, height=8.6, alt="What the three denoisers removed from the three crops, "
    "smoothed, as grey around zero. On the street non-local means took roof tiles, beam and the weak edge, which can be "
    "recognised; after BM3D and the network there is hardly more than fine grain.")
for row, (name, crop) in zip(axes, crops.items(), strict=True):
    row[0].set_ylabel(name)
    for cell, (method, estimate) in zip(row, estimates.items(), strict=True):
        removed = ndimage.gaussian_filter(luminance(photo.display - estimate)[crop], 1.5)
        draw_image(cell, 0.5 + removed / (2.5 * noise.sigma), method)
figure

# %% [markdown]
# ## Measure it, without a clean picture
#
# Three numbers per method:
#
# - the **10-90 % width** of each edge, before and after (mean of 60 parallel walks);
# - the **step in what was taken away**: bright minus dark side within 4 px of the edge, over its contrast $c$. Pure noise has
#   none: it scatters around 0 by $\frac{\sigma}{c}\sqrt{2 \sum\rho / m}$, with $m$ pixels on each side (exercise 2). The library
#   puts our $A$ in the place of $\sum\rho$, for that sum, measured on one photo, holds soft shading too. In colour
#   its ± is too wide: luminance has less noise;
# - for **texture**, the standard deviation of what was taken, over that of the noise at that brightness. The noise is measured
#   rather too low (above), so compare the methods: far above the others, or above 1.3, something else went too. Below 1 noise was left; that
#   does not say that no texture went.

# %%
area, losses, texture = noise.blotch_areas[0], {}, {}
print(f"{'':8} {'strong edge':>22} {'weak edge':>22} {'its step taken':>16} {'texture':>8}")
for method, estimate in estimates.items():
    strong, weak = (edge_loss(photo.display, estimate, edge, noise.sigma, area) for edge in (spots.strong, spots.weak))
    crop = crops["texture"]
    texture[method] = taken_over_noise(photo.display[crop], estimate[crop], noise.curve)
    losses[method] = strong, weak
    print(f"{method:8} {strong.before:8.2f} -> {strong.after:5.2f} px  {weak.before:9.2f} -> {weak.after:5.2f} px"
          f"{weak.taken:10.0%} ± {weak.chance:3.0%} {texture[method]:8.2f}")
print(f"contrast / sigma: strong {strong.ratio:.1f}, weak {weak.ratio:.1f}")

# %%
if is_street:  # here the truth is known as well
    kept = {name: texture_kept(clean_street()[crop], estimate[crop]) for name, estimate in estimates.items()}
    quality = {name: psnr(clean_street(), estimate) for name, estimate in estimates.items()}
    print("texture kept, by comparison with the scene:", {name: f"{share:.0%}" for name, share in kept.items()})
    assert max(quality, key=quality.get) == "nlm" == min(kept, key=kept.get) and max(kept.values()) < 0.5
    assert losses["nlm"][1].after > 2 * losses["nlm"][1].before and losses["nlm"][0].after < 1.1 * losses["nlm"][0].before
    assert losses["nlm"][1].taken > 3 * losses["nlm"][1].chance and texture["nlm"] > 1.2 * max(texture["bm3d"], texture["network"])
    assert all(abs(losses[name][1].taken) < 2 * losses[name][1].chance for name in ("bm3d", "network"))

# %%
if is_street:  # how much of a width is chance? Two more shots of the same street
    times = {name: [losses[name][1].after / losses[name][1].before] for name in ("nlm", "network")}
    for other, name in ((photographed_street(shot), name) for shot in (1, 2) for name in times):
        choice = choose_denoiser(other, "srgb", measure_photo_noise, method=name)
        *_, (_share, found) = denoise_photo(other, choice, tile=512)
        loss = edge_loss(other, found, spots.weak, noise.sigma, area)
        times[name].append(loss.after / loss.before)
    for name, seen in times.items():
        print(f"{name}: weak edge {seen[0]:.1f} times as wide, in two more shots {seen[1]:.1f} and {seen[2]:.1f} times")
    assert min(times["nlm"]) > 1.2 * max(times["network"]) and min(times["network"]) > 1.1

# %% [markdown]
# On the street the method with the *highest* PSNR has lost the most: about a fifth of the weak edge's step, and most of the
# tiles (Predict 1). PSNR counts the large dark walls; you look at the edges. The numbers that need no clean picture put
# non-local means last as well. But they are blind to fine texture: BM3D and the network lost more than half of the tiles,
# and neither their number nor the removed picture shows it. (Non-local means left the least grain, too: an exchange, no
# ranking.) And a width from one photo is rough: another shot moves it by up to a fifth.
#
# ## See: the photo bench
#
# Open a photo of yours, click into *whole photo* to look elsewhere, and move **strength** until the removed picture
# shows no outline. Then compare *display values* with *linear light*.

# %%
bench = photo_bench(photo)
bench

# %% [markdown]
# ## Save it
#
# The result goes to `my_results` beside this notebook, at full size, whole or not at all, with all settings *in* the
# file. The photo itself is never touched, and where it was taken is not written. Without a notebook, one line does the same:
# `python -m lessons_lib denoise my_photos/kitchen.jpg -o clean.tif`.

# %%
METHOD = "network"  # or "bm3d", "nlm"
results = Path("my_results")
results.mkdir(exist_ok=True)
target = results / f"{Path(photo.name).stem}_{METHOD}.png"
export_photo(target, estimates[METHOD], choices[METHOD].settings(), camera=photo.camera, overwrite=True)
with PillowImage.open(target) as saved:
    inside = json.loads(saved.text["Description"])
print(f"{target}: {target.stat().st_size / 1e6:.1f} MB;", inside)
again = read_photo(target).image  # written with 16 bits, read with the upper 8: up to 1/255 darker
assert inside["method"] == METHOD and np.abs(again - np.clip(estimates[METHOD], 0, 1)).max() < 1.01 / 255

# %% [markdown]
# ## Does it hold on real cameras?
#
# The street is simulated. CC15 has 15 crops of 512 x 512 px, of photos by three cameras, each with the mean of many shots as truth. It is not part
# of the course; the benchmark `python -m benchmarks.photo_choice` has measured all of it with exactly this choice:

# %%
stored = Path("../benchmarks/results/photo_choice.json")
if stored.exists():
    tried = json.loads(stored.read_text(encoding="utf-8"))
    for method, rows in tried["CC15"].items():
        gains, seen = ([row[k] / row[m] if m else row[k] for row in rows.values()]
                       for k, m in (("gain", None), ("sigma", "true sigma")))
        print(f"{method:8} +{np.mean(gains):.2f} dB on the mean of {len(gains)} crops, least {min(gains):+.2f} dB; noise "
              f"measured at {np.mean(seen):.2f} of the truth ({min(seen):.2f} to {max(seen):.2f}; {tried['day']})")
        assert np.mean(gains) > 1

# %% [markdown]
# Where the folder of CC15 is named in `WHY_EDGES_BLUR_DATA`, two crops are tried here and now.

# %%
try:
    pairs = dict(sorted(standard_pairs("CC15").items())[::8])
except StandardSetMissing:
    pairs = {}
    print("CC15 is not on this computer; the stored numbers above stand.")
for name, (dirty, mean) in pairs.items():
    chosen = choose_denoiser(dirty, "srgb", measure_photo_noise, method="network")
    crop = np.s_[128:384, 128:384]
    before, after = (psnr(mean[crop], one) for one in
                     (dirty[crop], np.clip(chosen.denoiser(np.ascontiguousarray(dirty[crop]), chosen.sigma), 0, 1)))
    print(f"{name}: {before:.2f} -> {after:.2f} dB, {chosen.rule}")
    assert after > before + 0.5

# %% [markdown]
# # Part 2: many frames instead of many pixels
#
# **The question:** every denoiser so far averaged over *places*, and that is how edges were lost. Can one
# average over *time* instead? Phones do: their night mode takes several to some fifteen short frames while you hold still.
#
# ## Predict again
#
# Double-click this cell and write your answers before you run on.
#
# 1. Eight frames merged, or one frame and a network: which leaves the smaller error? *My answer:*
# 2. You put the phone on a tripod. What gets worse? *My answer:*
# 3. Somebody walks through the picture. What does a mean of eight frames show? *My answer:*

# %%
import itertools

from lessons_lib.classroom import lesson_11_burst as burst_lesson
from lessons_lib.denoisers.burst import BurstMerge, measure_shifts, merge, move_frames
from lessons_lib.denoisers.burst_merging import robust_weights, seen_weights
from lessons_lib.denoisers.burst_resampling import interpolation_gain

# %%
from lessons_lib.denoisers.unsharp import unsharp_mask, unsharp_noise_gain
from lessons_lib.diagnosis.burst_limits import line_spread_variance
from lessons_lib.diagnosis.edges import edge_spread
from lessons_lib.display.burst_bench import burst_bench
from lessons_lib.scenes.hand_held_burst import MovingDisc, edge_burst, hand_shake
from lessons_lib.scenes.phantoms import SlantedEdge

# %% [markdown]
# ## The law
#
# Frame $k$ of a burst shows at a place the value $y_k = x + n_k$: the same $x$, another noise. If the $N$ noises
# are independent with variance $\sigma^2$, the mean over $k$ has the variance $\sigma^2 / N$. No pixel of another
# place takes part, so there is no **mixing**.
#
# Here is a burst with a hand that moves by whole pixels. `shifts` says how far the scene stands from its place in
# frame 0; the camera is that of lesson 01 without colours and fixed pattern, in dim light (150 electrons for white).

# %%
rng = np.random.default_rng(1)
whole = rng.integers(-4, 5, (16, 2))
whole[0] = 0
burst = burst_lesson.take_burst(street, whole)
back = [np.roll(frame, (-down, -right), (0, 1)) for frame, (down, right) in zip(burst.frames, whole, strict=True)]
left = {}
for N in (1, 2, 4, 8, 16):
    left[N] = burst_lesson.error_in_sigma(burst, np.mean(back[:N], axis=0))
    print(f"{N:2} frames: {left[N]:.3f} sigma left, law {1 / np.sqrt(N):.3f}")
    assert abs(left[N] * np.sqrt(N) - 1) < 0.03  # 9,000 pixels know it to .7 %

# %%
library = BurstMerge("mean", interpolation="nearest")(burst.frames, burst.sigma[0])
inner = np.s_[5:-5, 5:-5]  # np.roll goes round at the border; the library leaves such pixels out
np.testing.assert_allclose(library.image[inner], np.mean(back, axis=0)[inner], atol=1e-12)
burst_lesson.compared_figure(
    {"one frame": burst.frames[0], "4 frames": np.mean(back[:4], axis=0), "16 frames": library.image,
     "clean": burst.clean[0]}, alt="The café in one frame, grainy, then the mean of 4 and of 16 frames, with less and "
    "hardly any grain. Letters, people and awning are as sharp in all as in the clean picture.")

# %% [markdown]
# ## How far has the hand moved?
#
# The library was not told the shifts. A **correlation** finds the whole pixels among all places (scikit-image).
# The part of a pixel comes from least squares, which fit in three lines. For a small shift $d$ the frame is
# the reference moved along its own slopes $g = (g_r, g_c)$:
#
# $$y(p) \approx x(p - d) \approx x(p) - g(p)\cdot d .$$
#
# The squared difference $\sum_p (x - y - g\cdot d)^2$ is least where
#
# $$\Big(\sum_p g\,g^{\mathsf T}\Big)\, d = \sum_p g\,(x - y):$$
#
# two equations. Move the frame back, and repeat with what is left.

# %%
def least_squares(still, frame, steps=5):
    """Shift of frame against still, (rows, cols) in px, below about one pixel."""
    still, frame = (ndimage.gaussian_filter(one, 0.7) for one in (still, frame))  # noise out of the slopes
    d = np.zeros(2)
    for _ in range(steps):
        moved = ndimage.shift(frame, -d, order=3, mode="nearest")
        g = np.array([one[6:-6, 6:-6] for one in np.gradient((still + moved) / 2)])
        difference = (still - moved)[6:-6, 6:-6]
        d = d + np.linalg.solve(np.einsum("iab,jab->ij", g, g), np.einsum("iab,ab->i", g, difference))
    return d


# %%
shaky = burst_lesson.take_burst(street, hand_shake(8, 0.35, np.random.default_rng(2)))
by_hand = np.array([least_squares(shaky.frames[0], frame) for frame in shaky.frames])
measured = measure_shifts(shaky.frames)
for name, found in (("by hand", by_hand), ("library", measured)):
    error = np.sqrt(np.mean((found - shaky.shifts)[1:] ** 2))
    print(f"{name}: shifts of up to {np.abs(shaky.shifts).max():.1f} px, error {error:.4f} px")
    assert error < 0.03
np.testing.assert_allclose(by_hand, measured, atol=0.03)  # the library trusts outliers less

# %% [markdown]
# **How well can it be known?** As for an edge in lesson 01 there is a bound that no unbiased method can beat
# (Cramér and Rao). Both frames are noisy, so each pixel tells $g\,g^{\mathsf T} / 2\sigma^2$ about $d$; the bound is
# the root of the diagonal of the inverse of the sum. In the light of 150 electrons a night street of 128 x 160 px tells its
# shift to a hundredth of a pixel.

# %%
lights = (20, 40, 80, 150, 300, 600, 1200)
aligned_to = np.array([burst_lesson.alignment_error(street, light) for light in lights])
rough = [burst_lesson.alignment_error(street, light, refine=False)[0] for light in lights]
figure, axes = new_figure(width=7.5, height=3.4, alt="Alignment error against light, both axes logarithmic. The bound falls "
    "from .024 px at 20 electrons to .002 at 1,200. Least squares lie at 0.9 to 2 times the bound, "
    "the correlation alone at two to five times. Each point is the mean of 16 errors, so chance moves it by a fifth.")
draw_lines(axes[0, 0], [Line("correlation alone", lights, rough, "both"),
                        Line("with least squares", lights, aligned_to[:, 0], "both"),
                        Line("bound", lights, aligned_to[:, 1])],
           x_label="electrons for white in one frame", y_label="error [px]", log_x=True, log_y=True)
assert np.all(aligned_to[:, 0] < 2.2 * aligned_to[:, 1]) and np.mean(rough) > 1.5 * aligned_to[:, 0].mean()
figure

# %% [markdown]
# ## Half a pixel has to be invented
#
# A shift of 2.4 px needs values *between* pixels. **Linear** interpolation takes $(1-t)\,y_0 + t\,y_1$, with $t$ the part
# of a pixel. That is an average over places again, with two prices:
#
# - the noise falls, $(1-t)^2 + t^2$ in variance along each axis, and neighbours become alike,
# - the edge blurs: two points with weights $1-t$ and $t$ have the variance $t\,(1-t)$.
#
# Over all $t$ the means are $\int_0^1 (1-t)^2 + t^2 \,dt = \tfrac23$ and $\int_0^1 t(1-t)\,dt = \tfrac16$. And if we move by
# **whole pixels** only? Then a shift error between $-\tfrac12$ and $\tfrac12$ stays, of variance $\tfrac1{12}$: *half* the
# blur of linear interpolation, and no noise is hidden. A **cubic** spline blurs least.

# %%
t = (np.arange(100) + 0.5) / 100
assert abs(np.mean((1 - t) ** 2 + t**2) - 2 / 3) < 1e-4 and abs(np.mean(t * (1 - t)) - 1 / 6) < 1e-4
gains = {name: np.array([interpolation_gain((part, 0), name) for part in t - 0.5])
         for name in ("nearest", "linear", "cubic")}
noise_kept = {name: gain.mean() for name, gain in gains.items()}  # two axes: mean squared, and its root
print({name: f"{kept:.3f} of sigma" for name, kept in noise_kept.items()})
assert abs(noise_kept["linear"] - 2 / 3) < 1e-4 and abs(noise_kept["cubic"] - 0.874) < 1e-3
np.testing.assert_allclose(gains["linear"], (np.abs(t - 0.5)) ** 2 + (1 - np.abs(t - 0.5)) ** 2, atol=1e-12)

# %%
edge = SlantedEdge()
parts = (np.arange(8) + 0.5) / 8 - 0.5
parts = np.array([(0, 0), *itertools.product(parts, parts)])
sharp = line_spread_variance(edge_spread(edge.image(), edge))
blur = {}
for name in gains:
    moved = move_frames(edge_burst(edge, parts, 0, rng), parts, interpolation=name).frames[1:].mean(axis=0)
    blur[name] = line_spread_variance(edge_spread(moved, edge)) - sharp
    print(f"{name:8} noise x {noise_kept[name]:.2f}, line spread's variance + {blur[name]:.3f} px²")
# Eight parts of a pixel in each direction have 1/64 less variance than all of them.
assert abs(blur["nearest"] * 12 - 1) < 0.05 and abs(blur["linear"] * 6 - 1) < 0.05 and abs(blur["cubic"]) < 0.02

# %% [markdown]
# So quote no noise reduction of a burst without its interpolation: 16 frames and linear interpolation leave
# $0.67\,\sigma/4$ in place of $\sigma/4$; the missing third was bought with blur.
#
# ## Shift errors blur, by a law
#
# The merge of $N$ displaced frames is the sharp picture averaged over the set of displacements $e_k$. Variances of
# blurs that follow each other add, so the line spread's variance rises by that of the set,
#
# $$\frac1N \sum_k (e_k - \bar e)^2 ,$$
#
# where $e_k$ is the part of the shift error *across* the edge. No Gaussian is assumed.

# %%
laws = np.array([burst_lesson.blur_of_shift_errors(size * rng.standard_normal((N, 2)))
                 for N in (8, 16, 32) for size in (0.2, 0.4, 0.6, 0.8, 1.0)])
figure, axes = new_figure(width=5.5, height=3.4, alt="Measured rise of the line spread's variance against the variance "
    "of the shift errors: fifteen points on the diagonal from .01 to over 1 square pixel.")
draw_lines(axes[0, 0], [Line("measured, N = 8, 16, 32", laws[:, 1], laws[:, 0], "points"),
                        Line("law", [0.01, 1.5], [0.01, 1.5])], log_x=True, log_y=True,
           x_label="variance of the shift errors [px²]", y_label="rise of the variance [px²]")
assert np.all(np.abs(laws[:, 0] / laws[:, 1] - 1) < 0.1)
error = aligned_to[lights.index(150), 0]
print(f"our alignment: {error:.3f} px, so {error**2:.5f} px² beside the {sharp:.2f} px² of a sharp edge: nothing")
figure

# %% [markdown]
# ## Something moves
#
# A lamp is carried through the picture. A plain mean shows it $N$ times, each $1/N$ bright: a **ghost** (Predict 3).
# A frame should count less where it disagrees with the reference *by more than the noise explains*. Two noisy
# values differ by $2\sigma^2$ in the mean square; of one of them interpolation leaves the share $g$. Over $n$ pixels, if
# each has its own noise:
#
# $$q = \frac1n \sum \frac{(y_k - y_0)^2}{(1+g)\,\sigma^2}, \qquad
#   \mathrm E\,q = 1, \quad \mathrm{std}\,q = \sqrt{2/n}, \qquad
#   w_k = \exp\!\Big(-\max\Big(\frac{q - 1}{\sqrt{2/n}} - 2,\ 0\Big)\Big).$$
#
# Up to two standard deviations above its mean, $q$ may be chance, and the frame counts in full.

# %%
lamp = MovingDisc(start=(88.0, 24.0), velocity=(-1.0, 7.0), radius=6.0, level=0.6)
moving = burst_lesson.take_burst(street, hand_shake(8, 1.0, np.random.default_rng(0)), moving=lamp)
aligned = move_frames(moving.frames, measure_shifts(moving.frames))
sigma, n = moving.sigma[0], 25


def weight_by_hand(k):
    """Weight of frame k, (H, W)."""
    squares = (aligned.frames[k] - aligned.frames[0]) ** 2 / ((1 + aligned.gain[k]) * sigma**2)
    q = uniform_filter(squares, 5, mode="reflect")
    return np.exp(-np.maximum((q - 1) / np.sqrt(2 / n) - 2, 0)) * aligned.seen[k]


weights = robust_weights(aligned, sigma, shift_error=0.0)
for k in (1, 4):
    np.testing.assert_allclose(weights[k], weight_by_hand(k), atol=1e-9)

# %%
plain = BurstMerge("mean").merge_aligned(aligned, sigma)
robust = BurstMerge("robust").merge_aligned(aligned, sigma)
path, on = burst_lesson.path_of(moving), {}
for name, image in (("one frame", moving.frames[0]), ("plain mean", plain.image), ("robust", robust.image)):
    on[name], off = (burst_lesson.error_in_sigma(moving, image, where) for where in (path, ~path))
    print(f"{name:10} error on the lamp's path {on[name]:.2f} sigma, elsewhere {off:.2f} sigma")
assert on["robust"] < 0.7 * on["one frame"] < 0.7 * on["plain mean"]  # no ghost
burst_lesson.ghost_figure(moving, plain, robust)

# %% [markdown]
# On the lamp itself there is one frame, and so its noise; on its path one to three frames fewer. (Elsewhere the
# error is above $1/\sqrt8 = .35\,\sigma$: the sensor's pixels see letters finer than a pixel, which no interpolation
# moves exactly. The library forgives $.15$ px of slope for that, the `shift_error` switched off above.)
#
# **What it cannot see.** A ghost that is fainter than the noise passes the test. It is the old enemy: **mis-deciding**.

# %%
ratios = np.array([0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8])
ghosts = np.array([burst_lesson.ghost(ratio) for ratio in ratios])
figure, axes = new_figure(width=7.5, height=3.4, alt="Error on the path against contrast of the moving disc. The plain mean rises "
    "without end, past one sigma at contrast 3. The robust merge rises to about one half sigma at contrast 1.5 and stays there.")
draw_lines(axes[0, 0], [Line("plain mean of 8", ratios, ghosts[:, 1], "both"),
                        Line("robust merge of 8", ratios, ghosts[:, 0], "both"),
                        Line("one frame", [0, 8], [1, 1]), Line("1 / √8", [0, 8], [8**-0.5] * 2)],
           x_label="contrast of the disc [σ]", y_label="error on its path [σ]")
axes[0, 0].set_ylim(0, 2.2)
still_scene = burst_lesson.ghost(0.0, draws=12)
print(f"nothing moves: robust {still_scene[0]:.3f} sigma, plain {still_scene[1]:.3f} sigma: the price of distrust")
assert ghosts[:, 0].max() < 0.65 and ghosts[-1, 1] > 2 and still_scene[0] / still_scene[1] < 1.04
figure

# %% [markdown]
# ## On a tripod
#
# The law needs *independent* noise. The **fixed pattern** of the sensor (lesson 01) is the same in each frame. On a
# tripod it is added up as faithfully as the scene. A hand moves the scene over the pattern, and after
# alignment it is the pattern that moves: it averages out like noise (Predict 2).

# %%
patterned, floor = Sensor(prnu=0.0, dsnu=4.0), {}
places = whole[np.unique(whole, axis=0, return_index=True)[1]]  # each place once
places = np.concatenate([np.zeros((1, 2)), places[np.any(places != 0, axis=1)]])
for name, shifts in (("tripod", 0 * places), ("hand", places)):
    taken = burst_lesson.take_burst(street, shifts, sensor=patterned)
    moved = move_frames(taken.frames, shifts, interpolation="nearest")
    error = (merge(moved, seen_weights(moved)) - taken.clean[0])[24:-24, 24:-24] * 150
    photons = np.sqrt(np.mean(taken.sigma[0][24:-24, 24:-24] ** 2)) * 150 / np.sqrt(len(shifts))
    floor[name] = error.std(), np.hypot(4, photons), np.hypot(4 / np.sqrt(len(shifts)), photons)
    print(f"{name}: {floor[name][0]:.2f} electrons left")
print(f"law: {floor['tripod'][1]:.2f} with the whole pattern, {floor['hand'][2]:.2f} if it averages as noise does")
assert abs(floor["tripod"][0] / floor["tripod"][1] - 1) < 0.05
assert abs(floor["hand"][0] / floor["hand"][2] - 1) < 0.15

# %% [markdown]
# ## Eight frames, or one frame and a network?
#
# First on the slanted edge, where the clean picture is known to be as simple as a picture can be.

# %%
table = {ratio: burst_lesson.frames_or_network(Network(), ratio, draws=24) for ratio in (4, 2, 1)}
print("contrast/σ        " + "".join(f"{row.name:>22}" for row in table[4]))
for ratio, rows in table.items():
    cells = [f"{row.psnr:.1f} dB, {row.point.width:.2f} px" for row in rows]
    print(f"{ratio:10}        " + "".join(f"{cell:>22}" for cell in cells))
for one, network, four, sixteen in table.values():
    assert abs(four.psnr - one.psnr - 6.02) < 0.4 and abs(sixteen.psnr - one.psnr - 12.04) < 0.4
    assert network.psnr > sixteen.psnr + 8 and network.point.width > sixteen.point.width + 0.1
assert table[1][1].point.width > 2.5 and table[1][3].point.width < 1.2

# %% [markdown]
# On a picture of two flat halves the network is *far* ahead in PSNR: 23 dB are what a mean of 200 values would gain; sixteen
# frames average sixteen. But the width tells the other half. Sixteen frames do not know what an edge is, and keep it at
# any contrast, as long as their shifts are known. (Here they were told, and whole. In a photo the rest of the picture
# tells them; in very little light it does not.) The network makes the weak one nearly four times as wide: **hedging**.
#
# Now a picture that has something to lose: roof tiles and bricks. The error of eight draws says what comes again
# each time (bias) and what is chance.

# %%
read = np.hypot(burst_lesson.EVEN.read_noise, np.sqrt(1 / 12) / burst_lesson.EVEN.gain)
from_light = Stabilised(Network(), electrons_at_white=150.0, read_noise=read)
errors = burst_lesson.errors_of_both(street, hand_shake(8, 1.0, np.random.default_rng(0)), from_light)
lasting = {name: burst_lesson.lasting_share(draws) for name, draws in errors.items()}
for name, (size, share) in lasting.items():
    print(f"{name}: error {size:.2f} sigma, of its square {share:.0%} comes again in each draw")
assert abs(lasting["frames"][0] - lasting["network"][0]) < 0.05
assert lasting["frames"][1] < 0.1 and lasting["network"][1] > 0.4
burst_lesson.errors_figure(errors)

# %% [markdown]
# The two errors are *equally large*. The burst's is grain. About half of the network's (its square) comes again in each
# draw: it is roof. What one frame did not show the network had to guess, and a small network guesses worse than it must
# (Predict 1). And both can be had together: merge first,
# then denoise with the smaller $\sigma/\sqrt N$.
#
# ## See: the burst bench
#
# Choose the picture, the frames and the hand, and compare the rules: one frame, one frame and a network, *one long
# exposure* with the light of all frames (and a network after it), the plain mean, the robust merge. Try: a long
# exposure with a step of 1 px; a lamp and the plain mean; the dark wall with a network, and look for the street sign.

# %%
burst_bench()

# %% [markdown]
# ## Sharpening: the width comes back, the information does not
#
# **Unsharp masking** adds what a blur $G$ of standard deviation $s$ took away: $x + a\,(x - Gx)$. Its kernel is
# $(1+a)\,\delta - a\,g$. White noise grows by the sum of its squares,
#
# $$(1+a)^2 - 2a(1+a)\,g_{00} + a^2 \sum g^2 ,$$
#
# with $g_{00}$ the middle weight of $G$.

# %%
a, s = 2.0, 1.5
impulse = np.zeros((41, 41))
impulse[20, 20] = 1
g = ndimage.gaussian_filter(impulse, s)
by_hand = (1 + a) ** 2 - 2 * a * (1 + a) * g[20, 20] + a**2 * np.sum(g**2)
grain = np.random.default_rng(4).standard_normal((256, 256))
measured = unsharp_mask(grain, s, a)[16:-16, 16:-16].var()
print(f"variance x {measured:.2f}, by the formula {by_hand:.2f}, the library's {unsharp_noise_gain(s, a):.2f}")
assert abs(by_hand / unsharp_noise_gain(s, a) - 1) < 1e-6 and abs(measured / by_hand - 1) < 0.03

# %%
amounts = np.linspace(0, 4, 9)
sharpened = np.array([burst_lesson.width_and_noise(1.5, amount, grain) for amount in amounts])
narrower = np.array([burst_lesson.width_and_noise(width, 0, grain) for width in np.linspace(0.5, 1.5, 6)])
over = unsharp_mask(ndimage.gaussian_filter(edge.image(), 1.5), 1.5, 2.0).max() - 0.75
print(f"Gaussian 1.5 px: {sharpened[0, 0]:.2f} px, {sharpened[0, 1]:.2f} sigma; sharpened by 2: {sharpened[4, 0]:.2f} px, "
      f"{sharpened[4, 1]:.2f} sigma, and {over / 0.5:.0%} overshoot")
figure, axes = new_figure(width=7, height=3.4, alt="Noise left against 10-90 per cent width. Sharpening a Gaussian of 1.5 px "
    "leads from 4 px and .18 sigma to 1.6 px and .47 sigma; Gaussians of .5 to 1.5 px run along the same curve above 2.5 px and up to a fifth higher below.")
draw_lines(axes[0, 0], [Line("Gaussian 1.5 px, then sharpened", *sharpened.T, "both"),
                        Line("a narrower Gaussian instead", *narrower.T, "both")],
           x_label="10-90 % width [px]", y_label="noise left [σ]")
assert sharpened[4, 0] < 0.6 * sharpened[0, 0] and sharpened[4, 1] > 1.6 * sharpened[0, 1]
figure

# %% [markdown]
# Sharpening after blurring leads back along nearly the way that blurring less would have saved; the
# difference is paid with an overshoot. The mask is a fixed linear filter that can be undone, so it *cannot*
# bring back what the noise has hidden.
#
# ## What blurs in a burst, and what does not
#
# | cause | in a burst | measured |
# |---|---|---|
# | capture | shake within a frame | the bench: one long exposure |
# | mixing | shift errors that are left; interpolation: $t(1-t)$, on the mean 1/6 px² linear, 1/12 px² whole pixels, about 0 cubic | the law of the shift errors, within 10 %; px² above |
# | mis-deciding | a moving thing of contrast about σ passes for noise | error below .65 σ at contrasts up to 8 σ |
# | hedging, inventing | none: no prior is asked | sixteen frames with known shifts keep the edge at contrast/σ 1 |
#
# The price: N times the light or time, things that move, and a fixed pattern on a tripod.

# %% [markdown]
# # Part 3: what is widely used now
#
# Seven families, and one question to each: **an average over what?**
#
# | used now | averages over | costs | loses edges by | lesson |
# |---|---|---|---|---|
# | **burst merging** in phones: HDR+ (Hasinoff and others 2016), Night Sight (Liba and others 2019) | the same place in many frames | time, a still hand; ghosts | shift errors (mixing), faint motion (mis-deciding) | 11 |
# | **like patches**: non-local means, BM3D | places of this photo that look alike | no training; seconds | mis-deciding: weak edges pass for noise | 05 |
# | **convolutional networks**: DnCNN, FFDNet, NAFNet | all photos of the training that would look like this one | training pairs; a graphics card | hedging | 06 |
# | **raw-domain networks**: SID | the same, in numbers that the sensor wrote | pairs of short and long exposures *of that camera* | hedging | 01, 06 |
# | **networks without clean pictures**: Noise2Noise (two noisy shots); Noise2Self, Noise2Void (hidden pixels, self-supervised) | as networks; with hidden pixels, all photos that fit the *surroundings* | a second shot of each scene; or noise that neighbours do not share | hedging; hidden pixels keep blotches | 06 |
# | **transformers**: SwinIR, Restormer | as networks; weights by likeness, of places in a window (SwinIR) or of feature channels (Restormer) | more computing and memory | hedging | 05, 06 |
# | **diffusion restoration**: DDRM, DiffPIR | nothing: it draws | the network many times over | inventing | 08 |
#
# (SwinIR, Restormer, NAFNet, SID, DDRM and DiffPIR are not run in this course; what the table says of them is what
# kind of method they are.) What kinds cost, here and now:

# %%
draw = PosteriorDraw(seed=0, steps=20)
crop = crops["weak edge"]
dim = np.ascontiguousarray(luminance(photo.display)[crop]).astype(np.float32)
told = float(choices["network"].levels[0]) if photo.encoding == "srgb" else noise.sigma
started = time.process_time()
*_, (_, drawn) = draw.draws(dim, told, 4)
each = (time.process_time() - started) / 4
started = time.process_time()
mean_estimate = Network()(dim, told)
once = time.process_time() - started
print(f"a draw of {dim.shape[0]} x {dim.shape[1]} px: {each:.2f} s, the network once: {once:.2f} s")
print(f"two draws differ by {np.sqrt(2) * drawn.std(axis=0, ddof=1).mean():.4f}, "
      f"or {np.sqrt(2) * drawn.std(axis=0, ddof=1).mean() / noise.sigma:.2f} of the photo's noise")
assert not is_street or drawn.std(axis=0, ddof=1).mean() > 0.05 * noise.sigma

# %%
image_row({"photo": dim * 1.8, "network": mean_estimate * 1.8, "one draw": drawn[0] * 1.8, "another draw": drawn[1] * 1.8},
          alt="The weak edge's crop, 1.8 times brighter: grainy in the photo, smooth after the network, and two drawn "
          "versions, which differ from each other in faint stains on the wall and in the frames of the windows.")

# %% [markdown]
# Where two draws differ, the photo does not know. No method of the table gets round that: it averages
# (blur), or it chooses (invention), or it asks for more light (frames).
#
# ## Which one, then?
#
# | decided by | if | then |
# |---|---|---|
# | **light** | a weak edge has 8 σ and more | anything but a plain Gaussian; keep the strength low |
# | | something in between | frames first; BM3D or a network on what is left |
# | | 1 σ and less | frames or a longer exposure: one photo knows a long straight edge there, hardly a short one |
# | **motion** | nothing moves, no tripod | a burst: the hand moves the fixed pattern out |
# | | a tripod | one long exposure, or frames moved a little between shots |
# | | something moves | robust merge; there it is one frame and its noise |
# | | everything moves | one short frame and a network |
# | **use** | evidence, measurement | never a draw; frames, or a filter of known kernel; keep the original and the settings |
# | | print | low strength: paper and distance average the rest |
# | | social media | a smaller picture is the cheapest denoiser; say so if detail was drawn |

# %%
share = 2 - np.abs(np.arange(-1, 2))  # of two pixels along one axis, 2 pairs are 0 apart, 1 pair is 1 apart, 1 pair -1
foretold = np.sqrt(np.sum(np.outer(share, share) * noise.autocorrelation(1)) / 16)
print(f"half the size leaves {foretold:.2f} of the noise, by the autocorrelation; of white noise 0.50")
if is_street:  # two shots, averaged over 2 x 2 px, show it
    blocks = difference.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))
    print(f"truth, from two shots: {blocks.std() / difference.std():.2f}")
    assert 0.6 < blocks.std() / difference.std() < foretold < 0.95

# %% [markdown]
# Blotchy noise falls little: only beyond the size of its blotches does shrinking help as it helps against white noise.
# (Exercise 2.)
#
# # Part 4: the answer
#
# ## Your numbers

# %%
facts = Facts(photo.name, (width, height), noise.sigma, float(area), METHOD, choices[METHOD].domain, choices[METHOD].rule,
              *losses[METHOD], texture[METHOD], str(target))
print(Page(facts))
print("the weak edge's numbers support:", supported_cause(facts))
assert not is_street or supported_cause(facts) == "hedging"

# %% [markdown]
# ## Why this edge blurred
#
# | cause | in this lesson | equation | what it costs to avoid it |
# |---|---|---|---|
# | **capture** | the camera guesses two of three colours at each pixel, and noise hides the place of an edge | place error at least $(\sigma/c)\sqrt{2 b\sqrt\pi / R}$: contrast $c$, blur $b$ px, $R$ rows (lesson 01) | more light |
# | **mixing** | interpolation and shift errors of a burst | variance $+\,\frac1N\sum(e_k - \bar e)^2$ | better alignment |
# | **mis-deciding** | non-local means takes a weak edge for noise | $\mathrm E\,d = D + 2\sigma^2 n$: distance of two noisy patches of $n$ px, $D$ of the clean ones (lesson 05) | more noise left |
# | **hedging** | the network averages all edges that could be there | $\hat x = \mathrm E[x \mid y]$ (lesson 06) | frames, or a draw |
# | **inventing** | a draw is sharp, and another draw elsewhere | squared error twice the least (lesson 08) | truth |

# %%
box = {"mis-deciding: non-local means made the weak edge": losses["nlm"][1].after / losses["nlm"][1].before,
       "hedging: the network made it": losses["network"][1].after / losses["network"][1].before,
       "both spared the strong edge: non-local means made it": losses["nlm"][0].after / losses["nlm"][0].before}
if is_street:
    scene = edge_loss(clean_street(), clean_street(), spots.strong, noise.sigma, area)
    box["capture: the camera alone made the strong edge"] = losses["nlm"][0].before / scene.before
for what, times in box.items():
    print(f"{what} {times:.1f} times as wide")
print(f"inventing: two draws of the weak edge's crop differ by {np.sqrt(2) * drawn.std(axis=0, ddof=1).mean() / noise.sigma:.2f} sigma")
if is_street:
    ratios_seen = list(box.values())
    assert ratios_seen[0] > 2 and 1.2 < ratios_seen[1] < ratios_seen[0] and ratios_seen[2] < 1.1 and ratios_seen[3] > 1.3
print(f"mixing: linear interpolation added {blur['linear']:.2f} px² to the variance of a burst's line spread (law: 0.17)")

# %% [markdown]
# **The answer of this course.** A denoiser that gives one best guess averages; a draw picks one of the pictures that the
# average is made of. An average cleans where its values belong together, and blurs where they do not; an edge is lost
# where the noise hides on which side a pixel lies. So blur is not one number but a curve over contrast/$\sigma$, and the dim
# parts of a night photo go first. More light moves the whole curve. A better guess of what pictures look like moves it
# too, but only as far as the least possible error (lesson 08); from there on, a method chooses who pays. Your photo's share of that curve, two points for each method:

# %%
figure, axes = new_figure(width=7, height=3.4, alt="Width after over width before, against contrast over sigma, for the two edges "
    "of the photo. On the street all three methods are near 1 at the strong edge; at the weak one BM3D is near 1.3, the "
    "network near 1.5, non-local means above 2.4.")
draw_lines(axes[0, 0], [Line(name, [edge.ratio for edge in pair], [edge.after / edge.before for edge in pair], "both")
                        for name, pair in losses.items()],
           x_label="contrast / σ of the edge", y_label="width after / width before")
axes[0, 0].set_ylim(0)
figure

# %% [markdown]
# Go back to **Predict**. Which of your answers would you change, and which number makes you do it?
#
# ## Exercises
#
# **Exercise 1: how much light was it?** `levels` and `sigmas` are the points of a noise curve in *linear light*
# (white is 1): $\sigma^2 = v/e + (r/e)^2$. Return $e$, the electrons of white, and $r$, the read noise in
# electrons (0 where the line dips below 0 without light).

# %% tags=["exercise"]
def electrons_at_white(levels, sigmas):
    """(electrons of white, read noise in electrons)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_electrons(electrons_at_white)

# %% tags=["solution"]
def electrons_at_white(levels, sigmas):
    """(electrons of white, read noise in electrons)."""
    slope, dark = np.polyfit(levels, sigmas**2, 1)
    return 1 / slope, float(np.sqrt(max(dark, 0)) / slope)

# %% [markdown]
# Now use it. The street's RAW file was taken with 150 electrons for the *scene's* white, which is `scale` of the file's; so
# the file's has $150 /$ `scale`. The read noise is too little to be seen here.

# %%
try:
    electrons, read_noise = electrons_at_white(*raw_noise.curve[:2])
    print(f"one RAW photo says: {electrons:.0f} electrons for its white, read noise {read_noise:.1f} "
          f"(truth {150 / scale:.0f} and {sensor.read_noise})")
    assert 0.7 < electrons * scale / 150 < 1.3
except NotImplementedError:
    print("Solve exercise 1 first; then this cell reads the light off the street's RAW file.")

# %% [markdown]
# **Exercise 2: blotches average out later.** `correlation` is the table $\rho(i, j)$ for lags from $-k$ to $k$ (its
# middle is 1); beyond it $\rho$ is 0. Return the standard deviation of the noise in a mean of `n` x `n` pixels. (The variance
# of a mean of $m$ values is the sum of all their $m^2$ covariances over $m^2$. The cell on half the size did it for `n` = 2.)

# %% tags=["exercise"]
def noise_of_mean(sigma, correlation, n):
    """Standard deviation of a mean of n x n pixels, image units."""
    raise NotImplementedError

# %% tags=["check"]
check.check_noise_of_mean(noise_of_mean)

# %% tags=["solution"]
def noise_of_mean(sigma, correlation, n):
    """Standard deviation of a mean of n x n pixels, image units."""
    reach = len(correlation) // 2
    pairs = np.maximum(n - np.abs(np.arange(-reach, reach + 1)), 0)  # along one axis
    return float(sigma * np.sqrt(np.sum(np.outer(pairs, pairs) * correlation)) / n**2)

# %% [markdown]
# **Exercise 3: into how many frames may the light be cut?** The light is given: `electrons` in a pixel, in *all* frames
# together. Each frame is read out by itself and adds read noise of standard deviation `read_noise` electrons. Return the
# largest whole number of frames whose sum has at most `penalty` times the standard deviation of one long exposure. (The
# variance of light is its number of electrons; variances of independent noise add.)

# %% tags=["exercise"]
def most_frames(electrons, read_noise, penalty):
    """Largest N: the noise of N frames' sum is at most penalty x that of one long exposure."""
    raise NotImplementedError

# %% tags=["check"]
check.check_most_frames(most_frames)

# %% tags=["solution"]
def most_frames(electrons, read_noise, penalty):
    """Largest N: the noise of N frames' sum is at most penalty x that of one long exposure."""
    # electrons + N r² <= penalty² (electrons + r²)
    one_exposure = electrons + read_noise**2
    return int((penalty**2 * one_exposure - electrons) // read_noise**2)

# %% [markdown]
# **Exercise 4: how wide will the merged edge be?** A sharp edge, blurred by a Gaussian of standard deviation `blur` px,
# falls on pixels (variance 1/12). `errors` are the shift errors of all frames across the edge, px. Return the 10-90 %
# width of the merge; take its blur for a Gaussian, whose width is 2.563 standard deviations.

# %% tags=["exercise"]
def merged_width(blur, errors):
    """10-90 % width of the merged edge, px."""
    raise NotImplementedError

# %% tags=["check"]
check.check_merged_width(merged_width)

# %% tags=["solution"]
def merged_width(blur, errors):
    """10-90 % width of the merged edge, px."""
    return float(2.563 * np.sqrt(blur**2 + 1 / 12 + np.var(errors)))

# %% [markdown]
# **Exercise 5: your page.** Answer the question of lesson 00 for *your* photo. Return a dict with a sentence for each of
# `"noise"`, `"strong edge"`, `"weak edge"` and `"texture"` that holds its number (`facts.sigma`, `facts.strong.after`,
# `facts.weak.after`, `facts.texture`; per cent will do), and the `"cause"` that the weak edge's numbers support. The rule: if
# the denoiser made it wider by a tenth at most, `"capture"`: its blur was in the photo. (On a short or faint edge chance alone
# does more: then say so.) If wider, `"hedging"` if `facts.method` is `"network"`, else `"mis-deciding"`. (Your numbers show
# *that* it got wider. *Why* goes by the kind of denoiser, as lessons 05 and 06 measured it.)

# %% tags=["exercise"]
def my_answer(facts):
    """Part of the page -> my sentence."""
    raise NotImplementedError

# %% tags=["check"]
check.check_my_answer(my_answer)

# %% tags=["solution"]
def my_answer(facts):
    """Part of the page -> my sentence."""
    cause = "hedging" if facts.method == "network" else "mis-deciding"
    if facts.weak.after <= 1.1 * facts.weak.before:
        cause = "capture"
    return {
        "noise": f"A pixel is typically off by {facts.sigma:.3f}, and neighbours share it.",
        "strong edge": f"It stands far above the noise and stayed: {facts.strong.after:.1f} px wide.",
        "weak edge": f"The noise hid it; it is now {facts.weak.after:.1f} px wide, "
                     f"before {facts.weak.before:.1f} px.",
        "texture": f"What went from it is {facts.texture:.2f} times the noise.",
        "cause": cause,
    }

# %% [markdown]
# The page itself, saved beside the result. Without your sentences it has dotted lines to write on.

# %%
try:
    sentences = my_answer(facts)
except NotImplementedError:
    sentences = {}
before_and_after = {name: (photo.display[crop], estimates[METHOD][crop]) for name, crop in crops.items()}
page = Page(facts, sentences, before_and_after)
print("saved:", page.save(target.with_suffix(".html")))
page

# %% [markdown]
# ## Scoreboard of the course
#
# Eight of the course's denoisers at their own defaults beside the noisy picture, with white noise: 25/255 on the camera man,
# 0.05 on the phantoms of lesson 02.

# %%
def noisy_itself(noisy, sigma):
    """Return the noisy image."""
    return noisy.copy()


camera_man, board = picture("camera", 256), Scoreboard(())
for name, one in {"noisy itself": noisy_itself, "Gaussian 1.5": Gaussian(1.5), "bilateral": Bilateral(),
                  "total variation": TotalVariation(), "Haar, all shifts": UndecimatedHaar(), "local DCT": LocalDCT(),
                  "non-local means": NonLocalMeans(), "BM3D": BM3D(), "network": Network()}.items():
    board = board.add(score(one, camera_man, sigma=25 / 255, name=name, draws=8))
board

# %%
by_name = {row.name: row for row in board.rows}
assert board.rows[0].name == "network" and by_name["network"].psnr > by_name["BM3D"].psnr
assert all(row.width_1 > 1.8 * row.width_8 for row in board.rows if row.name not in ("noisy itself", "Gaussian 1.5"))
print("from contrast/sigma 8 to 1, the edge gets wider by:",
      {row.name: f"{row.width_1 / row.width_8:.1f} x" for row in board.rows})

# %% [markdown]
# From top to bottom the table tells the same story: only the Gaussian blurs all edges alike, and every method that spares the strong one pays at
# the weak one. What is not in it: draws (their error is twice the least) and frames (theirs is $\sigma/\sqrt N$, at any contrast).
#
# ## What it cannot do
#
# This course's street and phantoms are simulated, its networks are small, and nothing here brings back light that
# was never caught. The numbers of your page hold for your photo and three places in it. Its bursts
# are grey, and their hand only shifts: a real one turns too, and near things shift more than far ones, so phones align tile
# by tile.
#
# ## References
#
# - S. W. Hasinoff and others, *Burst photography for high dynamic range and low-light imaging on mobile cameras*,
#   2016, doi [10.1145/2980179.2980254](https://doi.org/10.1145/2980179.2980254) (HDR+).
# - O. Liba and others, *Handheld mobile photography in very low light*, 2019,
#   [arXiv 1910.11336](https://arxiv.org/abs/1910.11336) (Night Sight).
# - C. Chen, Q. Chen, J. Xu, V. Koltun, *Learning to see in the dark*, 2018,
#   [arXiv 1805.01934](https://arxiv.org/abs/1805.01934) (SID).
# - K. Zhang and others: DnCNN, 2016, [arXiv 1608.03981](https://arxiv.org/abs/1608.03981); FFDNet, 2017,
#   [arXiv 1710.04026](https://arxiv.org/abs/1710.04026).
# - L. Chen and others, *Simple baselines for image restoration*, 2022,
#   [arXiv 2204.04676](https://arxiv.org/abs/2204.04676) (NAFNet).
# - J. Lehtinen and others, *Noise2Noise*, 2018, [arXiv 1803.04189](https://arxiv.org/abs/1803.04189); J. Batson,
#   L. Royer, *Noise2Self*, 2019, [arXiv 1901.11365](https://arxiv.org/abs/1901.11365) (J-invariance); A. Krull and
#   others, *Noise2Void*, 2018, [arXiv 1811.10980](https://arxiv.org/abs/1811.10980).
# - J. Liang and others, *SwinIR*, 2021, [arXiv 2108.10257](https://arxiv.org/abs/2108.10257); S. W. Zamir and others,
#   *Restormer*, 2021, [arXiv 2111.09881](https://arxiv.org/abs/2111.09881).
# - B. Kawar and others, *Denoising diffusion restoration models*, 2022,
#   [arXiv 2201.11793](https://arxiv.org/abs/2201.11793) (DDRM); Y. Zhu and others, *Denoising diffusion models for
#   plug-and-play image restoration*, 2023, [arXiv 2305.08995](https://arxiv.org/abs/2305.08995) (DiffPIR).
# - M. Makitalo, A. Foi, *Optimal inversion of the generalized Anscombe transformation for Poisson-Gaussian noise*,
#   2013, doi [10.1109/TIP.2012.2202675](https://doi.org/10.1109/TIP.2012.2202675).
# - D. Robinson, P. Milanfar, *Fundamental performance limits in image registration*, 2004, doi
#   [10.1109/TIP.2004.832923](https://doi.org/10.1109/TIP.2004.832923).
# - M. Guizar-Sicairos, S. T. Thurman, J. R. Fienup, *Efficient subpixel image registration algorithms*, 2008, doi
#   [10.1364/OL.33.000156](https://doi.org/10.1364/OL.33.000156).
# - S. Nam and others, *A holistic approach to cross-channel image noise modeling and its application to image
#   denoising*, CVPR 2016 (the photos of CC15).
