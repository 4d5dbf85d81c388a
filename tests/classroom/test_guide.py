"""The instructor's guide: every command, path and file in it exists, and its tables are whole."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from lessons_lib.classroom.assignments.judging import ASSIGNMENTS
from lessons_lib.classroom.grading.entry import parser
from lessons_lib.classroom.hub import sizing
from lessons_lib.classroom.hub.settings import DEFAULT_FILE

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "INSTRUCTORS.md").read_text(encoding="utf-8")
HUB = ROOT / "notebooks" / "assignments" / "jupyterhub"
FENCES = re.findall(r"^```\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"^```\n.*?^```", "", GUIDE, flags=re.M | re.S))
LINES = [line for fence in FENCES for line in fence.splitlines() if line.strip()]
COMMANDS = [part.strip() for line in [*LINES, *INLINE] for part in line.split("&&")]


def between(name: str) -> str:
    """What stands in the guide between two marks."""
    return GUIDE.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0].strip()


def starting(*beginnings: str) -> list[str]:
    return [each for each in COMMANDS if each.startswith(beginnings)]


def test_the_guide_is_read_as_it_is_written():
    assert len(FENCES) > 15 and len(COMMANDS) > 100
    assert len(starting("python -m lessons_lib.classroom.grading")) >= 8


@pytest.mark.parametrize("command", starting("make "))
def test_make_has_the_target(command):
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    assert command.split()[1] in targets


@pytest.mark.parametrize("command", starting("python -m lessons_lib.classroom.grading"))
def test_grading_understands(command):
    words = re.findall(r'"[^"]*"|\S+', command)[3:]
    parser().parse_args([word.strip('"') for word in words])  # leaves with 2 if it does not


@pytest.mark.parametrize("command", starting("python -m lessons_lib.classroom.hub"))
def test_the_hubs_command_understands(command):
    entry = (ROOT / "lessons_lib/classroom/hub/__main__.py").read_text()
    choices = re.search(r"choices=(\[.*?\])", entry, re.S)[1]
    assert command.split()[3] in ast.literal_eval(choices)


@pytest.mark.parametrize("command", starting("python bootstrap.py"))
def test_bootstrap_understands(command):
    assert f'"{command.split()[2]}":' in (ROOT / "bootstrap.py").read_text()


@pytest.mark.parametrize("command", starting("pip install -r"))
def test_requirements_are_there(command):
    for name in re.findall(r"-r (\S+)", command):
        assert (ROOT / name).is_file()


@pytest.mark.parametrize("command", starting("nbgrader "))
def test_nbgrader_has_the_command(command):
    apps = pytest.importorskip("nbgrader.apps")
    known = dict(apps.NbGraderApp.subcommands)
    assert command.split()[1] in known


FOLDERS = ("notebooks/", "tests/", "docs/", "tools/", "lessons_lib/")
PROJECT = (*FOLDERS, "requirements", "environment")


@pytest.mark.parametrize(
    "name",
    sorted({
        word
        for each in COMMANDS for part in re.split(r"[\s=]", each)
        for word in [part.removeprefix("/opt/why-edges-blur/").removeprefix("$PWD/")]
        if word.startswith(PROJECT) and "*" not in word
    } - {"notebooks/my_results/class"}),  # the students' answers make it
)  # fmt: skip
def test_a_path_of_the_project_exists(name):
    assert (ROOT / name).exists()


def test_links_lead_somewhere():
    headings = re.findall(r"^#+ (.*)$", GUIDE, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", each).lower().replace(" ", "-") for each in headings}
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (ROOT / "docs" / target).is_file(), target


def test_the_servers_places_are_those_of_its_settings():
    settings = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    for name in ("class_list", "state"):
        assert settings[name] in GUIDE
    assert f"adduser {settings['instructor']}" in GUIDE
    table = GUIDE.split("### What enforces which limit")[1].split("\n\n")[1]
    for name in re.findall(r"`([a-z_]+)`", table):
        assert name in settings, name


def codes() -> set[str]:
    """Every code of a finding that grading and collecting can write."""
    found = set()
    for room in ("grading", "hub"):
        for path in (ROOT / "lessons_lib/classroom" / room).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    found |= code_of(node)
                elif isinstance(node, ast.Tuple):  # (code, words), chosen by what a log says
                    found |= {each.value for each in node.elts[:1] if is_code(each)}
    return found


def is_code(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Constant) else ""
    return isinstance(value, str) and value.startswith("kernel-")


def code_of(call: ast.Call) -> set[str]:
    """The code that a call gives to a finding: the first text, or the third after a folder."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    first = ("Finding", "Unreadable", "repaired", "flagged")
    place = dict.fromkeys(first, 0) | {"_note": 2, "_refuse": 2}
    place = place.get(name)
    if place is None or len(call.args) <= place:
        return set()
    word = call.args[place]
    return {word.value} if isinstance(word, ast.Constant) else set()


def test_each_flag_has_its_line():
    lines = set(re.findall(r"`([a-z-]+)`", between("flags")))
    assert len(codes()) > 15
    assert codes() - lines == set(), "flags that the guide does not explain"


def test_each_assignment_has_its_answers_and_mistakes():
    text = between("assignments")
    for name in ASSIGNMENTS:
        part = text.split(f"### {name}\n")[1].split("### ")[0]
        source = (ROOT / f"notebooks/source/assignments/{name}.py").read_text(encoding="utf-8")
        answers = re.findall(r'tags=\["answer"\]\s*\n(?:.*\n)*?def (\w+)\(', source)
        assert answers
        for answer in answers:
            assert f"`{answer}`" in part, f"{name}: {answer}"


def test_the_sizes_are_the_arithmetics():
    assert sizing.table() in between("sizing")
    habits = sizing.Habits()
    assert f"{habits.kernel_gb:g} GB" in GUIDE and f"{habits.server_gb:g} GB" in GUIDE
    assert f"{habits.kernel_gb + habits.server_gb:g} GB for each learner" in GUIDE
    prices = [f"{0.8 * sizing.size_of(each).nodes:.2f}" for each in sizing.CLASSES]
    assert f"{prices[0]}, {prices[1]} and {prices[2]} an hour" in GUIDE


def test_the_arithmetic_by_hand():
    size = sizing.size_of(10, sizing.Habits(0.5, 1.5, 60, 0.5, 6, 2, 8), sizing.Node(8, 8, 0.5))
    assert (size.present, size.memory_gb, size.cores) == (5, 10, 0.5)
    assert size.nodes == 3  # 10 GB, 4 GB of each machine
    assert (size.storage_gb, size.grading_hours) == (20, 80 / 7200)
    with pytest.raises(ValueError, match="at least one learner, got 0"):
        sizing.size_of(0)


def test_the_calendars_minutes_are_the_lessons():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    times = dict(re.findall(r"^\| \[(\d\d) [^|]*\| (?:\d+ to )?(\d+) min \|", readme, re.M))
    weeks = re.findall(r"^\| \d \| ([\d, ]+) \| (\d+) \|", GUIDE, re.M)
    assert len(times) == 12 and len(weeks) == 6
    for lessons, minutes in weeks:
        assert sum(int(times[each]) for each in lessons.split(", ")) == int(minutes)
    assert sorted(", ".join(lessons for lessons, _ in weeks).split(", ")) == sorted(times)


def test_the_image_is_made_of_what_is_there_and_of_nothing_secret():
    text = (HUB / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copied = [word for line in re.findall(r"^COPY (.*) \S+$", text, re.M) for word in line.split()]
    allowed = (HUB / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "notebooks" in copied and "bootstrap.py" in copied
    for name in copied:
        assert (ROOT / name).exists() and f"!{name}" in allowed, name
    for secret in ("notebooks/source", "notebooks/assignments/source"):
        assert secret in allowed
    assert not {"docs", "tests", ".git", "."} & set(copied)


def test_the_clusters_values_agree_with_the_arithmetic():
    values = yaml.safe_load((HUB / "zero_to_jupyterhub.yaml").read_text(encoding="utf-8"))
    person, habits = values["singleuser"], sizing.Habits()
    wanted = habits.server_gb + habits.kernel_gb
    assert wanted <= float(person["memory"]["guarantee"].removesuffix("G")) <= wanted + 0.1
    share = habits.runs * habits.lesson_cpu_seconds / 3600
    assert share <= person["cpu"]["guarantee"] <= 2 * share
    assert person["storage"]["capacity"] == f"{habits.home_gb:g}Gi"
