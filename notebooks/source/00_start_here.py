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
# **Time**: 10 minutes to look around, 20 more with the exercises.
# **Needs**: a little numpy. Run a cell with Shift+Enter, or all of them with *Run > Run All Cells*.
#
# On **Colab** the cells below find no course yet: README, *Without installing*, has the cell that
# fetches it.

# %%
import numpy as np
from scipy import ndimage

from lessons_lib.classroom import lesson_00 as check
from lessons_lib.denoisers import Gaussian, LocalWiener, Median
from lessons_lib.diagnosis.edges import EdgeSpread, plateaus, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.diagnosis.texture import texture_kept
from lessons_lib.display.figures import Line, draw_image, draw_lines, image_row, new_figure
from lessons_lib.display.subjects import NIGHT_ELECTRONS, clean_street
from lessons_lib.display.widgets import blur_microscope
from lessons_lib.image import luminance
from lessons_lib.scenes.camera import demosaic, mosaic, photograph, srgb_encode
from lessons_lib.scenes.night_street import night_street, street_crops, street_edges
from lessons_lib.scenes.photo import read_photo

# %% [markdown]
# ## The photo
#
# The scene on the left is made by a program, so every edge in it is known. On the right a
# simulated camera has photographed it. A sheet as bright as the scene's white would give a green
# pixel 150 electrons. This street is darker: the pale wall at the right gives about 16, its dark
# base 6. The raw numbers then went through colour interpolation, brightening and JPEG, as in a
# phone. Lesson 01 takes that camera apart.

# %%
light = night_street()  # linear: proportional to the light, 1 is white
shots = [photograph(light, electrons_at_white=NIGHT_ELECTRONS, rng=np.random.default_rng(seed))
         for seed in range(6)]  # six photos of the same scene; only the noise differs
scene, photo = clean_street(), shots[0]
electrons = NIGHT_ELECTRONS * light[..., 1]  # green, to which this camera responds fully
wall, base = electrons[215:230, 545:560].mean(), electrons[255:270, 545:560].mean()
print(f"image: {photo.shape[0]} rows, {photo.shape[1]} columns, {photo.shape[2]} colours;",
      f"electrons: pale wall {wall:.0f}, its base {base:.0f}")
assert round(wall) == 16 and round(base) == 6
image_row(
    {"the scene, without noise": scene, "the photo": photo},
    alt="Left: a street corner at night with a lit cafe. Right: the same, grainy with coloured "
    "specks, most of all in the dark parts.",
)

# %% [markdown]
# Noise is what changes from one shot to the next. Its size is its standard deviation, written
# $\sigma$ (sigma) and given in image units, where black is 0 and white is 1.
#
# Two photos of the same scene, subtracted, leave two independent noises. Their variances
# add up, so the difference is $\sqrt 2$ times as large as one noise. The photo
# also differs from the scene in a way that is the same in every shot; much of that sits at the
# edges, which the camera itself blurs a little.

# %%
grain = (shots[0] - shots[1]).std() / np.sqrt(2)
sigma = (photo - scene).std()
print(f"changes from shot to shot: {grain:.3f} image units")
print(f"photo - scene:             {sigma:.3f}, or {255 * sigma:.0f} on the scale from 0 to 255")
print(f"the same in every shot:    {np.sqrt(sigma**2 - grain**2):.3f}")
assert 0.045 < grain < sigma < 0.060  # fixed seeds; JPEG decoders differ in the last digits

# %% [markdown]
# The denoisers below are told the whole difference, `sigma`. So is the microscope, for its crop.

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
# Nearly every denoiser of this course has three stages. (The one of lesson 08 picks where the
# others average.)
#
# | stage | what it is | what it knows | what it forgets |
# |---|---|---|---|
# | **Input** | the noisy pixels, and how strong the noise is | every number the camera wrote | what the sensor never caught |
# | **Model** | an average, over pixels that it takes to be alike | which pixels *look* alike in the noise | which ones *are* alike |
# | **Output** | the estimate, one picture | one value for each pixel, a compromise | how sure it was |
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
decibels = {name: psnr(scene, pictures[name]) for name in ["photo", *denoisers]}
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
    "Wiener). The shop window stays crisp with median and local Wiener; the Gaussian blurs it. "
    "On the dim wall and in the roof tiles every denoiser leaves a blur.",
)
for row, name in zip(axes, ["strong edge", "weak edge", "texture"], strict=True):
    gain, how = (1, "") if name == "strong edge" else (1.8, "\nshown 1.8 times brighter")
    row[0].set_ylabel(name + how)
    for cell, (title, picture) in zip(row, pictures.items(), strict=True):
        draw_image(cell, gain * picture[crops[name]], title)
figure

# %% [markdown]
# With median and local Wiener the shop window survives; the Gaussian blurs it too. The wall's
# edge and the roof tiles blur under all three. Edges are measured further down; for the tiles, here
# is the share of the fine detail (0.1 to 0.4 waves per pixel) that is still there.

# %%
tiles = crops["texture"]
kept = {name: texture_kept(scene[tiles], pictures[name][tiles]) for name in ["photo", *denoisers]}
print("texture kept:", {name: f"{share:.0%}" for name, share in kept.items()})
assert kept["photo"] > 0.55 and all(kept[name] < 0.4 for name in denoisers)

# %% [markdown]
# Now the same with your own hands, in the **blur microscope**. If it does not appear after you
# reopen the notebook, run its cell again.
#
# - Move **width** and watch *method noise*: what the denoiser takes away from the *clean* scene.
#   Anything you recognise there is picture, not noise.
# - **Click** on an edge, or use the arrow keys with a picture selected. The *profile* shows how
#   wide the edge has become, the *kernel* which input pixels the result depends on. (The median's
#   depends on one for each colour.)
# - Choose another **denoiser**; click in *whole picture* to look elsewhere.

# %%
microscope = blur_microscope(picture="night street, photographed")
microscope

# %% [markdown]
# The **curve** at the bottom: a flat line means that every edge blurs alike; a line that rises
# towards small contrast/sigma, that only strong edges are spared. (Lesson 02 explains *single draws*.)
#
# **open a photo** takes your own file; it stays on this computer. Nobody has its clean picture,
# so the third picture is the *residual* instead: noisy minus estimate, grain included. Its sigma
# is a guess, which you can correct with the slider **sigma told to the denoiser**. HEIC files need
# a decoder: run `%pip install pillow-heif` in a cell, then restart the kernel.

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
    # luminance: one brightness from red, green and blue, also called luma
    values = ndimage.map_coordinates(luminance(picture), np.moveaxis(points, -1, 0), order=1)
    return EdgeSpread(steps, values.mean(axis=0))

# %% [markdown]
# The other number is how strong the edge is. *Contrast* is the difference between the levels on
# its two sides. Divided by sigma, it says how far the edge stands out from the grain.

# %%
edges = street_edges()
ratios = {}
for name, edge in edges.items():
    dark, bright = plateaus(edge_profile(scene, edge))
    ratios[name] = (bright - dark) / sigma
    print(f"{name} edge: contrast {bright - dark:.3f}, contrast/sigma {ratios[name]:.1f}")
assert 10 < ratios["strong"] < 13 and 2 < ratios["weak"] < 3

# %% [markdown]
# Now the widths. The noise of a photo moves them a little, so we take the mean over six photos,
# and ± their standard deviation.

# %%
def edge_widths(picture):
    return [rise_width(edge_profile(picture, edge)) for edge in edges.values()]

widths = {"scene": np.array([edge_widths(scene)]),
          "photo": np.array([edge_widths(shot) for shot in shots])}
for name, denoiser in denoisers.items():
    widths[name] = np.array([edge_widths(denoiser(shot, sigma)) for shot in shots])
print(f"{'10-90 % width in pixels':24}{'strong edge':>14}{'weak edge':>14}")
for title, measured in widths.items():
    cells = zip(measured.mean(axis=0), measured.std(axis=0), strict=True)
    print(f"{title:24}" + "".join(f"{mean:8.1f} ± {spread:3.1f}" for mean, spread in cells))

# %%
figure, axes = new_figure(
    2, alt="Two plots of brightness across an edge. Strong edge: median and local Wiener follow "
    "the photo's steep climb, the Gaussian's is twice as wide. Weak edge: all three are wide.",
)
for cell, (name, edge) in zip(axes[0], edges.items(), strict=True):
    spreads = {title: edge_profile(picture, edge) for title, picture in pictures.items()}
    lines = [Line(title, spread.positions, spread.values) for title, spread in spreads.items()]
    draw_lines(cell, lines, x_label="distance across the edge [px]",
               y_label="luma (display values)",
               title=f"{name} edge, contrast/sigma {ratios[name]:.1f}")
figure

# %% [markdown]
# Two remarks on the numbers. Even the scene gives 1.6 px, because each pixel averages over its
# area, and values between pixels are read off a straight line: together about 1.3 px for a
# perfectly sharp edge. The rest was drawn into the scene.
#
# And `Gaussian(width=1.5)`, like the microscope's slider, names the *standard deviation* of its
# weights, while all other widths are 10-90 % widths. A Gaussian of standard deviation $s$ makes a
# sharp edge about $2.56\,s$ wide (lesson 02 derives it), here 3.8 px; the photo's own width comes
# on top.

# %%
straight = 2.563 * np.sqrt(1 / 12 + 1 / 6)  # variances of pixel area and straight lines, px²
print(f"pixel area and straight lines: {straight:.1f} px; a Gaussian of 1.5: {2.563 * 1.5:.1f} px")
assert 1.25 < straight < 1.35 and np.all(abs(widths["scene"] - 1.6) < 0.1)

# %% [markdown]
# ## Why this edge blurred
#
# Three things stand in that table, and each has a name that the course will come back to.
#
# - **Capture.** The photo itself is wider than the scene, before any denoising: the camera
#   guesses two of three colours at each pixel from its neighbours. The next cell does that alone,
#   without noise.
# - **Mixing.** The Gaussian averages both sides of *every* edge: strong or weak, the same blur.
# - **Mis-deciding.** Median and local Wiener look first. They spare the strong edge, and take
#   the weak one, only 2.4 sigma high, for noise.
#
# Smoothing costs edges, and the weak ones pay: 'edge-preserving' only means
# 'strong-edge-preserving'. Compare with what you predicted.

# %%
strong, weak = ({title: measured.mean(axis=0)[column] for title, measured in widths.items()}
                for column in (0, 1))
guessed = srgb_encode(demosaic(mosaic(np.clip(light, 0, 1))))  # two of three colours filled in
alone = edge_widths(guessed)[0]
print(f"capture: the strong edge is {strong['scene']:.1f} px wide in the scene, {alone:.1f} px",
      f"after guessing colours alone, {strong['photo']:.1f} px in the photo")
print(f"mixing: the Gaussian's weak edge is {weak['Gaussian'] / strong['Gaussian']:.2f} times",
      "as wide as its strong one")
assert strong["photo"] > 1.2 * strong["scene"] and abs(alone / strong["photo"] - 1) < 0.05
assert abs(weak["Gaussian"] / strong["Gaussian"] - 1) < 0.1  # the noise moves it by 2 %

# %%
for name in ("median", "local Wiener"):
    each = widths[name][:, 1] / widths["photo"][:, 1]
    spared, blurred = (w[name] / w["photo"] for w in (strong, weak))
    print(f"mis-deciding: {name} made the strong edge {spared:.1f} times as wide, the weak one",
          f"{blurred:.1f} times ({each.min():.1f} to {each.max():.1f} in single photos)")
    assert spared < 1.2 and blurred > 1.6

# %% [markdown]
# Two more causes wait in the second half of the course: a network **hedges** between all the
# places where an edge could be (lesson 06), and a diffusion model **invents** a sharp one
# (lesson 08).
#
# And two facts about this photo should make you suspicious. The usual recipe for reading sigma
# off a picture fails on it. And a mean over 3 x 3 pixels would leave a third of a noise that is
# independent from pixel to pixel; here much more is left.

# %%
recipe = estimate_sigma(photo)
print(f"recipe: {recipe:.3f}   truth: {grain:.3f}")
means = [ndimage.uniform_filter(shot, (3, 3, 1)) for shot in shots[:2]]
left = (means[0] - means[1]).std() / (shots[0] - shots[1]).std()
print(f"a 3 x 3 mean leaves {left:.2f} of the noise, not 0.33")
assert recipe < 0.5 * grain and 0.6 < left < 0.75  # neighbours share their noise: lesson 01

# %% [markdown]
# ## Exercises
#
# Replace each `raise NotImplementedError`, run the cell, then the check below it. A check says
# *public checks passed* when it finds nothing wrong. It cannot prove that you are right.
#
# **1. Sigma from a flat patch.** Where the scene is even, all variation is noise. Take out each
# colour's own mean over `image[rows, cols]`, one number for each colour, and return the standard
# deviation of all that is left: one number for the three colours together.

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
# around it. Mirror the image at its border, including the border pixel
# (`np.pad(image, 1, mode="symmetric")`), or the border will darken. Nine shifted copies, added and
# divided by 9, are enough.

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
# **4. How many times wider?** Put objective 4 into one number: the 10-90 % width of `edge` in the
# denoised picture, divided by its width in the noisy one. Use `edge_profile` and `rise_width`.
# Then call it for both of the street's `edges` and a denoiser that is not in the table, such as
# `Median(radius=1)`. Does it still spare one edge more than the other?

# %% tags=["exercise"]
def widening(noisy, denoiser, sigma, edge):
    """edge: as in `edges`. Returns how many times wider the denoiser makes it."""
    raise NotImplementedError

# %% tags=["check"]
check.widening(widening)

# %% tags=["solution"]
def widening(noisy, denoiser, sigma, edge):
    before = rise_width(edge_profile(noisy, edge))
    after = rise_width(edge_profile(denoiser(noisy, sigma), edge))
    return after / before

for name, edge in edges.items():
    found = widening(photo, Median(radius=1), sigma, edge)
    print(f"{name} edge: {found:.2f} times as wide")
assert widening(photo, Median(radius=1), sigma, edges["strong"]) < 1.2 < found  # the weak is last

# %% [markdown]
# **5. Your own photo.** Put a night photo of yours (JPEG, PNG, TIFF or RAW) into a folder
# `my_photos` beside this notebook (git ignores it) and write its name into `MY_PHOTO`. Choose the
# piece of 320 x 320 pixels with `TOP` and `LEFT`. Without a photo, the street stands in. The
# microscope opens the same file: *open a photo*.

# %%
MY_PHOTO = None  # for example "my_photos/holiday.jpg"
TOP, LEFT = 170, 256  # first row and column of the piece
SIGMA = None  # a number in image units, or None: it is estimated (the median does not need it)

mine = photo if MY_PHOTO is None else read_photo(MY_PHOTO).display
piece = mine[TOP : TOP + 320, LEFT : LEFT + 320]
assert piece.size, f"TOP and LEFT lie outside the photo, {mine.shape[0]} x {mine.shape[1]} px"
my_sigma = estimate_sigma(piece) if SIGMA is None else SIGMA
cleaned = Median(radius=2)(piece, my_sigma)
taken = np.clip(0.5 + 4 * (piece - cleaned), 0, 1)
print(f"photo: {mine.shape[0]} x {mine.shape[1]} px; sigma {my_sigma:.3f}")
image_row({"my photo": piece, "after the median": cleaned, "what was taken, 4 times": taken},
          alt="A piece of a photo, the same after a median filter, and their difference, four "
          "times amplified, in which the outlines of objects can be recognised.")

# %% [markdown]
# *Double-click this cell and finish the sentence:* In the right-hand picture I recognise ...;
# these were not noise.

# %% [markdown]
# <details class="example"><summary>An example, for the street</summary>
#
# The letters of the sign, the frame of the shop window, the paving stones. (The weak edge on the
# wall can hardly be seen: what it lost is smaller than the grain.)
#
# </details>

# %% [markdown]
# ## Scoreboard
#
# From lesson 01 on, each denoiser gets a row of numbers: PSNR, edge widths at four strengths of
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
# Each lesson is a notebook beside this one.

# %% [markdown]
# ## References
#
# - A. Buades, B. Coll, J. M. Morel, *A review of image denoising algorithms, with a new one*,
#   2005, doi 10.1137/040616024: the idea of looking at what a denoiser takes away.
# - J.-S. Lee, *Digital image enhancement and noise filtering by use of local statistics*, 1980,
#   doi 10.1109/TPAMI.1980.4766994: the local Wiener filter of this lesson.
