# %% [markdown]
# # Capstone: your night photo
#
# **The question** that the course began with, on a photo of your own: how is its noise removed, what becomes blurry, and why?
#
# **You will**
#
# 1. measure the noise of a photo against its brightness, without a clean one,
# 2. denoise a picture that is too large for the memory, tile by tile,
# 3. merge frames without a ghost,
# 4. measure edges before and after, and keep a record,
# 5. say with these numbers what was lost where, and what you would use.
#
# **Time:** about 150 minutes. **Points:** 48, of which 20 are for three written answers. **Needs:** all lessons.
#
# **Honesty:** your answers must be your own work. You may look up anything and talk about ideas with others; do not copy
# code or text, and name what helped you, programs too. Hidden checks ask for the same properties on other cases.
#
# *Run All* stops at the first open question: answer it and go on there.

# %% tags=["setup"]
import numpy as np

from lessons_lib.classroom.assignments.judging import hidden_check, public_check

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Your photo
#
# Put a dim photo that **you** took beside this notebook and name it `my_photo.jpg` (or `.png`, `.dng`, `.nef` ...); hand it in with the
# notebook. It should be noisy, and hold an edge of strong and one of weak contrast that run from top to bottom, and a part where
# nothing is. No faces or number plates of people who did not agree. Above 10 MB, hand in a piece of it.
#
# Without such a file, a piece of the course's simulated street is used, so that all cells run. Then there are no points for an own photo.

# %%
from pathlib import Path

from lessons_lib.classroom.assignments.capstone_shown import (
    crops_figure,
    cut_piece,
    photo_figure,
    places_figure,
    print_records,
    save_results,
)
from lessons_lib.display.figures import Line, draw_lines, image_row, new_figure
from lessons_lib.display.subjects import photographed_street
from lessons_lib.image import luminance
from lessons_lib.scenes.photo import read_photo

# %%
files = sorted(Path(".").glob("my_photo.*"))
own = read_photo(files[0]) if files else None
photo = np.float32(photographed_street() if own is None else own.display)
height, width = photo.shape[:2]
print("no my_photo.* here: the simulated street" if own is None else f"{own.name}, {own.encoding} values; {own.camera}")
print(f"{height} x {width} px")
photo_figure(photo)

# %% [markdown]
# **Where and how was it taken?** When, with which camera, and if you know them, exposure and ISO; how did you keep it dim and noisy; what is in it? Name one
# thing in it that the *capture* lost before any denoiser, and how you know. (4 points, about 80 words.)

# %% [markdown] tags=["written", "points=4"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# For example: 'Kitchen at night, 12 November, phone, 1/15 s at ISO 3200 by the file, one lamp behind me. The towel's threads are gone: they are 1 px
# apart, and the camera's JPEG has smoothed everything finer than 3 px, since its noise is blotchy at that size.'
#
# **Rubric** (all 4 only for a photo that the student took: `my_photo.*` was handed in and the cell above shows it)
#
# - 1 point: an own, dim and noisy photo, shown above.
# - 1 point: when, camera, and exposure or the reason that they are unknown (they must agree with the line printed above).
# - 2 points: one loss by capture (demosaicing, shake, focus, JPEG, clipping, few photons), with how it was seen (1 without evidence).
#
# The simulated street instead of an own photo: 0 points here. The other questions can get all their points.
# === END MARK SCHEME ===

# %% [markdown]
# ## 1. Your places (4 points)
#
# Look at the figure above, or use a viewer that shows pixel positions. Return a dict of four rectangles `(top, bottom, left, right)` in px:
#
# - `"piece"`: the part to work on, 200 to 500 px on each side,
# - `"strong"` and `"weak"`: each **one** edge from top to bottom in the middle, dark at one side and light at the other, at least 12 rows
#   and 16 columns; the weak one about 2 to 4 times the noise. These numbers count from the corner of the *piece*, and so do those of
# - `"flat"`, where nothing is; it shares no pixel with the edges' places.
#
# `height` and `width` are the photo's; you need not use them. Here only the form is judged.

# %% tags=["answer"]
def my_places(height, width):
    """Name of each place -> (top, bottom, left, right), px."""
    ### BEGIN SOLUTION
    return {"piece": (190, 430, 390, 660), "strong": (135, 170, 22, 48), "weak": (110, 170, 114, 138), "flat": (110, 160, 200, 250)}
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "my_places", my_places)

# %% tags=["hidden", "points=3"]
hidden_check("capstone", "my_places", my_places)

# %% tags=["demo"]
try:
    places = my_places(height, width)
    piece = cut_piece(photo, places["piece"])
    before = luminance(piece).astype(float)
    shown = places_figure(before, places)
except NotImplementedError:
    shown = "Question 1 is open: answer it, and your places are shown."
shown

# %% [markdown]
# ## 2. The noise against the light (5 points)
#
# `photo` `(H, W)` is grey, in *linear light*; each pixel's noise is independent of its neighbours', and grows with the light (shot noise and
# read noise, lesson 01). There is a scene in it, and no clean version. Return the noise's standard deviation at each of the `levels` (an
# array of light values within the photo's range), each within 25 %.
#
# Think of: differences that take the scene out, but do not forget what a difference does to the noise; a median, since
# edges are few and large; pixels sorted by brightness; and a law with two unknowns.

# %% tags=["answer"]
def noise_at(photo, levels):
    """Standard deviation of the noise at each light level."""
    ### BEGIN SOLUTION
    rows, cols = photo.shape[0] // 2 * 2, photo.shape[1] // 2 * 2
    a, b, c, d = (photo[i:rows:2, j:cols:2].ravel() for i in (0, 1) for j in (0, 1))
    light = (a + b + c + d) / 4
    diagonal = (a - b - c + d) / 2  # Haar's finest diagonal: the noise of one pixel
    groups = np.array_split(np.argsort(light), 12)
    means = [light[group].mean() for group in groups]
    variances = np.array([(np.median(np.abs(diagonal[group])) / 0.6745) ** 2 for group in groups])
    slope, dark = np.polyfit(means, variances, 1, w=1 / variances)  # each is known to so many per cent
    return np.sqrt(np.maximum(dark + slope * levels, 1e-12))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "noise_at", noise_at)

# %% tags=["hidden", "points=4"]
hidden_check("capstone", "noise_at", noise_at)

# %% tags=["demo"]
from lessons_lib.diagnosis.photo_noise import measure_photo_noise
from lessons_lib.scenes.camera import srgb_decode

try:
    light = luminance(own.image if own is not None and own.encoding == "linear" else srgb_decode(photo)).astype(float)
    levels = np.quantile(light, (0.1, 0.3, 0.5, 0.7, 0.9))
    library = measure_photo_noise(light.astype(np.float32))
    figure, axes = new_figure(width=7, height=3.2, alt="Standard deviation of the noise against linear light: your points and the library's.")
    draw_lines(axes[0, 0], [Line("yours, from 2 x 2 px", levels, noise_at(light, levels), "both"),
                            Line("library, from 8 x 8 px", library.curve.levels, library.curve.sigmas, "both")],
               x_label="linear light", y_label="σ", title="the whole photo")
    print(f"neighbours share their noise over {library.blotch_areas[0]:.1f} px (1 is white noise)")
except NotImplementedError:
    figure = "Question 2 is open: answer it, and your photo's noise is measured."
figure

# %% [markdown]
# If your curve lies far below the library's, your photo is not a raw one: the camera has interpolated and smoothed, neighbours share their noise, and
# their *difference* hides it. Then trust the 8 x 8 px.
#
# ## 3. Tile by tile (5 points)
#
# `noisy` is `(H, W)` or `(H, W, C)`. Tiles of `tile` x `tile` px start at row and column 0, `tile`, 2 `tile` ...; the last ones may be smaller. Give
# `denoiser(..., sigma)` each tile with `overlap` px more at each side, where the picture has them; of its estimate keep the tile alone. Return
# the whole estimate. If the denoiser reaches no farther than the overlap, no seam can show.

# %% tags=["answer"]
def tiled(denoiser, noisy, sigma, tile, overlap):
    """Estimate of the whole picture, tile by tile; same shape as noisy."""
    ### BEGIN SOLUTION
    estimate = np.empty_like(noisy)
    for row in range(0, noisy.shape[0], tile):
        for col in range(0, noisy.shape[1], tile):
            top, left = max(row - overlap, 0), max(col - overlap, 0)
            seen = noisy[top:row + tile + overlap, left:col + tile + overlap]
            found = denoiser(np.ascontiguousarray(seen), sigma)[row - top:, col - left:]
            estimate[row:row + tile, col:col + tile] = found[:tile, :tile]
    return estimate
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "tiled", tiled)

# %% tags=["hidden", "points=4"]
hidden_check("capstone", "tiled", tiled)

# %% [markdown]
# Now your piece, by three denoisers. Two are set by the course's rule for photos (lesson 11); the Gaussian is there to compare.

# %% tags=["demo"]
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.denoisers.photo_choice import choose_denoiser

estimates = {}
try:
    sigma = measure_photo_noise(photo).sigma
    print(f"noise of the photo, display values: sigma {sigma:.4f}")
    estimates["Gaussian 1.5"] = tiled(Gaussian(1.5), piece, sigma, 128, 8)
    for method in ("nlm", "network"):
        chosen = choose_denoiser(photo, "srgb", measure_photo_noise, method=method)
        estimates[method] = tiled(chosen.denoiser, piece, chosen.sigma, 192, 48)
        print(f"{method}: rule '{chosen.rule}', told {np.round(chosen.levels, 3)}")
except (NotImplementedError, NameError):  # there is no piece without question 1
    print("Question 1 or 3 is open: answer them, and your piece is denoised.")

# %% [markdown]
# ## 4. Many frames, and something moves (5 points)
#
# `frames` `(N, H, W)` are aligned frames of one scene, each with white noise of `sigma`. Return a merge `(H, W)` that shows **what frame 0 shows**:
#
# - where nothing moves, the noise must fall nearly as for the mean of all frames, $\sigma/\sqrt N$ (at most 12 % more),
# - where a moving thing (at least 8 $\sigma$ of contrast) is in other frames only, there must be no ghost,
# - where it is in frame 0, it must stay.
#
# Two noisy values of one place differ by $\sqrt2\,\sigma$ (standard deviation) by chance alone.

# %% tags=["answer"]
def merge(frames, sigma):
    """Frame 0's scene with less noise, (H, W)."""
    ### BEGIN SOLUTION
    # 3.5 standard deviations of a difference: chance passes, 8 sigma do not.
    agrees = np.abs(frames - frames[0]) < 3.5 * np.sqrt(2) * sigma
    return np.sum(frames * agrees, axis=0) / np.sum(agrees, axis=0)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "merge", merge)

# %% tags=["hidden", "points=4"]
hidden_check("capstone", "merge", merge)

# %% tags=["demo"]
from lessons_lib.classroom.assignments.capstone_frames import make_burst

try:
    burst = make_burst(np.random.default_rng(5), moving=True)
    merged = {"frame 0": burst.frames[0], "plain mean": burst.frames.mean(axis=0), "yours": merge(burst.frames, burst.sigma)}
    for name, image in merged.items():
        still = burst.error(image, ~burst.there.any(axis=0))
        print(f"{name:11} error where nothing moves {still:.2f} σ (1/√{len(burst.frames)} is {len(burst.frames)**-0.5:.2f}), on the thing's way "
              f"{burst.error(image, burst.path):.2f} σ")
    shown = image_row(merged, low=0, high=1, alt="A bright disc in grey leaves: frame 0, noisy; the plain mean, clean, with a row of "
                      "faint ghosts; your merge.")
except NotImplementedError:
    shown = "Question 4 is open: answer it, and a burst is merged."
shown

# %% [markdown]
# ## 5. How wide is an edge? (4 points)
#
# `patch` holds one edge that runs from top to bottom, rising or falling from left to right. Its **profile** is the mean over the rows. The
# two levels are the means of the first and the last quarter of the columns (`columns // 4` of them). Return the **10-90 % width** in px: the distance
# from 10 to 90 per cent of the way from the lower to the higher level, each crossing read off a straight line between two samples. Seen from the low
# side, take the *first* crossing of 90 %, and the *last* of 10 % before it.

# %% tags=["answer"]
def edge_width(patch):
    """10-90 % width of an edge that runs from top to bottom, px."""
    ### BEGIN SOLUTION
    profile = patch.mean(axis=0)
    quarter = len(profile) // 4
    if profile[:quarter].mean() > profile[-quarter:].mean():
        profile = profile[::-1]
    low, high = profile[:quarter].mean(), profile[-quarter:].mean()
    share = (profile - low) / (high - low)

    def crossings(level):
        up = np.flatnonzero((share[:-1] < level) & (share[1:] >= level))
        return up + (level - share[up]) / (share[up + 1] - share[up])

    end = crossings(0.9)[0]
    return end - max(place for place in crossings(0.1) if place <= end)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "edge_width", edge_width)

# %% tags=["hidden", "points=3"]
hidden_check("capstone", "edge_width", edge_width)

# %% [markdown]
# ## 6. The record (5 points)
#
# `before` and `after` are grey pictures `(H, W)`, `sigma` is the noise, `places` a dict as in question 1 (its piece is the whole picture here). Return a dict of
# eight finite numbers:
#
# | key | number |
# |---|---|
# | `sigma` | as given |
# | `removed_over_sigma` | root of the mean square of before - after, over sigma |
# | `noise_left` | standard deviation of after over that of before, in `flat` |
# | `strong_before`, `strong_after`, `weak_before`, `weak_after` | widths of the two edges, px |
# | `weak_contrast_over_sigma` | difference of the weak edge's two levels in `before`, without its sign, over sigma |

# %% tags=["answer"]
def record(before, after, sigma, places):
    """Eight numbers that say what became of a picture."""
    ### BEGIN SOLUTION
    def cut(image, name):
        top, bottom, left, right = places[name]
        return image[top:bottom, left:right]

    found = {"sigma": float(sigma), "removed_over_sigma": float(np.sqrt(np.mean((before - after) ** 2)) / sigma),
             "noise_left": float(cut(after, "flat").std() / cut(before, "flat").std())}
    for name in ("strong", "weak"):
        found[f"{name}_before"] = float(edge_width(cut(before, name)))
        found[f"{name}_after"] = float(edge_width(cut(after, name)))
    weak = cut(before, "weak")
    quarter = weak.shape[1] // 4
    levels = weak[:, :quarter].mean(), weak[:, -quarter:].mean()
    found["weak_contrast_over_sigma"] = float(abs(levels[1] - levels[0]) / sigma)
    return found
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("capstone", "record", record)

# %% tags=["hidden", "points=4"]
hidden_check("capstone", "record", record)

# %% [markdown]
# Your photo's record, and the crops that the grader looks at. Both are also saved beside this notebook.

# %% tags=["demo"]
records = {}
for name, estimate in estimates.items():
    try:
        records[name] = record(before, luminance(estimate).astype(float), sigma, places)
    except NotImplementedError:
        print("Questions 5 and 6 are needed here, and one is open.")
    except (IndexError, ValueError) as trouble:
        print(f"{name}: an edge could not be measured ({trouble}); take more rows or another place.")
print_records(records)

# %% tags=["demo"]
if estimates:
    crops = crops_figure(before, estimates, places)
    save_results(Path("."), "the simulated street" if own is None else own.name, records, crops)
else:
    crops = "Question 1 or 3 is open: answer them, and your crops stand here."
crops

# %% [markdown]
# ## 7. What was lost where, and why? (10 points)
#
# For the **strong edge**, the **weak edge** and the part **where nothing is**, and for at least two of the denoisers: what was lost or left? **Which of the
# five causes** (capture, mixing, mis-deciding, hedging, inventing) was at work? Defend each with a *number of your record*, and for the weak edge
# with its contrast/$\sigma$, too. Say how sure you can be of a width on one photo, and what you did to choose your places fairly. (200 to 300 words.)

# %% [markdown] tags=["written", "points=10"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# For the simulated street (the numbers of an own photo differ; judge by the record printed above it): the Gaussian widens *both* edges, the strong one
# from 2.8 to 4.8 px and the weak one from 1.6 to 3.9 px: its kernel averages both sides whatever their contrast. Mixing. Non-local means leaves the
# strong edge (13 σ) as it was, 2.6 px, and widens the weak one (3.0 σ) to 3.6 px: patches that lie across it pass for alike, mis-deciding. The
# network, too, keeps the strong edge (2.7 px) and makes the weak one 2.1 px wide: hedging, for the squared error asks for the mean of all edges that
# fit. The camera's own part: 2.8 px before any denoiser (demosaicing): capture. Where nothing is, non-local means leaves 0.15 of the noise and the
# network 0.55: part of its better edge was paid with grain. One photo: another noise would move a weak edge's width by several tenths of a px;
# the mean over 60 rows is what makes it measurable, and a slanted edge adds to it.
#
# **Rubric**
#
# - 2 points: the strong edge, cause and the two widths (before, after).
# - 3 points: the weak edge: cause (1), widths (1), contrast/σ and that it decides (1).
# - 1 point: mixing told from mis-deciding or hedging by what happens to strong *and* weak edge.
# - 1 point: capture is named for what was there before.
# - 1 point: the flat part: noise_left set against the edges.
# - 1 point: the limits of one photo (chance, slant, places chosen by looking).
# - 1 point: all numbers agree with the record above; the crops show what is said.
#
# 'The network hedges' without a wider edge in the record is no evidence: at most 1 of the 3 points for the weak edge. A weak edge that was *not* blurred and is
# said so, with its numbers, gets all 3. Who sees in the crops that an edge *wanders* from row to row (non-local means here), so that the mean over the rows is
# wider than each row, has the point for the limits.
# === END MARK SCHEME ===

# %% [markdown]
# ## 8. What would I use, and why? (6 points)
#
# For *this* photo and a use that you name (a print, a message to a friend, evidence ...): which method, how strong, or what would you do at
# the next exposure? Give a reason from your record, one thing that your choice loses, and one way that you would *not* use, with the reason. (About 120 words.)

# %% [markdown] tags=["written", "points=6"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# For example: 'For a message to a friend: the network at the rule's strength. It makes the door's edge 2.1 px wide and non-local means 3.6 px; the
# grain that it leaves (0.55 against 0.15) goes when the picture is made smaller. It loses the fainter bricks. For evidence I would use frames: eight of them leave 0.35 σ and blur no edge, as question 4 shows; and I would
# not use a draw from a diffusion model, whose strokes are invented where the photo does not know.'
#
# **Rubric**
#
# - 1 point: a use is named, and the choice fits it.
# - 2 points: reason with a number of the record or of question 4.
# - 1 point: what the choice loses.
# - 1 point: a way not used, with the right reason (its cause).
# - 1 point: more light, longer exposure or frames are weighed against denoising.
# === END MARK SCHEME ===
