# %% [markdown]
# # PS5 Draws and judges
#
# **The question:** one draw from the posterior is crisp where the mean is blurred. What does the crispness cost, why does the
# blur come back when draws are averaged, and who decides which of them is better?
#
# **You will**
#
# 1. compute what is known of a signal in noise, and how far it is in doubt,
# 2. find what a step of a sampler must add besides noise,
# 3. say what each kind of answer costs before anything is drawn,
# 4. compare two textures that agree at no pixel,
# 5. put an honest interval on a class's preference.
#
# **Time:** about 90 minutes. **Points:** 30, of which 7 are for a written answer. **Needs:** lessons 08, 09 and 10.
#
# **Honesty:** your answers must be your own work. You may look up anything and talk about ideas with others; do not copy
# code or text, and name what helped you, programs too. Hidden checks ask for the same properties on other cases.
#
# *Run All* stops at the first open question: answer it and go on there.

# %% tags=["setup"]
import numpy as np

from lessons_lib.classroom.assignments.judging import hidden_check, public_check
from lessons_lib.scenes.step_signals import unit_steps

# %% [markdown]
# ## 1. What is known, and what is in doubt (5 points)
#
# A clean signal is one of the rows $x_k$ of `points` `(K, n)`; before anything is seen, row $k$ has the probability `chances[k]` (they
# sum to 1, and may be 0). `noisy` `(m, n)` holds $m$ signals, each one of the points plus white Gaussian noise of `sigma`. With
#
# $$p(k \mid y) \propto \text{chance}_k \exp\Big(-\frac{|y - x_k|^2}{2\sigma^2}\Big)$$
#
# return two arrays `(m, n)`: the posterior **mean**, and the **doubt**: the posterior standard deviation of each sample. It has to work for
# 1,500 samples, where every $\exp(\dots)$ is 0 in a computer, and where an impossible point lies nearest.

# %% tags=["answer"]
def mean_and_doubt(noisy, sigma, points, chances):
    """(posterior mean, posterior standard deviation of each sample), both (m, n)."""
    ### BEGIN SOLUTION
    points, chances = points[chances > 0], chances[chances > 0]
    distance = np.sum((noisy[:, None] - points) ** 2, axis=2)  # (m, K)
    nearest = distance.min(axis=1, keepdims=True)  # taken off, so that one weight is not 0
    weights = chances * np.exp(-(distance - nearest) / (2 * sigma**2))
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights @ points
    away = (points - mean[:, None]) ** 2  # (m, K, n)
    return mean, np.sqrt(np.einsum("mk,mkn->mn", weights, away))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps5", "mean_and_doubt", mean_and_doubt)

# %% tags=["hidden", "points=4"]
hidden_check("ps5", "mean_and_doubt", mean_and_doubt)

# %% tags=["demo"]
from lessons_lib.display.figures import Line, draw_lines, new_figure

steps, even = unit_steps(64), np.full(63, 1 / 63)
x = steps[31]
y = x + np.random.default_rng(27).standard_normal(64)
try:
    mean, doubt = (one[0] for one in mean_and_doubt(y[None], 1.0, steps, even))
    figure, axes = new_figure(width=8, height=3.2, alt="A step of contrast 1 in noise of 1. The posterior mean climbs in a ramp over some ten "
                              "samples, and the doubt is largest there, up to one half, and 0 elsewhere.")
    draw_lines(axes[0, 0], [Line("noisy", range(64), y, "points"), Line("mean", range(64), mean), Line("doubt", range(64), doubt)],
               x_label="sample", y_label="value", title="blurred where it is in doubt")
    print(f"root of the mean squared doubt, all samples: {np.sqrt(np.mean(doubt**2)):.3f}")
except NotImplementedError:
    figure = "Question 1 is open: answer it, and a figure stands here."
figure

# %% [markdown]
# ## 2. What a step of the sampler leaves out (5 points)
#
# At noise level $h$ (`here`) you hold $x$, shape `(n,)`. If $x_k$ is the clean signal, then the state at the lower level $t$ (`there`) is
#
# $$x' = x_k + \Big(\frac th\Big)^2 (x - x_k) + t\,\sqrt{1 - (t/h)^2}\; z ,$$
#
# with $z$ standard normal and independent. Lesson 08's ancestral step puts the mean $D(x, h)$ in the place of $x_k$. But $x_k$ is not known: given
# $x$, it is a *random* point with the posterior of question 1. Return the exact **mean** and **variance** of each sample of $x'$,
# given $x$; both `(n,)`.

# %% tags=["answer"]
def step_law(x, here, there, points, chances):
    """(mean, variance) of each sample of the state at the level there, given x at the level here."""
    ### BEGIN SOLUTION
    mean, doubt = (one[0] for one in mean_and_doubt(x[None], here, points, chances))
    kept = (there / here) ** 2
    fresh = there**2 * (1 - kept)
    # x' = (1 - kept) x_k + kept x + noise: the point is random, too.
    return mean + kept * (x - mean), (1 - kept) ** 2 * doubt**2 + fresh
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps5", "step_law", step_law)

# %% tags=["hidden", "points=4"]
hidden_check("ps5", "step_law", step_law)

# %% tags=["demo"]
from lessons_lib.scenes.step_signals import posterior_draw

try:
    expected, variance = step_law(y, 1.0, 0.4, steps, even)
    rng = np.random.default_rng(2)
    point = posterior_draw(np.tile(y, (4000, 1)), 1.0, steps, rng)
    made = point + 0.4**2 * (y - point) + 0.4 * np.sqrt(1 - 0.4**2) * rng.standard_normal(point.shape)
    figure, axes = new_figure(width=8, height=3.2, alt="Standard deviation of the state after one step from noise 1 to 0.4, against the sample. "
                              "4,000 exact steps and the law agree: a hump of more than one half where the edge may be. With the guess for the truth it is level at 0.37.")
    draw_lines(axes[0, 0], [Line("4,000 exact steps", range(64), made.std(axis=0), "points"), Line("your law", range(64), np.sqrt(variance)),
                            Line("the guess taken for the truth", [0, 63], [0.4 * np.sqrt(1 - 0.4**2)] * 2)],
               x_label="sample", y_label="standard deviation of x'", title="one step from σ = 1 to 0.4")
    print(f"largest gap between law and measurement: {np.abs(made.std(axis=0) - np.sqrt(variance)).max():.3f}")
except NotImplementedError:
    figure = "Question 2 is open: answer it, and a figure stands here."
figure

# %% [markdown]
# What is missing in the level line is missing from each draw, in each step: this is why draws of few steps vary too little (lesson 08).
#
# ## 3. What each answer costs (4 points)
#
# `points` `(K, n)` and `chances` `(K,)` now are what is known *after* seeing the noisy signal. The truth is one of the points, with these
# chances. Return four expected squared errors, each the **mean over the samples**:
#
# - of the **best** answer,
# - of one independent **draw** with these chances,
# - of the **mean of** `count` such draws,
# - of the **most probable** point.

# %% tags=["answer"]
def expected_errors(points, chances, count):
    """Expected squared errors: (best answer, a draw, mean of count draws, most probable point)."""
    ### BEGIN SOLUTION
    mean = chances @ points
    least = chances @ np.mean((points - mean) ** 2, axis=1)
    likely = points[np.argmax(chances)]
    # Truth and draw lie independently around one mean: their variances add up.
    return least, 2 * least, (1 + 1 / count) * least, least + np.mean((likely - mean) ** 2)
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps5", "expected_errors", expected_errors)

# %% tags=["hidden", "points=3"]
hidden_check("ps5", "expected_errors", expected_errors)

# %% tags=["demo"]
from lessons_lib.scenes.step_signals import posterior

try:
    known = posterior(y, 1.0, steps)
    for count in (1, 4, 16):
        best, one, several, likely = expected_errors(steps, known, count)
        print(f"best {best:.4f}; a draw {one / best:.2f} x, mean of {count:2} draws {several / best:.2f} x, most probable {likely / best:.2f} x")
except NotImplementedError:
    print("Question 3 is open: answer it, and the prices stand here.")

# %% [markdown]
# ## 4. Alike, though no pixel agrees (4 points)
#
# `one` and `other` are pictures of the same shape. Lay each of the `filters` `(K, a, b)` on wherever it fits *inside* (as they are, not
# flipped): it sees values $u$ in `one`, $v$ in `other`, equally many. Sort both. The **sliced distance** is the mean over the filters of
#
# $$\frac{\frac1N\sum_i (u_{(i)} - v_{(i)})^2}{\frac1N\sum_i v_i^2} .$$

# %% tags=["answer"]
def sliced_distance(one, other, filters):
    """Relative squared Wasserstein distance of what the filters see, mean over the filters."""
    ### BEGIN SOLUTION
    seen = []
    for image in (one, other):
        windows = np.lib.stride_tricks.sliding_window_view(image, filters.shape[1:])
        values = np.tensordot(filters, windows, axes=([1, 2], [2, 3]))  # (K, H', W')
        seen.append(np.sort(values.reshape(len(filters), -1), axis=1))
    gaps = np.mean((seen[0] - seen[1]) ** 2, axis=1)
    return np.mean(gaps / np.mean(seen[1] ** 2, axis=1))
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps5", "sliced_distance", sliced_distance)

# %% tags=["hidden", "points=3"]
hidden_check("ps5", "sliced_distance", sliced_distance)

# %% [markdown]
# Now a photo: a lawn in noise of 0.2, once denoised in one step (the mean), and drawn 16 times with the network of lesson 08. (Some ten seconds.)

# %% tags=["demo"]
from lessons_lib.classroom.assignments.ps5_shown import LAWN_NOISE, noisy_lawn, simulated_class
from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.display.figures import image_row

lawn, noisy, filters = noisy_lawn()
*_, (_, draws) = PosteriorDraw().draws(noisy, LAWN_NOISE, 16)
shown = {"one step": PosteriorDraw(drawn=0.0)(noisy, LAWN_NOISE), "a draw": draws[0], "mean of 4": draws[:4].mean(axis=0), "mean of 16": draws.mean(axis=0)}
try:
    for name, one in shown.items():
        print(f"{name:11} mean squared error {np.mean((one - lawn) ** 2):.4f}, sliced distance {sliced_distance(one, lawn, filters):.3f}")
except NotImplementedError:
    print("Question 4 is open: answer it, and these pictures are compared with the lawn.")
image_row({"lawn": lawn, "noisy": noisy, **shown}, alt="A lawn; in noise; the one-step estimate, soft; a draw, with crisp blades "
          "of its own; the mean of 4 draws, softer; the mean of 16, as soft as the one-step estimate.")

# %% [markdown]
# ## 5. What a class prefers (5 points)
#
# `table` `(raters, pairs)` holds 1 where a rater preferred the draw, 0 where the mean, and NaN where there is no answer. Return three numbers:
# the **share** of 1 among all given answers, and the **lower** and **upper** end of its 95 % interval. The interval must hold
# for *another class with other pairs*: draw raters and pairs with replacement (an answer counts as often as its rater times as often as
# its pair was drawn), take the share, repeat at least 2,000 times, and take the middle 95 %. All randomness comes from `np.random.default_rng(seed)`.

# %% tags=["answer"]
def preference(table, seed):
    """(share, lower end, upper end) of a preference, over raters and pairs."""
    ### BEGIN SOLUTION
    rng, given = np.random.default_rng(seed), np.isfinite(table)
    filled, shares = np.where(given, table, 0), []
    for _ in range(2000):
        raters, pairs = (rng.multinomial(size, np.full(size, 1 / size)) for size in table.shape)
        shares.append(raters @ filled @ pairs / (raters @ given @ pairs))
    low, high = np.quantile(shares, (0.025, 0.975))
    return table[given].mean(), low, high
    ### END SOLUTION

# %% tags=["public", "points=1"]
public_check("ps5", "preference", preference)

# %% tags=["hidden", "points=4"]
hidden_check("ps5", "preference", preference)

# %% [markdown]
# A **simulated** class of 12 raters and 20 pairs, with assumed habits: in block 1 ('which is better?') most go by sharpness; before block 2
# they were shown with pictures that *invented detail is an error*, and follow that most of the way.

# %% tags=["demo"]
try:
    rng = np.random.default_rng(10)
    for block, lean in (("block 1, which is better?  ", 0.66), ("block 2, invention is wrong", 0.36)):
        table = simulated_class(lean, rng)
        share, low, high = preference(table, 1)
        half = 1.96 * np.sqrt(share * (1 - share) / table.size)
        print(f"{block}: the draw wins in {share:.0%}, interval {low:.0%} to {high:.0%} (all answers thrown together: "
              f"{share - half:.0%} to {share + half:.0%})")
except NotImplementedError:
    print("Question 5 is open: answer it, and a simulated class is asked.")

# %% [markdown]
# ## 6. Which cause blurred this edge, and who says so? (7 points)
#
# A friend has drawn a dim photo 16 times, likes the crispness of each draw, averages all sixteen 'to be safe', and finds the blur back.
# Explain it to the friend: **which of the five causes** was at work in one step, in a single draw, and in the mean of sixteen? **Defend it
# with measurements** from questions 3 and 4 (errors as multiples of the least, and distances). Then: may the friend say that the draw is *better*?
# Use both intervals of question 5, and say what each block counts as an error. (150 to 250 words.)

# %% [markdown] tags=["written", "points=7"]
# *Your answer:*
#
# === BEGIN MARK SCHEME ===
# One step answers with the posterior mean: **hedging**. The edge may be at several places, and their mean is soft. A draw picks one of them:
# no blur, but **inventing**, for its edge stands where dice put it; another draw has it elsewhere. The mean of sixteen draws is near the posterior
# mean again, so it is hedging once more.
#
# The numbers: a draw costs 2.00 times the least squared error, the mean of 16 draws 1.06 times, that of 4 draws 1.25 times. On the lawn the squared error falls
# from a draw to the mean of 16, close to that of one step, and the sliced distance goes the opposite way: it is least for the single draw and rises
# with the number averaged, to about that of one step. Detail that differs between draws cannot be true in all of them, and averaging removes it.
#
# *Better* needs a criterion. In block 1 softness counts as an error: the draw wins, and its interval lies above one half. In block 2
# invented detail is an error, and the interval lies below one half, with the same pictures. So the friend may say 'preferred by people who go by
# sharpness', not 'nearer to what was there'. (The class is simulated; its habits were assumed.)
#
# **Rubric**
#
# - 1 point: hedging for one step, with the reason.
# - 1 point: inventing for a single draw (crisp, but not known to be true).
# - 1 point: hedging again for the mean of sixteen, because the mean of draws tends to the posterior mean.
# - 1 point: 2 and 1 + 1/16 (or the measured 2.00 and 1.06) times the least error.
# - 1 point: the sliced distance moves against the squared error, with the student's numbers.
# - 1 point: both intervals, and that each excludes one half.
# - 1 point: what each block counts as an error; no 'better' without a criterion.
#
# A pooled interval in the place of the two-way one: the last but one point is lost.
# === END MARK SCHEME ===
