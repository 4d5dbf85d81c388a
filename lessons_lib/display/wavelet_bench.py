"""The wavelet bench: the coefficient plane, a threshold, and what becomes of an edge."""

from dataclasses import dataclass

import numpy as np
import pywt

from lessons_lib.denoisers.contract import check_setting
from lessons_lib.denoisers.stationary import AllShifts
from lessons_lib.denoisers.thresholds import universal_threshold
from lessons_lib.denoisers.wavelet import MODES, check_choice
from lessons_lib.display import view
from lessons_lib.display import wavelet_bench_text as text
from lessons_lib.display.wavelet_bench_risk import THRESHOLDS, expected_risk, sure_curve
from lessons_lib.display.wavelet_bench_scene import PICTURES, SIZE, Scene
from lessons_lib.image import Image

LEVELS = 4
WAVELETS = ("haar", "db2", "db4", "sym4")
SPINS = ("one grid", "all shifts")
SPAN = (0.0, 6.0, 0.1)  # of the threshold, in units of sigma: lowest, highest, step
UNIVERSAL = universal_threshold(1.0, SIZE**2)  # in units of sigma


@dataclass(frozen=True, eq=False)
class Split:
    """One scene in one wavelet language: all that a moving threshold does not change.

    Attributes
    ----------
    noisy, clean : list
        Coefficients on the grid that begins at the picture's corner, as ``pywt.wavedec2``
        orders them.
    everywhere : tuple
        Coefficients of all shifts of the noisy picture.
    risk : dict
        Expected bias^2 and variance, and SURE, against the threshold.
    """

    noisy: list
    clean: list
    everywhere: tuple
    risk: dict


class WaveletBench(view.CanvasView):
    """Move a threshold over the wavelet coefficients of an edge or a picture.

    Parameters
    ----------
    picture : str
        'vertical edge', 'slanted edge' or 'camera man'.
    wavelet : str
        'haar', 'db2', 'db4' or 'sym4'.
    mode : str
        'hard' or 'soft'.
    threshold : float
        In units of sigma, 0 to 6.
    spin : str
        'one grid' or 'all shifts'.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        For anything that is not on offer, with a list of what is.
    """

    def __init__(
        self,
        picture: str = "vertical edge",
        wavelet: str = "haar",
        mode: str = "hard",
        threshold: float = 3.0,
        spin: str = "one grid",
        seed: int = 0,
    ) -> None:
        super().__init__(title="Wavelet bench")
        self.seed = seed
        self._transforms: dict[str, AllShifts] = {}
        self._scene = Scene(picture, seed=seed)
        self._split: tuple[tuple, Split] | None = None
        check_choice(wavelet, "wavelet", WAVELETS)
        check_choice(mode, "mode", tuple(MODES))
        check_choice(spin, "spin", SPINS)
        check_setting(threshold, "threshold (x sigma)", *SPAN[:2])
        self.push(
            picture=picture, wavelet=wavelet, mode=mode, spin=spin,
            threshold=threshold, ratio=self._scene.ratio, moved=self._scene.moved,
        )  # fmt: skip
        self.react("picture", settled=True)

    def react(self, source: str, settled: bool) -> None:
        """Shrink with the new setting and show everything."""
        state = self.state
        scene = Scene(state["picture"], float(state["ratio"]), float(state["moved"]), self.seed)
        for name, options in (("wavelet", WAVELETS), ("mode", tuple(MODES)), ("spin", SPINS)):
            check_choice(state[name], name, options)
        if scene != self._scene:
            self._scene = scene
        if source == "picture":
            self.controls = _controls(scene)
        split = self._split_scene()
        threshold = float(state["threshold"]) * scene.sigma
        estimate = self._estimate(split, threshold)
        look = text.Look(
            self._scene, split.noisy, split.clean, split.risk, threshold, estimate,
            state["wavelet"], state["mode"], state["spin"] == "all shifts",
        )  # fmt: skip
        self.show_panels(text.pictures(look))
        self.plots = [text.profile_plot(look), text.risk_plot(look)]
        self.readout = text.sentence(look, UNIVERSAL)

    def _split_scene(self) -> Split:
        """Transform once for each scene, wavelet and mode."""
        wavelet, mode = self.state["wavelet"], self.state["mode"]
        key = (self._scene, wavelet, mode)
        if self._split is None or self._split[0] != key:
            noisy, clean = (
                pywt.wavedec2(image, wavelet, "periodization", LEVELS)
                for image in (self._scene.noisy, self._scene.clean)
            )
            risk = expected_risk(clean, self._scene.sigma, mode)
            if mode == "soft":
                risk["SURE of this draw"] = sure_curve(noisy, self._scene.sigma)
            else:
                risk["SURE (soft only)"] = np.full(len(THRESHOLDS), np.nan)
            everywhere = self._transform.split(self._scene.noisy)
            self._split = (key, Split(noisy, clean, everywhere, risk))
        return self._split[1]

    @property
    def _transform(self) -> AllShifts:
        wavelet = self.state["wavelet"]
        if wavelet not in self._transforms:
            low_pass = np.array(pywt.Wavelet(wavelet).rec_lo)
            self._transforms[wavelet] = AllShifts((SIZE, SIZE), low_pass, LEVELS)
        return self._transforms[wavelet]

    def _estimate(self, split: Split, threshold: float) -> Image:
        """Threshold all details and transform back, on one grid or on all."""
        shrink = MODES[self.state["mode"]]
        if self.state["spin"] == "all shifts":
            coarse, bands = split.everywhere
            bands = [tuple(shrink(band, threshold) for band in level) for level in bands]
            return self._transform.merge(coarse, bands)
        coarse, *bands = split.noisy
        bands = [tuple(shrink(band, threshold) for band in level) for level in bands]
        return pywt.waverec2([coarse, *bands], self.state["wavelet"], "periodization")


def _controls(scene: Scene) -> list[dict]:
    fixed = not scene.has_edge
    return [
        view.slider("threshold", f"threshold, x σ (0: off, {UNIVERSAL:.1f}: universal)",
                    SPAN),
        view.choice("mode", "threshold is", list(MODES)),
        view.choice("spin", "cycle spinning", SPINS),
        view.choice("wavelet", "wavelet", WAVELETS),
        view.choice("picture", "picture", PICTURES),
        view.slider("ratio", "contrast / σ", (1.0, 12.0, 0.5), disabled=fixed),
        view.slider("moved", "edge moved by", (0.0, 16.0, 0.25), "px", disabled=fixed),
    ]  # fmt: skip


def wavelet_bench(**settings: object) -> WaveletBench:
    """Make a wavelet bench; the settings are those of :class:`WaveletBench`."""
    return WaveletBench(**settings)
