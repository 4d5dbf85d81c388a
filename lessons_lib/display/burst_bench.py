"""The burst bench: many short frames against one frame and a network, with a hand that shakes."""

from lessons_lib.display import burst_bench_text as text
from lessons_lib.display import view
from lessons_lib.display.burst_bench_scene import (
    EDGES,
    MOST,
    MOVING,
    PICTURES,
    ROBUST,
    RULES,
    STILL,
    BurstScene,
)

__all__ = ["BurstBench", "burst_bench"]


class BurstBench(view.CanvasView):
    """Choose the frames, the hand, what moves and the rule that makes one picture of them.

    Parameters
    ----------
    picture : str
        One of ``PICTURES``.
    rule : str
        One of ``RULES``.
    count : int
        Frames at first, 1 to 16.
    shake : float
        Step of the hand, px, 0 to 2.
    moving : str
        'nothing' or 'a lamp'.
    electrons : float
        White in one frame, 40 to 600.
    seed : int
        Of hand and noise.

    Raises
    ------
    ValueError
        For a picture or a rule that does not exist.
    """

    def __init__(
        self, picture: str = "café", rule: str = ROBUST, count: int = 8, shake: float = 1.0,
        moving: str = MOVING, electrons: float = 150.0, seed: int = 0,
    ) -> None:  # fmt: skip
        if rule not in RULES:
            raise ValueError(f"there is no rule {rule!r}; choose one of {', '.join(RULES)}")
        super().__init__("Burst bench")
        self._seed = seed
        self._scene = BurstScene(picture, shake, moving, electrons, seed)
        self.push(
            picture=picture, rule=rule, count=count, shake=shake, moving=moving,
            electrons=electrons,
        )  # fmt: skip
        self.react("picture", settled=True)

    def _controls(self) -> list[dict]:
        return [
            view.choice("picture", "picture", PICTURES),
            view.choice("rule", "made of it", RULES),
            view.slider("count", "frames", (1, MOST, 1)),
            view.slider("shake", "hand's step", (0.0, 2.0, 0.25), "px"),
            view.choice("moving", "moves", (STILL, MOVING)),
            view.slider(
                "electrons", "white in one frame", (40, 600, 10), "electrons",
                disabled=self.state["picture"] in EDGES,
            ),
        ]  # fmt: skip

    def react(self, source: str, settled: bool) -> None:
        """Merge again at once; take another burst when a slider has come to rest."""
        state = self.state
        wanted = BurstScene(
            str(state["picture"]), float(state["shake"]), str(state["moving"]),
            float(state["electrons"]), self._seed,
        )  # fmt: skip
        if wanted != self._scene or not self.controls:
            if not settled:  # taking and aligning it needs some .6 s: not during a drag
                return
            self._scene = wanted
            self.controls = self._controls()
        look = self.look()
        self.show_panels(text.panels(look))
        self.plots = [text.profile_plot(look), text.noise_plot(self._scene, look)]
        self.readout = text.sentence(look)

    def look(self) -> text.Look:
        """All that is shown, as numbers."""
        rule, count = str(self.state["rule"]), int(self.state["count"])
        return text.Look(self._scene, rule, count, self._scene.result(rule, count))


def burst_bench(**settings: object) -> BurstBench:
    """Make a burst bench; the settings are those of :class:`BurstBench`."""
    return BurstBench(**settings)
