# %% [markdown]
# # 10 Who says it is better? Judging, labels and agreement
#
# **The question:** PSNR prefers one picture, you prefer the other. Who is right, and how would a class find
# out without fooling itself?
#
# | Input | Model | Output | What was lost? |
# |---|---|---|---|
# | pairs of estimates of one noisy photo; objects to outline | people, each with a *criterion* of what counts as an error | a share with an interval; an outline | the criterion itself: an answer does not say what it went by |
#
# **You will**
#
# 1. plan how many raters a class needs, and learn when more of them are no help (exercise 1),
# 2. put an honest interval on a change between two blocks (exercise 2),
# 3. measure agreement beyond chance for many raters (exercise 3),
# 4. find where better instructions stop being better than checking (exercise 4),
# 5. judge your own answers (exercise 5).
#
# **Time:** 110 minutes, 5 of them as a rater; a good place for a pause is before Part 3. **Needs:** lesson 02
# (PSNR, blur), lesson 08 (draws that invent), a little probability.

# %% [markdown]
# ## Predict
#
# Double-click this cell and write your answers before you run anything below.
#
# 1. Twelve raters judge the same 20 pairs: 240 answers. Somebody throws them all together and computes a
#    95 % interval. How often does it hold the truth? *My answer:*
# 2. Three annotators draw nearly the same outline. How sure may you be that it is right? *My answer:*
# 3. A picture is denoised before people outline the objects in it. Do the outlines grow, shrink or stay?
#    *My answer:*

# %%
import tempfile
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, prewitt
from scipy.special import ndtr
from scipy.stats import binom, spearmanr

from lessons_lib.classroom import lesson_10 as check
from lessons_lib.classroom.agreement import class_report, merge
from lessons_lib.classroom.agreement_annotators import STRATEGIES, Campaign, run_campaign
from lessons_lib.classroom.agreement_bench import campaign_bench
from lessons_lib.classroom.agreement_outline_bench import outline_bench
from lessons_lib.classroom.agreement_outlines import (
    EYE,
    SCENE,
    SIGMA,
    Annotator,
    Disc,
    annotate,
    contour_radius,
    draw_scene,
    overlap,
    true_masks,
)
from lessons_lib.classroom.agreement_raters import (
    Habits,
    simulate_rater,
    standardised,
    write_answers,
)
from lessons_lib.classroom.agreement_scores import bradley_terry
from lessons_lib.classroom.agreement_statistics import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percentile_interval,
    two_way_bootstrap,
    wilson_interval,
)
from lessons_lib.classroom.agreement_tables import choice_table, counted, win_counts
from lessons_lib.classroom.study import NAME, Study
from lessons_lib.classroom.study_answers import read_answers
from lessons_lib.classroom.study_stimuli import course_methods, make_stimuli
from lessons_lib.denoisers import BM3D, Bilateral, Gaussian
from lessons_lib.diagnosis.fidelity import psnr, ssim
from lessons_lib.diagnosis.scoreboard import Scoreboard, score
from lessons_lib.diagnosis.texture import texture_kept
from lessons_lib.display.figures import (
    COLOURS,
    Line,
    draw_image,
    draw_lines,
    image_row,
    new_figure,
)
from lessons_lib.scenes.pictures import picture

# %% [markdown]
# # Part 1: one rater, one share
#
# You have compared two methods $n$ times and chose the first one $k$ times. The share is $k/n$. But what is
# the share $p$ *behind* it, that endless answers would show? Keep every $p$ that the count does not contradict:
#
# $$\Big|\frac kn - p\Big| \le z\,\sqrt{\frac{p\,(1-p)}{n}}, \qquad z = 1.96 \text{ for } 95\,\%.$$
#
# Square it, and it is a quadratic inequality for $p$. Its two roots are **Wilson's interval**. The textbook's
# $\frac kn \pm z\sqrt{\frac kn (1-\frac kn)/n}$ puts $k/n$ under the root instead, which is wrong where it matters: for
# $k = 0$ it claims to know all.

# %%
def not_contradicted(k, n, z=1.959964):
    """Roots of (k/n - p)² = z² p (1 - p) / n."""
    return np.sort(np.roots([1 + z**2 / n, -2 * k / n - z**2 / n, (k / n) ** 2]))


for k, n in ((0, 20), (7, 20), (81, 263)):
    by_hand = not_contradicted(k, n)
    np.testing.assert_allclose(by_hand, wilson_interval(k, n), atol=1e-7)  # as z is given
    print(f"{k} of {n}: {by_hand[0]:.4f} to {by_hand[1]:.4f}")
# Newcombe (1998) prints .2553 to .3662 for 81 of 263, and 0 to .1611 for 0 of 20.
np.testing.assert_allclose(wilson_interval(81, 263), (0.2553, 0.3662), atol=5e-5)

# %% [markdown]
# How often does an interval hold $p$? No dice are needed: add the probabilities of all counts $k$ whose
# interval does.

# %%
def coverage(p, n, interval):
    """Exact probability that the interval of a binomial count holds p."""
    held = [low <= p <= high for low, high in (interval(k, n) for k in range(n + 1))]
    return binom.pmf(np.arange(n + 1), n, p) @ np.array(held, dtype=float)


def textbook(k, n):
    half = 1.96 * np.sqrt(k / n * (1 - k / n) / n)
    return k / n - half, k / n + half


shares = np.linspace(0.02, 0.98, 97)
held = {f.__name__: np.array([coverage(p, 20, f) for p in shares]) for f in (textbook, wilson_interval)}
print({name: f"mean {rate.mean():.1%}, least {rate.min():.1%}" for name, rate in held.items()})
assert held["wilson_interval"].mean() > 0.94 and held["textbook"].min() < 0.4

# %%
figure, axes = new_figure(width=8, height=3.4, alt="Share of intervals that hold the truth, for 20 answers, "
    "against the true share. The textbook interval falls to 33 per cent near 0 and 1; Wilson's stays near 95.")
draw_lines(axes[0, 0], [Line("textbook", shares, held["textbook"]),
                        Line("Wilson", shares, held["wilson_interval"]),
                        Line("what was promised", [0, 1], [0.95, 0.95])],
           x_label="true share p", y_label="holds the truth", title="20 answers of one rater")
figure

# %% [markdown]
# # Part 2: a class is not one big rater
#
# Wilson's interval is for *independent* answers. Now $R$ raters judge the same $P$ pairs. Some raters like
# sharp pictures in every pair; some pairs are easy for every rater. Say the chance that rater $i$ prefers
# method A in pair $j$ is $\mu + a_i + b_j$, where all $a_i$ and $b_j$ are drawn independently, with mean 0 and the variances
# $v_a$ and $v_b$. Call $v_e$ the variance that is left, that of a single yes or no around its chance. Then the mean of all $RP$ answers has the variance
#
# $$\frac{v_a}{R} + \frac{v_b}{P} + \frac{v_e}{R\,P} .$$
#
# Who pools claims $\mu(1-\mu)/(RP)$ instead: as if everything fell with $RP$. The ratio of the two is the
# **design effect** $F$, and a pooled 95 % interval holds the truth only with the chance $2\,\Phi(1.96/\sqrt F) - 1$.

# %%
R, P, half = 12, 20, 0.22  # raters, pairs; a_i and b_j are uniform within ± half
v_a = v_b = half**2 / 3
v_e = 0.25 - v_a - v_b  # a yes or no with mean 1/2 has the variance 1/4 in all
true_variance = v_a / R + v_b / P + v_e / (R * P)
F = true_variance / (0.25 / (R * P))
law = 2 * ndtr(1.96 / np.sqrt(F)) - 1
print(f"design effect {F:.2f}: a pooled interval should hold the truth in {law:.0%}")


def simulated_class(rng):
    """(R, P): 1 where a rater prefers A. The truth is 1/2."""
    chance = 0.5 + rng.uniform(-half, half, (R, 1)) + rng.uniform(-half, half, (1, P))
    return (rng.random((R, P)) < chance).astype(float)


# %% [markdown]
# **The way out:** do to the class what chance did. Draw $R$ raters from the class, with replacement, and $P$
# pairs from the list; an answer counts as often as its rater *times* as often as its pair was drawn. Take the
# mean; repeat; the middle 95 % of the means is the interval (Owen's *pigeonhole bootstrap*).

# %%
def drawn_again(x, rng):
    """One bootstrap mean over raters and pairs."""
    raters = np.bincount(rng.integers(len(x), size=len(x)), minlength=len(x))
    pairs = np.bincount(rng.integers(x.shape[1], size=x.shape[1]), minlength=x.shape[1])
    return raters @ x @ pairs / x.size


rng = np.random.default_rng(0)
x = simulated_class(rng)
by_hand = np.array([drawn_again(x, rng) for _ in range(4000)])
library = two_way_bootstrap(x, rng, 4000)
print(f"by hand {by_hand.mean():.3f} ± {by_hand.std():.4f}, library {library.mean():.3f} ± {library.std():.4f}")
# 4,000 draws know a standard deviation to 1.1 %; the two differ by up to four times 1.6 %.
assert abs(by_hand.std() / library.std() - 1) < 0.065 and abs(by_hand.mean() - x.mean()) < 0.01

# %%
classes = [simulated_class(rng) for _ in range(400)]
intervals = {"pooled Wilson": [wilson_interval(int(one.sum()), one.size) for one in classes],
             "raters and pairs": [percentile_interval(two_way_bootstrap(one, rng, 400)) for one in classes]}
holds = {name: np.mean([low <= 0.5 <= high for low, high in found]) for name, found in intervals.items()}
print({name: f"{rate:.1%}" for name, rate in holds.items()}, f"(law for pooled: {law:.1%})")
# 400 classes know a share near 3/4 to 2.2 %; three of those. The bootstrap is a little too wide.
assert abs(holds["pooled Wilson"] - law) < 0.066 and 0.92 < holds["raters and pairs"] <= 1

# %%
figure, axes = new_figure(2, width=11, height=3.6, alt="Eighty simulated classes, each with its interval for "
    "the preference. Left, pooled: many bars miss the true one half. Right, raters and pairs drawn anew: bars "
    "twice as long, and hardly one misses.")
for panel, (name, found) in zip(axes[0], intervals.items(), strict=True):
    for k, (low, high) in enumerate(found[:80]):
        hit = low <= 0.5 <= high
        panel.plot([k, k], [low, high], color=COLOURS[0] if hit else COLOURS[1], lw=1.5 if hit else 3)
    panel.axhline(0.5, color="0.3")
    panel.set_ylim(0.25, 0.75)
    panel.set_title(f"{name}: {holds[name]:.0%} hold the truth (thick: missed)", fontsize=10)
    panel.set_xlabel("class")
    panel.set_ylabel("preference for A")
figure

# %% [markdown]
# 240 answers, and with these assumed habits the pooled interval is wrong once in four (Predict 1). With a thousand more
# raters it would get *worse*: $v_b/P$ stays, while the claim shrinks. The bootstrap holds the truth in some 98 %, not 95 %:
# it counts $v_e/(RP)$ about three times, so its intervals are about a fifth too wide. We take too wide before too narrow.
#
# # Part 3: the study
#
# ## See: what is judged
#
# Eight crops in noise of 25/255, five methods. Every two methods meet on two crops.

# %%
stimuli = make_stimuli()
methods = list(course_methods())
shown = {"clean (never shown)": stimuli.clean["gravel"], "noisy": stimuli.noisy["gravel"]}
for method in methods:
    estimate = stimuli.estimates["gravel", method]
    shown[f"{method}: {psnr(stimuli.clean['gravel'], estimate):.1f} dB"] = estimate
image_row(shown, alt="A crop of gravel: clean, noisy, and five estimates. Gaussian and bilateral are soft and "
          "grainy, BM3D and network smooth, the posterior draw has details of its own.")

# %%
favourites = {}
for name in stimuli.clean:
    scores = {m: psnr(stimuli.clean[name], stimuli.estimates[name, m]) for m in methods}
    texture = {m: abs(1 - texture_kept(stimuli.clean[name], stimuli.estimates[name, m])) for m in methods}
    favourites[name] = max(scores, key=scores.get), min(texture, key=texture.get)
    print(f"{name:11} PSNR's favourite: {favourites[name][0]:9} texture kept nearest to 1: {favourites[name][1]}")
same = np.mean([best == textured for best, textured in favourites.values()])
print(f"both measures name the same method in {same:.0%} of the crops")
assert same < 1 and all(best != "Gaussian" for best, _ in favourites.values())

# %% [markdown]
# In some crops two measures name two winners. Whom to believe? Ask people.
#
# ## How not to fool yourself
#
# - **Random sides**: over both blocks, each method stands at the left in half of its pairs. Who always presses F gets 50 %.
# - **Repeats**: four pairs in each block come again, sides swapped. You are compared with yourself.
# - **Catch trials**: clean against blurred, of crops that are in no pair. Who misses several was hardly looking.
# - **Two blocks**: first 'which is better?', then with *pictures* that show what counts as an error.
# - **Consent**: a made-up name, no grade; stop at any time.
#
# Every choice is on the disk before the next pair comes. If the machine stops, run the cell again.
#
# **Your turn:** 52 pairs, F for left, J for right. Take a made-up name for `RATER`.

# %%
RATER = "r-1"  # change this: a made-up name that nobody else takes, such as two words and a number
Study(RATER, stimuli)

# %% [markdown]
# To withdraw, run the cell again and press *Withdraw* twice. If you have handed in a copy, tell the instructor your
# made-up name (`merge(files, withdrawn=("r-7",))`).
#
# ## A class's files become a report
#
# Each rater draws a slip with a made-up name, so that no two are the same. The instructor puts the files that were
# handed in into `my_results/class`. (The report names raters: do not project it.) As long as there are none, twelve
# **simulated** raters stand in. Their habits are *assumed*: in block 1 each goes by sharpness, with a weight
# of their own, and a little by truth; in block 2 they follow the instructions most of the way. They say how a
# report behaves, nothing about people.
#
# One of them always prefers the left, one stopped after seven pairs, and one file was damaged.

# %%
def sharp(estimate):
    steps = np.hypot(*np.gradient(gaussian_filter(estimate, 0.7)))
    return np.log(np.quantile(steps, 0.9))  # the steepest tenth begins here


quality = standardised(stimuli, sharp, lambda clean, estimate: psnr(clean, estimate))
folder, rng = Path(tempfile.mkdtemp()), np.random.default_rng(10)
for k in range(12):
    habits = Habits(sharpness=rng.normal(1.0, 0.8), truth=0.4, left=6.0 if k == 4 else 0.0)
    answers = simulate_rater(f"s-{k + 1:02}", stimuli, quality, habits, rng)
    write_answers(folder, answers[:7] if k == 7 else answers)
damaged = sorted(folder.glob("*_s-10.csv"))[0]
content = damaged.read_bytes()
_ = damaged.write_bytes(content[:900] + b"\xff\x00" + content[902:-30])  # two bad bytes, and cut short

# %%
files = sorted(Path("my_results/class").glob("*.csv")) or sorted(folder.glob("*.csv"))
LEFT_OUT = ("s-05",)  # by a rule that was fixed before: 37 of 40 or more at one side
merged = merge(files)
report = class_report(merged, leave_out=LEFT_OUT)
print(f"{len(files)} files, {len(merged.answers)} good answers")
print(report)
if len(report.blocks) < 2 or report.alpha_change is None:
    print("Both blocks of two raters or more are needed; the simulated class stands in.")
    files = sorted(folder.glob("*.csv"))
    merged = merge(files)
    report = class_report(merged, leave_out=LEFT_OUT)

# %% [markdown]
# Read it from the bottom. *Set aside*: two lines were damaged; each line carries a check sum, so the others are
# safe. *Class*: intervals over raters and pairs. *Raters*: one-sided and short files are named, not hidden.

# %%
if files[0].parent == folder:
    lines = {one.rater: one for one in report.raters}
    assert lines["s-05"].one_sided and not lines["s-08"].preferences and len(merged.notes) == 2
    assert len(merged.answers) == 11 * 52 + 7 - 2  # nothing else is lost

# %%
figure, axes = new_figure(2, width=11, height=3.6, alt="Bradley-Terry scores of five methods with intervals, "
    "block 1 at the left, block 2 at the right. With instructions the order changes and the scores lie "
    "farther apart.")
for panel, block in zip(axes[0], report.blocks, strict=False):
    for k, method in enumerate(methods):
        value, (low, high) = block.scores[method]
        panel.plot([low, high], [k, k], color=COLOURS[0], lw=3)
        panel.plot(value, k, "o", color=COLOURS[1])
    panel.set_yticks(range(len(methods)), methods)
    panel.set_title(f"block {block.block}: alpha {block.alpha:.2f}", fontsize=10)
    panel.set_xlim(-4.5, 4.5)
    panel.set_xlabel("Bradley-Terry score [log odds]")
figure

# %% [markdown]
# ## From 'who beat whom' to one scale
#
# A share depends on whom a method met. Here every two meet on two crops, so the shares are nearly comparable; with gaps,
# or in a larger study, they are not. **Bradley and Terry** give each method a
# strength $w_i$ and let $i$ beat $j$ with the chance $w_i/(w_i + w_j)$. The likelihood is largest where each
# method won as often as expected, which one can iterate:
#
# $$w_i \leftarrow \frac{\text{games won by } i}{\sum_j \frac{\text{games of } i \text{ and } j}{w_i + w_j}} .$$
#
# Who won every game would get $w = \infty$. So each method also plays one game against a stranger of strength 1,
# and wins half of it: a *weak prior*.

# %%
tests = [one for one in counted(merged.answers, 1) if one.rater not in LEFT_OUT]
table, raters, pairs = choice_table(tests)
names = sorted(methods)
wins = win_counts(table, pairs, names)
w, games = np.ones(len(names)), wins + wins.T
for _ in range(20_000):  # the weak prior fixes the scale of a large class only slowly
    w = (wins.sum(axis=1) + 0.5) / ((games / (w[:, None] + w)).sum(axis=1) + 1 / (w + 1))
by_hand = np.log(w) - np.log(w).mean()
np.testing.assert_allclose(by_hand, bradley_terry(wins), atol=1e-6)
print({name: f"{value:+.2f}" for name, value in zip(names, by_hand, strict=True)})
expected = (games * w[:, None] / (w[:, None] + w)).sum(axis=1) + w / (w + 1)
np.testing.assert_allclose(expected, wins.sum(axis=1) + 0.5, atol=1e-6)  # won as often as expected

# %% [markdown]
# ## Agreement beyond chance
#
# Two raters chose the same in 90 % of all pairs. Much? If both prefer A in 95 % of the cases, *chance alone* gives
# $0.95^2 + 0.05^2$ = 90.5 %. **Cohen's kappa** takes chance off, with $o$ the observed agreement and
# $e$ that of two lists shuffled at random:
#
# $$\kappa = \frac{o - e}{1 - e} .$$
#
# Fleiss' kappa does so for many raters. Krippendorff's $\alpha = 1 - D_o/D_e$, with $D$ the observed and the expected
# *dis*agreement, can also take gaps.

# %%
def kappa(a, b):
    o = np.mean(a == b)
    e = sum(np.mean(a == label) * np.mean(b == label) for label in np.unique([a, b]))
    return (o - e) / (1 - e)


a, b = np.repeat([1, 1, 0, 0], [20, 5, 10, 15]), np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
assert abs(kappa(a, b) - 0.4) < 1e-12 and abs(cohen_kappa(a, b) - 0.4) < 1e-12  # 35 of 50, chance 1/2
same, rare = np.repeat([1, 0], [95, 5]), np.repeat([1, 0, 1], [90, 5, 5])
print(f"agreement {np.mean(same == rare):.0%}, kappa {kappa(same, rare):.2f}")
complete = table[np.isfinite(table).all(axis=1)]
counts = np.stack([complete.sum(axis=0), (1 - complete).sum(axis=0)], axis=1)
if len(complete) >= 2:
    fleiss, alpha = fleiss_kappa(counts), krippendorff_alpha(complete)
    print(f"block 1, {len(complete)} raters without gaps: Fleiss {fleiss:.3f}, alpha {alpha:.3f} (the report: with gaps)")
    assert abs(alpha - fleiss - (1 - fleiss) / complete.size) < 1e-9  # alpha's chance is that of N - 1 labels
assert kappa(same, rare) < 0

# %% [markdown]
# 90 % agreement, and less than chance. (Which method of a pair is called 'first' is arbitrary, and changes $\kappa$ a little.) Did the raters become more alike? The report says by how much $\alpha$ rose,
# with an interval over pairs, for these raters only. It does not say why: everybody saw block 2 second, so practice is in
# it. To separate them, half of a class would repeat block 2 *without* instructions.
#
# ## Does a metric predict the choices?
#
# For each pair: by how much does a metric prefer the first method, and which share of the class did? Rank both
# and correlate (each pair entered both ways, so that it does not matter which one is 'first'). *Gradient-magnitude similarity* compares edge strengths $g$ pixel by pixel, $\frac{2 g g' + c}{g^2 + g'^2 + c}$;
# its spread over the picture is the score (Xue and others; here without their halving of the picture).

# %%
def gradient_deviation(clean, estimate, c=170 / 255**2):
    g, h = (np.hypot(prewitt(one, 0), prewitt(one, 1)) / 3 for one in (clean, estimate))
    return ((2 * g * h + c) / (g**2 + h**2 + c)).std()


metrics = {"PSNR": psnr, "SSIM": ssim, "gradients": lambda c, e: -gradient_deviation(c, e),
           "texture kept": lambda c, e: -abs(1 - texture_kept(c, e))}
ahead = {name: np.array([metric(stimuli.clean[p], stimuli.estimates[p, i])
                         - metric(stimuli.clean[p], stimuli.estimates[p, j]) for p, i, j in pairs])
         for name, metric in metrics.items()}
tables = [choice_table([one for one in counted(merged.answers, block) if one.rater not in LEFT_OUT], pairs)[0]
          for block in (1, 2)]

# %%
def both_ways(lead, share):
    """Spearman's correlation with each pair entered both ways: no matter which method is 'first'."""
    return spearmanr(np.r_[lead, -lead], np.r_[share, 1 - share]).statistic


# %%
def rank_correlation(metric, x, rng, draws=300):
    """Spearman's correlation with the class's shares, and its interval over raters and pairs."""
    found = []
    for _ in range(draws):
        who, what = (rng.integers(size, size=size) for size in x.shape)
        given = x[who][:, what]
        seen = np.isfinite(given).any(axis=0)
        found.append(both_ways(metric[what][seen], np.nanmean(given[:, seen], axis=0)))
    return both_ways(metric, np.nanmean(x, axis=0)), percentile_interval(np.array(found))


correlations = {(name, block): rank_correlation(ahead[name], tables[block - 1], np.random.default_rng(block))
                for name in metrics for block in (1, 2)}
for (name, block), (value, (low, high)) in correlations.items():
    print(f"{name:13} block {block}: {value:+.2f} [{low:+.2f}, {high:+.2f}]")
if files[0].parent == folder:
    assert all(high - low > 0.2 for _, (low, high) in correlations.values())  # 20 pairs say little

# %%
figure, axes = new_figure(2, width=10, height=3.5, alt="Share that chose the first method against its lead in "
    "PSNR, in dB. Block 1: a loose cloud. Block 2: the share rises with the lead.")
for panel, block in zip(axes[0], (1, 2), strict=True):
    share = np.nanmean(tables[block - 1], axis=0)
    draw_lines(panel, [Line("", ahead["PSNR"], share, "points")], x_label="lead of the first in PSNR [dB]",
               y_label="share that chose it", title=f"block {block}: rank correlation "
               f"{correlations['PSNR', block][0]:+.2f}")
    panel.set_ylim(-0.05, 1.05)
if files[0].parent == folder:
    assert correlations["PSNR", 2][0] > correlations["PSNR", 1][0] + 0.2
figure

# %% [markdown]
# The same pictures, and nearly the same raters (one had stopped); the *question* changed, and with it the order. In
# block 2 PSNR looks like a good metric, in block 1 it does not. (Here that was put in; with real raters it is a finding.)
#
# # Part 4: labels
#
# ## Blur moves the edge that people draw
#
# Somebody outlines a disc of radius $r$ where the picture passes a level $q$ of the way from ground to disc. Blur
# it with a Gaussian of width $s$. A *straight* edge passes $q$ at $s\,\Phi^{-1}(1-q)$ outside. On a *curved* one (a
# bright disc), more ground than disc lies around, and the contour moves in by $s^2/2r$ (the first term in $s/r$ of the heat equation at
# a curve):
#
# $$r_q \approx r + s\,\Phi^{-1}(1-q) - \frac{s^2}{2r} .$$

# %%
spots, found = [(12, 1.5), (12, 2), (12, 3), (8, 1.5), (8, 2)], []
for radius, s in spots:
    one = Disc(40, 40, radius, 0.5)
    seen = gaussian_filter(draw_scene([one], size=81), np.sqrt(s**2 - EYE**2))  # the eye adds 1 px
    for q in (0.3, 0.5, 0.7):
        measured = Annotator(level=q, hand=0).outline(seen, one).mean()
        law = contour_radius(radius, np.sqrt(s**2 + 1 / 12), q)  # a pixel's area adds 1/12
        found.append((radius, s, q, measured, law))
        assert abs(measured - law) < 0.12
for radius, s, q, measured, law in found[3:6]:
    print(f"r {radius}, s {s}, level {q}: drawn at {measured:.2f} px, law {law:.2f}")
spread = {s: [f[3] for f in found if f[:2] == (12, s)] for s in (1.5, 2, 3)}
assert np.ptp(spread[3]) > 1.8 * np.ptp(spread[1.5])

# %% [markdown]
# Two things follow. Who goes by the middle draws blurred *round* objects **too small**. And the
# choice of $q$, which nobody told the annotators, moves the border by $s$ times a constant: *the more blur, the more the
# criterion matters*.
#
# Now six discs in noise, outlined by four simulated annotators with levels from 0.3 to 0.7 (assumed), in the noisy picture and in
# denoised ones. *Overlap* is Dice's: $2|A \cap B| / (|A| + |B|)$.

# %%
clean_scene, truth = draw_scene(), true_masks()
noisy_scene = clean_scene + SIGMA * np.random.default_rng(0).standard_normal(clean_scene.shape)
versions = {"noisy": noisy_scene, "Gaussian 2": Gaussian(2.0)(noisy_scene, SIGMA),
            "bilateral": Bilateral()(noisy_scene, SIGMA), "BM3D": BM3D()(noisy_scene, SIGMA)}
faint = int(np.argmin([disc.contrast for disc in SCENE]))
results, clear = {}, [k for k in range(len(truth)) if k != faint]  # overlaps are of the clear discs
for name, seen in versions.items():
    drawn = [annotate(seen, Annotator(level, 0.4, k)) for k, level in enumerate((0.3, 0.5, 0.5, 0.7))]
    missed = np.mean([mask is None for masks in drawn for mask in masks])
    found_by_all = [k for k in clear if all(masks[k] is not None for masks in drawn)]
    true = np.mean([overlap(masks[k], truth[k]) for masks in drawn for k in found_by_all])
    alike = np.mean([overlap(drawn[i][k], drawn[j][k]) for i in range(4) for j in range(i) for k in found_by_all])
    small, results[name] = [drawn[k][2].sum() / truth[2].sum() for k in (0, 1, 3)], (missed, true, alike)
    print(f"{name:11} missed {missed:4.0%}; overlap: truth {true:.3f}, each other {alike:.3f}; small disc's area x "
          + ", ".join(f"{area:.2f}" for area in small) + " at levels 0.3, 0.5, 0.7")

# %%
figure, axes = new_figure(4, width=12, height=3.4, alt="Six discs, noisy and denoised three ways, with outlines "
    "of two annotators, level 0.3 (orange) and level 0.7 (blue). The faintest disc has no outline in the noisy picture; after the "
    "Gaussian the two outlines lie farthest apart.")
for panel, (name, seen) in zip(axes[0], versions.items(), strict=True):
    draw_image(panel, seen, name, 0.1, 0.9)
    for level, colour in ((0.3, COLOURS[4]), (0.7, COLOURS[5])):
        for mask in annotate(seen, Annotator(level, 0.4, 1)):
            if mask is not None:
                panel.contour(mask, [0.5], colors=[colour], linewidths=1)
assert results["noisy"][0] > 0 == results["BM3D"][0]  # denoising shows the faint disc
assert results["Gaussian 2"][2] < results["noisy"][2] - 0.02  # and it moves the borders
assert results["noisy"][1] > max(results[name][1] for name in results if name != "noisy")
figure

# %% [markdown]
# Denoising **changes labels** (Predict 3). It shows the faint disc, and the outlines of the others get *worse*. On the
# Gaussian's picture, who draws at the low level draws larger, who draws at the high level much smaller. The faint disc was
# missed in this noise: our annotators look through 1 px of blur (assumed), and it is at their limit. Other noise shows it to
# them, and perhaps you see it here. A training set that was outlined on denoised pictures carries the denoiser's borders.
#
# **Your turn.** Choose *noisy*, outline what you see, compare; then *Gaussian 2* and *BM3D*. Click in the left
# picture: the spoke that points there ends there.
#
# 1. Do you find more discs in *BM3D*? Are all of them there?
# 2. Is your overlap with yourself higher than with the truth?

# %%
outline_bench()

# %% [markdown]
# ## Check the work, or explain it better?
#
# *Quality Assured* (ECCV 2024): 57,648 outlined images, 924 annotators and 34 quality-assurance workers, of four companies and
# Amazon Mechanical Turk. Its findings: the companies beat MTurk in quantity and quality; internal
# quality assurance (QA) brings marginal improvement, if any, while better **labelling instructions** help
# substantially; and the benefit of QA depends on the image. Its sibling (2023; 14,040 annotated images) found that exemplary
# *pictures* in the instructions help, longer text alone does not.

# %% [markdown]
# Here is one way it *could* come about, not the papers' explanation. A model, with **assumed** numbers:
#
# | strategy | border, too far outside by | slips (overlap 0) |
# |---|---|---|
# | nothing | $0.8$ times the blur, *shared* by all who read the same words | the share $p$ |
# | QA | the same: it read the same words | finds 80 % of them |
# | pictures | a quarter of it | the same |

# %%
rates, outcomes = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4), {}
for seed in range(3):
    for name in STRATEGIES:
        outcomes[name, seed] = [run_campaign(Campaign(slips=p).with_strategy(name), np.random.default_rng(seed))
                                for p in rates]
accuracy = {key: np.array([one.accuracy for one in found]) for key, found in outcomes.items()}
for name in STRATEGIES:
    print(f"{name:21}", accuracy[name, 0].round(3))
for seed in range(3):
    lead = accuracy["picture instructions", seed] - accuracy["quality assurance", seed]
    assert np.all(lead[:3] > 0) and np.all(lead[-2:] < 0)  # up to .05; from .3 on
    told = outcomes["nothing", seed][0]
    assert told.agreement > told.accuracy + 0.08  # they agree, on the wrong border
print(f"no slips, no help: they agree to {told.agreement:.3f}, with the truth to {told.accuracy:.3f}")

# %% [markdown]
# **Agreement is not accuracy** (Predict 2): a shared error is invisible to everyone who shares it, and to each measure of agreement.

# %%
blurs = np.linspace(0.5, 5, 10)
turn = [Campaign(blur=s).crossover() for s in blurs]
figure, axes = new_figure(2, width=11, height=3.7, alt="Left: overlap against slip rate. Picture instructions "
    "start highest and fall steeply; quality assurance falls slowly and crosses them at 0.12. Right: the "
    "crossover rises with blur from 0.03 to 0.26.")
draw_lines(axes[0, 0], [Line(name, rates, accuracy[name, 0], "both") for name in STRATEGIES],
           x_label="slip rate", y_label="overlap with the truth", title="blur 2 px")
axes[0, 0].axvline(Campaign().crossover(), color="0.4")
draw_lines(axes[0, 1], [Line("", blurs, turn)], x_label="blur of the border [px]",
           y_label="slip rate at the crossover", title="below the line pictures win, above it QA")
gains = [accuracy_gain for s in blurs for accuracy_gain in
         [Campaign(blur=s).with_strategy(STRATEGIES[2]).expected_overlap() - Campaign(blur=s).expected_overlap()]]
assert np.all(np.diff(gains) > 0) and np.all(np.diff(turn) > 0)  # the more blur, the more pictures help
figure

# %% [markdown]
# In this model: where slips are rare, explain better; where they abound, check. Doing both, and what each costs, is left
# out. The more blur, the longer explaining wins.
#
# 1. Pull *slip rate* over the crossover. Which strategy is 'best here' before and after, and which line is steepest?
# 2. *blur* to 0.25: is there anything left for pictures to mend?
# 3. *criterion left by pictures* to 1: useless pictures. And *slips caught* to 0?

# %%
campaign_bench()

# %% [markdown]
# ## Why this edge blurred
#
# **Because somebody chose the criterion.** A loss, a metric and a labelling instruction are the same thing: they say
# what counts as an error.
#
# | who chose | what counts as an error | what the edge does |
# |---|---|---|
# | MSE, PSNR | each squared difference | hedges: the mean of all places (lesson 06) |
# | 'which is better?' | what looks soft | is sharpened, or invented (lesson 08) |
# | 'blurred *and* invented are errors' | what was not there | stays where it is known, blurs where it is not |
# | an annotator's level $q$ | nobody said | moves by $s\,\Phi^{-1}(1-q) - s^2/2r$ |
#
# **The number:** how far the scores of the *same* pictures move when the question changes. **The price:** instructions
# cost time of somebody who knows; without them each rater brings a criterion of their own.

# %%
moved = {m: report.blocks[1].scores[m][0] - report.blocks[0].scores[m][0] for m in methods}
print("score, block 2 minus block 1:", {m: f"{d:+.2f}" for m, d in moved.items()})
print(f"alpha {report.blocks[0].alpha:.2f} -> {report.blocks[1].alpha:.2f}; change {report.alpha_change[0]:+.2f}, "
      "interval [{:+.2f}, {:+.2f}]".format(*report.alpha_change[1]))
if files[0].parent == folder:
    assert report.blocks[1].alpha > report.blocks[0].alpha and max(map(abs, moved.values())) > 0.5

# %% [markdown]
# Now go back to what you wrote under **Predict**. Which answer would you change, and which number makes you?
#
# ## Exercises
#
# **Exercise 1: how many raters?** `v_rater`, `v_pair` and `v_rest` are $v_a$, $v_b$ and $v_e$ of Part 2. Return the
# smallest number of raters for which the standard error of the class's mean over `pairs` pairs is at most `error`; if no
# number is enough, return `np.inf`.

# %% tags=["exercise"]
def raters_needed(error, pairs, v_rater, v_pair, v_rest):
    """Smallest number of raters, or np.inf."""
    raise NotImplementedError

# %% tags=["check"]
check.check_raters_needed(raters_needed)

# %% tags=["solution"]
def raters_needed(error, pairs, v_rater, v_pair, v_rest):
    """Smallest number of raters, or np.inf."""
    left = error**2 - v_pair / pairs  # what the raters may still contribute
    if left <= 0:
        return np.inf
    return max(1, int(np.ceil((v_rater + v_rest / pairs) / left - 1e-9)))

# %% [markdown]
# **Exercise 2: a change, drawn again.** `before` and `after` are tables `(raters, pairs)` of the *same* raters and pairs in two blocks.
# Return **one** bootstrap draw of the change of the mean: draw raters and pairs with replacement, with `rng`, and compare like with like.

# %% tags=["exercise"]
def change_again(before, after, rng):
    """One bootstrap draw of mean(after) - mean(before)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_change_again(change_again)

# %% tags=["solution"]
def change_again(before, after, rng):
    """One bootstrap draw of mean(after) - mean(before)."""
    raters, pairs = before.shape
    who, what = rng.integers(raters, size=raters), rng.integers(pairs, size=pairs)
    return (after - before)[who][:, what].mean()

# %% [markdown]
# **Exercise 3: many raters.** `labels` has the shape `(raters, things)`; labels are whole numbers, none is missing. Return Fleiss'
# kappa: $o$ is the share of *agreeing pairs of different raters*, averaged over things; $e$ is the chance that two labels drawn from all
# labels given (with replacement) are the same.

# %% tags=["exercise"]
def many_kappa(labels):
    """Fleiss' kappa."""
    raise NotImplementedError

# %% tags=["check"]
check.check_many_kappa(many_kappa)

# %% tags=["solution"]
def many_kappa(labels):
    """Fleiss' kappa."""
    labels = np.asarray(labels)
    counts = np.array([(labels == one).sum(axis=0) for one in np.unique(labels)])
    raters = len(labels)
    o = np.mean((counts * (counts - 1)).sum(axis=0) / (raters * (raters - 1)))
    e = np.sum((counts.sum(axis=1) / labels.size) ** 2)
    return (o - e) / (1 - e)

# %% [markdown]
# **Exercise 4: the crossover.** An outline that is not a slip overlaps the truth by `plain`, and by `told` after picture
# instructions (`told` > `plain`); a slip overlaps by 0. QA mends the share `caught` of the slips: they become `plain`. Return the slip
# rate at which both are equally good. (Check it: no gain by pictures gives 0, nothing caught gives 1.)

# %% tags=["exercise"]
def crossover(plain, told, caught):
    """Slip rate at which QA and picture instructions are equally good."""
    raise NotImplementedError

# %% tags=["check"]
check.check_crossover(crossover)

# %% tags=["solution"]
def crossover(plain, told, caught):
    """Slip rate at which QA and picture instructions are equally good."""
    # (1 - p + caught p) plain = (1 - p) told
    return (told - plain) / (told - (1 - caught) * plain)

# %% [markdown]
# **Exercise 5: yourself.** `answers` is a list; each has `.kind` ('test', 'repeat', 'catch'), `.block`, `.pair`, `.chosen` ('left', 'right'), and
# `.method` (the one chosen). Return three numbers:
#
# 1. the share of 'left' among the tests,
# 2. the share of repeats in which the *method* is the same as in the test of that block and pair,
# 3. the same share between the tests of block 1 and those of block 2, over pairs that have both.

# %% tags=["exercise"]
def judge_myself(answers):
    """(left share, same in repeats, same in both blocks)."""
    raise NotImplementedError

# %% tags=["check"]
check.check_judge_myself(judge_myself)

# %% tags=["solution"]
def judge_myself(answers):
    """(left share, same in repeats, same in both blocks)."""
    tests = {(one.block, one.pair): one for one in answers if one.kind == "test"}
    left = np.mean([one.chosen == "left" for one in tests.values()])
    again = [one.method == tests[one.block, one.pair].method for one in answers if one.kind == "repeat"]
    both = [tests[1, pair].method == tests[2, pair].method for block, pair in tests
            if block == 1 and (2, pair) in tests]
    return float(left), float(np.mean(again)), float(np.mean(both))

# %% [markdown]
# Now use it on your own answers. As long as you have not finished the study, a simulated rater stands in.

# %%
mine = Path("my_results") / f"{NAME}_{RATER}.csv"
own = read_answers(mine).answers if mine.exists() else ()
if len(own) < 52:
    own, whose = read_answers(sorted(folder.glob("*.csv"))[0]).answers, "a simulated rater"
else:
    whose = "you"
try:
    left, again, both = judge_myself(own)
    print(f"{whose}: left {left:.0%}, the same again {again:.0%}, the same after the instructions {both:.0%}")
    for block, method in ((b, m) for b in (1, 2) for m in methods):
        met = [one.method == method for one in counted(own, block) if method in one.pair]
        low, high = wilson_interval(sum(met), len(met))
        print(f"  block {block}, {method}: {sum(met)} of {len(met)}, 95 % interval {low:.0%} to {high:.0%}")
except NotImplementedError:
    print("Solve exercise 5 first; then this cell looks at your answers.")

# %% [markdown]
# Did your criterion change between the blocks, or only your mind? A changed criterion makes the third number clearly smaller
# than the second; eight repeats say little. *My answer:*
#
# ## Scoreboard
#
# The usual rows, and beside them the class's scores (simulated, until yours has answered). No single column is 'the best'.

# %%
board, scene = Scoreboard(), picture("camera", 256)
for name in ("Gaussian", "bilateral", "BM3D"):
    board = board.add(score(course_methods()[name], scene, sigma=25 / 255, draws=4))
for block in report.blocks:
    order = sorted(methods, key=lambda m: -block.scores[m][0])
    print(f"block {block.block}:", ", ".join(f"{m} {block.scores[m][0]:+.2f}" for m in order))
board

# %% [markdown]
# ## What it cannot do
#
# A choice says *which*, never *why*. Twenty pairs of 96 px on unknown screens are a small world: the class's
# interval knows about other raters and pairs of this kind, not about other noise or cameras. Raters see no truth, so block
# 2 asks them to detect inventions that only lesson 08's ten draws could show.
#
# This lab is a small relative of the papers named above: simulated annotators in place of theirs, discs in place of
# their images. None of their effects was reproduced. The 20 pairs come from 8 crops, so they are not quite independent,
# and the interval does not know that.
#
# Lesson 11 takes a photo of your own from raw file to print, and there *you* choose the criterion.

# %% [markdown]
# ## References
#
# - *Quality Assured: Rethinking Annotation Strategies in Imaging AI*, ECCV 2024, arXiv
#   [2407.17596](https://arxiv.org/abs/2407.17596).
# - T. Rädsch and others, *Labelling instructions matter in biomedical image analysis*, Nature Machine Intelligence, 2023, doi
#   [10.1038/s42256-023-00625-5](https://doi.org/10.1038/s42256-023-00625-5).
# - E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, 1927, doi
#   [10.1080/01621459.1927.10502953](https://doi.org/10.1080/01621459.1927.10502953).
# - R. G. Newcombe, *Two-sided confidence intervals for the single proportion: comparison of seven methods*, 1998, Statistics
#   in Medicine 17, 857-872.
# - A. B. Owen, *The pigeonhole bootstrap*, 2007, doi [10.1214/07-AOAS122](https://doi.org/10.1214/07-AOAS122).
# - R. A. Bradley, M. E. Terry, *Rank analysis of incomplete block designs*, 1952, doi
#   [10.1093/biomet/39.3-4.324](https://doi.org/10.1093/biomet/39.3-4.324); D. R. Hunter, *MM algorithms for
#   generalized Bradley-Terry models*, 2004, doi [10.1214/aos/1079120141](https://doi.org/10.1214/aos/1079120141).
# - J. Cohen, *A coefficient of agreement for nominal scales*, 1960, doi
#   [10.1177/001316446002000104](https://doi.org/10.1177/001316446002000104); J. L. Fleiss, *Measuring nominal scale agreement among many raters*, 1971,
#   doi [10.1037/h0031619](https://doi.org/10.1037/h0031619); K. Krippendorff, *Computing Krippendorff's alpha-reliability*, 2011.
# - W. Xue, L. Zhang, X. Mou, A. C. Bovik, *Gradient magnitude similarity deviation*, 2014, doi
#   [10.1109/TIP.2013.2293423](https://doi.org/10.1109/TIP.2013.2293423).
