"""What the study says to a rater."""

from pathlib import Path

from lessons_lib.classroom.study_answers import Answer
from lessons_lib.classroom.study_plan import Trial

TITLE = "Which picture is better? A study with two blocks"
AGREE = "I have read this and agree: start"
GO_ON = "Go on where I stopped"
WITHDRAW = "Withdraw: delete my answers"
WITHDRAW_AGAIN = "Press once more, and {path} is deleted. Nothing brings it back."
WITHDRAWN = (
    "Your answers are deleted on this machine. If you have handed in a copy, ask for that to be "
    "taken out as well; nobody will ask why."
)
INSTRUCTIONS_TITLE = "Block 2: now with instructions"
INSTRUCTIONS = [
    "The same question, with a rule: a picture is better if it is truer to what was in front of "
    "the camera. Blurred detail is an error. Invented detail is an error too, however sharp it "
    "looks.",
    "From left to right: the truth; blurred, which is an error; invented, which is an error; "
    "and what the camera recorded.",
]
READY = "I have looked at the examples: go on"
THANKS = "Done. Thank you!"


def consent(path: Path, done: int, count: int, complaints: tuple[str, ...]) -> list[str]:
    """What a rater should know before the first question."""
    lines = [
        f"You will see {count} pairs of pictures, in two blocks, about 5 minutes. Press F for "
        "left or J for right (arrow keys or the mouse do as well). There is no right or wrong, "
        "and your choices are never graded. A few pairs come twice and a few have a known answer; "
        "they show whether somebody was looking.",
        f"Kept: your made-up name, the pairs, your choices and how long each took, in {path} on "
        "this machine. Not kept: who you are, date, or time of day (but the "
        "file has its own time stamp, as every file has). Nothing is sent anywhere; "
        "you may hand the file in. You can stop at any time, and withdraw without a reason.",
    ]
    if done:
        lines.append(f"You have answered {done} of {count}. They are safe.")
    if complaints:
        lines.append(
            f"{len(complaints)} damaged lines of your file were skipped; those pairs are asked "
            f"again: {complaints[0]}."
        )
    return lines


def question(trial: Trial, count: int) -> str:
    """The line above a pair."""
    asked = "Which is better?" if trial.block == 1 else "Which is truer to what was there?"
    return f"Block {trial.block}, pair {trial.number + 1} of {count}. {asked}"


def reminder(trial: Trial) -> list[str]:
    """What stands under the question."""
    keys = "F: left. J: right."
    return [keys] if trial.block == 1 else [f"{keys} Blurred or invented detail is an error."]


def not_saved(path: Path, error: OSError) -> str:
    """Tell that the disk did not take the answer, and that no answer is lost."""
    return (
        f"Your answer could not be written to {path} ({error.strerror or error}). Nothing is "
        "lost: make room or mend the folder, then answer this pair again."
    )


def end(path: Path, answers: tuple[Answer, ...]) -> list[str]:
    """What a rater learns at the end, about themselves only."""
    tests = [one for one in answers if one.kind == "test"]
    left = sum(one.chosen == "left" for one in tests) / max(len(tests), 1)
    first = {(one.block, one.pair): one for one in tests}
    again = [one for one in answers if one.kind == "repeat"]
    same = sum(first[one.block, one.pair].method == one.method for one in again)
    return [
        f"You chose the left picture in {left:.0%} of {len(tests)} pairs, and the same method "
        f"again in {same} of {len(again)} repeated pairs.",
        f"Your answers are in {path}. Hand in that file if you like.",
    ]
