# %% [markdown]
# # 00 Start here: one night photo
#
# **The question.** Someone took a grainy photo at night. A program made it smooth, *and some
# parts blurry*. How can noise be removed while the picture stays, and why do edges blur?
#
# **You will**
#
# 1. say what noise is with a number: its standard deviation, *sigma*;
# 2. write a first denoiser, an average over neighbours;
# 3. look at what a denoiser removed, and find edges in it;
# 4. measure that one and the same denoiser keeps a strong edge and blurs a weak one.
#
# **Time**: 10 minutes to look around, 20 with the exercises.
# **Needs**: a little numpy. Run a cell with Shift+Enter, or all of them with *Run > Run All Cells*.

# %%
import numpy as np
from scipy import ndimage

from lessons_lib.classroom import lesson_00 as check
from lessons_lib.denoisers import Gaussian, LocalWiener, Median
from lessons_lib.diagnosis.edges import EdgeSpread, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display.figures import Line, draw_image, draw_lines, image_row, new_figure
from lessons_lib.display.subjects import clean_street, photographed_street
from lessons_lib.display.widgets import blur_microscope
from lessons_lib.image import luminance
from lessons_lib.scenes.night_street import street_crops, street_edges

# %% [markdown]
# ## The photo
#
# The scene on the left is made by a program, so every edge in it is known. On the right a
# simulated camera has photographed it: a white wall gave each pixel about 150 electrons, and the
# raw numbers went through colour interpolation, brightening and JPEG, as in a phone. Lesson 01
# takes that camera apart.

# %%
scene, photo = clean_street(), photographed_street()
print(f"image: {photo.shape[0]} rows, {photo.shape[1]} columns, {photo.shape[2]} colours,",
      f"values from {photo.min():.2f} to {photo.max():.2f}")
image_row(
    {"the scene, without noise": scene, "the photo": photo},
    alt="Left: a street corner at night with a lit cafe. Right: the same, grainy with coloured "
    "specks, most of all in the dark parts.",
)

# %% [markdown]
# Noise is what the photo has and the scene has not. Its size is its standard deviation,
# written $\sigma$ (sigma) and given in image units, where black is 0 and white is 1.

# %%
noise = photo - scene
sigma = noise.std()
print(f"sigma = {sigma:.3f} image units, {255 * sigma:.0f} on the scale from 0 to 255")
assert 0.045 < sigma < 0.060  # fixed seed; JPEG decoders differ in the last digits

# %% [markdown]
# ## Predict
#
# Below, three simple denoisers clean this photo. Before you run on, write down what you expect.
#
# *Double-click this cell and answer:*
#
# - Will the shop window's lower edge (bright against dark) get blurry? ...
# - Will the edge on the dim wall at the right get blurry? ...
# - Which of the two suffers more, and why? ...

# %% [markdown]
# ## What a denoiser is
#
# Every photo cleaner, however clever, has three stages.
#
# | stage | what it is | what it knows | what it forgets |
# |---|---|---|---|
# | **Input** | the noisy pixels, and how strong the noise is | every number the camera wrote | what the sensor never caught |
# | **Model** | an average, over pixels that it takes to be alike | which pixels *look* alike in the noise | which ones *are* alike |
# | **Output** | the estimate, one picture | the most plausible value of each pixel | how sure it was |
#
# So a denoiser is a function `estimate = denoiser(noisy, sigma)`. That is the one contract of
# this course; the three of today obey it, and so will the neural network of lesson 06.

# %%
denoisers = {
    "Gaussian": Gaussian(width=1.5),  # the same weighted average everywhere
    "median": Median(radius=2),  # the middle value of 5 x 5 pixels
    "local Wiener": LocalWiener(radius=2),  # averages where the window varies no more than noise
}
estimates = {name: denoiser(photo, sigma) for name, denoiser in denoisers.items()}
pictures = {"scene": scene, "photo": photo, **estimates}
decibels = {name: psnr(scene, picture) for name, picture in pictures.items()}
print({name: f"{value:.1f} dB" for name, value in decibels.items()})
assert all(decibels[name] > decibels["photo"] + 2 for name in denoisers)

# %% [markdown]
# The decibels are the PSNR, $10 \log_{10}(1 / \text{mean squared error})$: higher is closer to
# the scene. All three denoisers raise it by more than 2 dB, so by this number the photo got better. Now
# look.

# %% [markdown]
# ## See: three crops

# %%
crops = street_crops()
figure, axes = new_figure(
    5, 3, width=12, height=7.4,
    alt="Three crops (rows) in five versions (columns: scene, photo, Gaussian, median, local "
    "Wiener). The shop window stays crisp with median and local Wiener. On the dim wall and in "
    "the roof tiles every denoiser leaves a blur.",
)
for row, name in zip(axes, ["strong edge", "weak edge", "texture"], strict=True):
    gain = 1 if name == "strong edge" else 1.8  # the dark crops are shown brighter
    for cell, (title, picture) in zip(row, pictures.items(), strict=True):
        draw_image(cell, gain * picture[crops[name]], f"{title}: {name}")
figure

# %% [markdown]
# The shop window survives. The wall's edge and the roof tiles do not: they were about as strong
# as the grain, and a denoiser cannot tell them from it.
#
# Now the same with your own hands. In the **blur microscope**:
#
# - move **width** and watch the third picture, *method noise*: what the denoiser takes away
#   from the *clean* scene. Anything you recognise there is picture, not noise.
# - **click** on an edge, or press the arrow keys with a picture selected: the *kernel* shows which
#   pixels are averaged there, the *profile* how wide the edge has become.
# - choose another **denoiser**; click in *whole picture* to look elsewhere.
# - **open a photo** takes your own file. It stays on this computer.

# %%
microscope = blur_microscope(picture="night street, photographed", position=(286, 352))
microscope

# %% [markdown]
# ## Measure
#
# How wide is an edge? Walk across it and note the distance in which the brightness climbs from
# 10 % to 90 % of the step. One walk is noisy, so we average 60 parallel ones along the edge.

# %%
def edge_profile(picture, edge, reach=10.0):
    start, end = np.array(edge.start), np.array(edge.end)
    along = (end - start) / np.hypot(*(end - start))
    uphill = np.array([-along[1], along[0]])  # these edges are lighter above
    steps = np.arange(-reach, reach + 0.25, 0.25)
    feet = start + np.linspace(0.05, 0.95, 60)[:, None] * (end - start)
    points = feet[:, None, :] + steps[:, None] * uphill
    values = ndimage.map_coordinates(luminance(picture), np.moveaxis(points, -1, 0), order=1)
    return EdgeSpread(steps, values.mean(axis=0))

# %%
edges = street_edges()
widths = {
    (title, name): rise_width(edge_profile(picture, edge))
    for title, picture in pictures.items() for name, edge in edges.items()
}
print(f"{'10-90 % width in pixels':24}{'strong edge':>12}{'weak edge':>12}")
for title in pictures:
    print(f"{title:24}{widths[title, 'strong']:12.1f}{widths[title, 'weak']:12.1f}")

# %%
figure, axes = new_figure(
    2, alt="Two plots of brightness across an edge. Strong edge: median and local Wiener follow "
    "the photo's steep climb, the Gaussian's is twice as wide. Weak edge: all three are wide.",
)
for cell, (name, edge) in zip(axes[0], edges.items(), strict=True):
    spreads = {title: edge_profile(picture, edge) for title, picture in pictures.items()}
    lines = [Line(title, spread.positions, spread.values) for title, spread in spreads.items()]
    draw_lines(cell, lines, x_label="distance across the edge [px]", y_label="luminance",
               title=f"{name} edge")
figure

# %% [markdown]
# ## Why this edge blurred
#
# Four things stand in that table, and each has a name that the course will come back to.
#
# - **Capture.** The photo itself is wider than the scene, before any denoising: the camera
#   guesses two of three colours at each pixel from its neighbours.
# - **Mixing.** The Gaussian averages both sides of *every* edge: strong or weak, the same blur.
# - **Mis-deciding.** Median and local Wiener look first. They spare the strong edge, and take
#   the weak one for noise.
#
# Smoothing costs edges, and the weak ones pay: 'edge-preserving' only means
# 'strong-edge-preserving'.

# %%
capture = widths["photo", "strong"] / widths["scene", "strong"]
mixing = widths["Gaussian", "weak"] / widths["Gaussian", "strong"]
spared = widths["local Wiener", "strong"] / widths["photo", "strong"]
blurred = widths["local Wiener", "weak"] / widths["photo", "weak"]
print(f"capture: the camera alone widened the strong edge {capture:.1f} times")
print(f"mixing: the Gaussian's weak edge is {mixing:.2f} times as wide as its strong one")
print(f"mis-deciding: local Wiener widened the strong edge {spared:.1f} times,",
      f"the weak one {blurred:.1f} times")
assert capture > 1.2 and 0.9 < mixing < 1.1  # one photo: its noise moves a width by a few percent
assert spared < 1.25 and blurred > 1.6

# %% [markdown]
# Two more causes wait in the second half of the course: a network **hedges** between all the
# places where an edge could be (lesson 06), and a diffusion model **invents** a sharp one
# (lesson 08). And one fact about this photo should make you suspicious: the usual recipe for
# reading sigma off a picture without knowing the scene fails on it.

# %%
from lessons_lib.diagnosis.noise_level import estimate_sigma

recipe = estimate_sigma(photo)
print(f"recipe: {recipe:.3f}   truth: {sigma:.3f}")
assert recipe < 0.5 * sigma  # demosaicing and JPEG have smoothed the grain: lesson 01

# %% [markdown]
# ## Exercises
#
# Replace each `raise NotImplementedError`, run the cell, then the check below it. A check says
# *public checks passed* when it finds nothing wrong. It cannot prove that you are right.
#
# **1. Sigma from a flat patch.** Where the scene is even, all variation is noise. Return the
# standard deviation of `image` inside `rows`, `cols`, after taking out each colour's own mean.

# %% tags=["exercise"]
def sigma_of_patch(image, rows, cols):
    """image: (H, W, 3); rows, cols: slices. Returns one number, in image units."""
    raise NotImplementedError

# %% tags=["check"]
check.sigma_of_patch(sigma_of_patch)

# %% tags=["solution"]
def sigma_of_patch(image, rows, cols):
    patch = image[rows, cols]
    return (patch - patch.mean(axis=(0, 1))).std()

# %% [markdown]
# **2. Your first denoiser.** Replace each pixel of a grey image by the mean of the 3 x 3 pixels
# around it. Mirror the image at its border (`np.pad(image, 1, mode="symmetric")`), or the border
# will darken. Nine shifted copies, added and divided by 9, are enough.

# %% tags=["exercise"]
def box_average(noisy, sigma):
    """noisy: (H, W) float. Returns the estimate, same shape. sigma is not needed here."""
    raise NotImplementedError

# %% tags=["check"]
check.box_average(box_average)

# %% tags=["solution"]
def box_average(noisy, sigma):
    height, width = noisy.shape
    padded = np.pad(noisy, 1, mode="symmetric")
    shifted = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    return sum(shifted) / 9

# %% [markdown]
# **3. What was taken away?** For a photo there is no clean scene to compare with. What is left
# to look at is the *residual*: the noisy image minus the estimate. It should look like noise
# alone. Write it for any denoiser.

# %% tags=["exercise"]
def residual(noisy, denoiser, sigma):
    """Returns what the denoiser removed, same shape as noisy."""
    raise NotImplementedError

# %% tags=["check"]
check.residual(residual)

# %% tags=["solution"]
def residual(noisy, denoiser, sigma):
    return noisy - denoiser(noisy, sigma)

# %% [markdown]
# **4. Your own photo.** Put a night photo of yours (JPEG, PNG, TIFF or RAW) beside this notebook
# and write its name into `MY_PHOTO`. Then say in one sentence which objects you recognise in the
# right-hand picture. They were not noise. Without a photo, the street stands in.

# %%
from lessons_lib.scenes.photo import read_photo

MY_PHOTO = None  # for example "holiday.jpg"
mine = photo if MY_PHOTO is None else read_photo(MY_PHOTO).display
top, left = (side // 3 for side in mine.shape[:2])
mine = mine[top : top + 320, left : left + 320]
cleaned = Median(radius=2)(mine, sigma)
taken = np.clip(0.5 + 4 * (mine - cleaned), 0, 1)
image_row({"my photo": mine, "after the median": cleaned, "what was taken, 4 times": taken},
          alt="A photo, the same after a median filter, and their difference, four times amplified, "
          "in which the outlines of objects can be recognised.")

# %% [markdown]
# ## Scoreboard
#
# From lesson 02 on, each denoiser gets a row of numbers: PSNR, edge widths at four strengths of
# edge, texture, speed. Today's table of widths is its seed.
#
# ## What it cannot do
#
# None of today's three knows what noise *is*: where it comes from, why it is worse in the dark,
# and why the recipe for sigma failed. That is lesson 01.
#
# ## The course
#
# | lesson | what it is about | what it averages over |
# |---|---|---|
# | 01 Noise models | what the sensor can know | nothing yet |
# | 02 Six instruments | how blur is measured | whatever you hand it |
# | 03, 04 Classical filters, wavelets | fixed and adaptive weights, thresholds | neighbours |
# | 05 Non-local means, BM3D | searching for more of the same | similar patches |
# | 06 CNN | a network that hedges | pictures it has seen |
# | 07 Perceptual losses | preferring texture | statistics of pictures |
# | 08 Diffusion | drawing one answer | nothing: it picks |
# | 09, 10 Noise as ingredient, judging | which noise, and who says 'better' | people |
# | 11 Your night photo | all of it, on your file | many frames |
#
# Lessons 03 to 11 are being written; those that are done lie beside this one.

# %% [markdown]
# ## References
#
# - A. Buades, B. Coll, J. M. Morel, *A review of image denoising algorithms, with a new one*,
#   2005, doi 10.1137/040616024: the idea of looking at what a denoiser takes away.
# - J.-S. Lee, *Digital image enhancement and noise filtering by use of local statistics*, 1980,
#   doi 10.1109/TPAMI.1980.4766994: the local Wiener filter of this lesson.
