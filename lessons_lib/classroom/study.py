"""The study as a widget: two pictures, two keys, and a file that survives a crash.

A rater reads what is kept and agrees, judges block 1 ('which is better?'), reads
instructions with pictures, and judges block 2. Each choice is on the disk before the next
pair is shown; run the cell again, and the study goes on where it stopped.
"""

import io
import pathlib
from importlib.util import find_spec

import anywidget
import numpy as np
import traitlets
from PIL import Image as PillowImage

from lessons_lib.classroom import study_words as words
from lessons_lib.classroom.study_answers import Answer, append_answer, check_rater, read_answers
from lessons_lib.classroom.study_examples import example_strip
from lessons_lib.classroom.study_plan import Trial, plan_trials
from lessons_lib.classroom.study_stimuli import Stimuli
from lessons_lib.image import to_uint8

HERE = pathlib.Path(__file__).parent
# Without PyTorch other methods are compared, so that is another study.
NAME = "judging-2" if find_spec("torch") else "judging-2-no-network"
REPEATS = 4


class Study(anywidget.AnyWidget):
    """One rater's study.

    Parameters
    ----------
    rater : str
        A made-up name: letters, digits, - and _.
    stimuli : Stimuli
        What is shown; all raters of a class need the same.
    folder : path
        Where the answer file goes. It is made when the rater agrees, not before.
    study : str
        Name of the study; a new one for new stimuli.
    repeats : int
        How many pairs come twice in a block; at most half of them do.

    Raises
    ------
    ValueError
        For a name that cannot be a pseudonym, or a file that is not this rater's.
    """

    _esm = HERE / "study.js"
    _css = HERE / "study.css"

    title = traitlets.Unicode("Study: which picture is better?").tag(sync=True)
    screen = traitlets.Unicode("consent").tag(sync=True)
    heading = traitlets.Unicode("").tag(sync=True)
    words = traitlets.List().tag(sync=True)
    buttons = traitlets.List().tag(sync=True)
    left = traitlets.Bytes(b"").tag(sync=True)
    right = traitlets.Bytes(b"").tag(sync=True)
    side = traitlets.Int(0).tag(sync=True)
    strip = traitlets.Bytes(b"").tag(sync=True)
    strip_width = traitlets.Int(0).tag(sync=True)
    number = traitlets.Int(-1).tag(sync=True)
    progress = traitlets.Float(0.0).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    version = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, rater: str, stimuli: Stimuli, folder: str | pathlib.Path = "my_results", *,
        study: str = NAME, repeats: int = REPEATS,
    ) -> None:  # fmt: skip
        super().__init__()
        self.rater, self.study, self.stimuli = check_rater(rater), study, stimuli
        self.path = pathlib.Path(folder) / f"{study}_{rater}.csv"
        repeats = min(repeats, len(stimuli.pairs) // 2)
        self.trials = plan_trials(study, rater, stimuli.pairs, stimuli.catches, repeats)
        self._read_instructions = False
        self._asked_to_withdraw = False
        self._load()
        self.on_msg(self._on_message)
        self._show_consent()

    # -- the answers so far

    def _load(self) -> None:
        found = read_answers(self.path) if self.path.exists() else None
        self.answers: dict[int, Answer] = {}
        self.complaints = found.complaints if found else ()
        for answer in found.answers if found else ():
            if answer.rater != self.rater:
                raise ValueError(
                    f"{self.path} holds answers of {answer.rater!r}, not of {self.rater!r}; "
                    "take another name, or move the file away"
                )
            if answer.study == self.study:
                self.answers[answer.trial] = answer

    @property
    def trial(self) -> Trial | None:
        """The first trial without an answer; None when all are done."""
        return next((one for one in self.trials if one.number not in self.answers), None)

    # -- what the page says

    def _on_message(self, _widget: object, content: dict, _buffers: list) -> None:
        if content.get("kind") != "press":
            return
        self.press(content.get("what"), content.get("number"), content.get("seconds", 0.0))

    def press(self, what: str, number: int | None = None, seconds: float = 0.0) -> None:
        """Answer a button or key: 'agree', 'ready', 'withdraw', 'left' or 'right'.

        Parameters
        ----------
        what : str
            Which one.
        number : int, optional
            The trial that was on screen; a press that belongs to another is dropped.
        seconds : float
            How long it had been there.
        """
        if what == "withdraw":
            self._withdraw()
        elif what == "agree" and self.screen == "consent":
            self._next()
        elif what == "ready" and self.screen == "instructions":
            self._read_instructions = True
            self._next()
        elif what in ("left", "right") and self.screen == "trial":
            if number is None or number == self.number:
                self._choose(what, seconds)

    def _choose(self, side: str, seconds: float) -> None:
        trial = self.trial
        answer = Answer(
            self.rater, self.study, trial.number, trial.block, trial.kind, *_names(trial),
            trial.left, side, round(float(seconds), 3),
        )  # fmt: skip
        try:
            append_answer(self.path, answer)
        except OSError as error:  # the trial stays on screen, and its answer is asked again
            self._show(message=words.not_saved(self.path, error))
            return
        self.answers[trial.number] = answer
        self._next()

    def _withdraw(self) -> None:
        if not self._asked_to_withdraw:
            self._asked_to_withdraw = True
            self._show(message=words.WITHDRAW_AGAIN.format(path=self.path))
            return
        self.path.unlink(missing_ok=True)
        self.answers, self._asked_to_withdraw, self._read_instructions = {}, False, False
        self._show_consent()
        self._show(message=words.WITHDRAWN)

    # -- what is on the page

    def _show(self, **values: object) -> None:
        """Change several traits at once; the page draws when ``version`` moves."""
        with self.hold_sync():
            for name, value in {"message": "", **values}.items():
                setattr(self, name, value)
            self.progress = len(self.answers) / len(self.trials)
            self.version += 1

    def _show_consent(self) -> None:
        lines = words.consent(self.path, len(self.answers), len(self.trials), self.complaints)
        buttons = [("agree", words.GO_ON if self.answers else words.AGREE)]
        if self.answers:
            buttons.append(("withdraw", words.WITHDRAW))
        self._show(
            screen="consent", heading=words.TITLE, words=lines, buttons=buttons, strip_width=0
        )

    def _next(self) -> None:
        self._asked_to_withdraw = False
        trial = self.trial
        if trial is None:
            self._show_end()
        elif trial.block == 2 and not self._read_instructions:
            self._show_instructions()
        else:
            self._show_trial(trial)

    def _show_instructions(self) -> None:
        strip = to_uint8(example_strip())
        self._show(
            screen="instructions", heading=words.INSTRUCTIONS_TITLE, words=words.INSTRUCTIONS,
            buttons=[("ready", words.READY)], strip=strip.tobytes(), strip_width=strip.shape[1],
        )  # fmt: skip

    def _show_trial(self, trial: Trial) -> None:
        pictures = [
            np.ascontiguousarray(to_uint8(self.stimuli.shown(trial.pair.picture, method)))
            for method in (trial.left, trial.right)
        ]
        self._show(
            screen="trial", heading=words.question(trial, len(self.trials)), buttons=[],
            words=words.reminder(trial), number=trial.number, strip_width=0,
            left=pictures[0].tobytes(), right=pictures[1].tobytes(), side=pictures[0].shape[1],
        )  # fmt: skip

    def _show_end(self) -> None:
        lines = words.end(self.path, tuple(self.answers.values()))
        self._show(
            screen="done", heading=words.THANKS, words=lines, number=-1, strip_width=0,
            buttons=[("withdraw", words.WITHDRAW)],
        )  # fmt: skip

    def _repr_mimebundle_(self, **keywords: object) -> object:
        """Where no kernel runs, show the first pair of the plan instead of nothing."""
        bundle = super()._repr_mimebundle_(**keywords)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is not None:
            data = {**data, "image/png": self._snapshot()}
        return data, metadata

    def _snapshot(self) -> bytes:
        pair, left = self.trials[0].pair, self.trials[0].left
        methods = (left, self.trials[0].right)
        tiles = [to_uint8(self.stimuli.shown(pair.picture, method)) for method in methods]
        gap = np.full((len(tiles[0]), 16), 176, np.uint8)
        buffer = io.BytesIO()
        PillowImage.fromarray(np.hstack([tiles[0], gap, tiles[1]])).save(buffer, "PNG")
        return buffer.getvalue()


def _names(trial: Trial) -> tuple[str, str, str]:
    return trial.pair.picture, trial.pair.first, trial.pair.second
