"""The kinds of submission of the simulated class: what was done, and what grading must say."""

import contextlib
import io
import itertools
import json

import nbformat
from simulated_class import LATE, ON_TIME, Handed, Kind, Maker, cell_of, handed, text_of, zipped

from lessons_lib.classroom.assignments.judging import public_check

WRONG = "return 0.0"


def kinds(maker: Maker) -> list[Kind]:
    """Return all kinds: honest ones, accidents, and bad ideas."""
    return [*honest(maker), *accidents(maker), *cells(maker), *files(maker), *hostile(maker)]


def both(maker: Maker, *numbers: int) -> tuple[str, ...]:
    """Return the grade ids of questions, public and hidden."""
    names = [maker.functions[number] for number in numbers]
    return tuple(f"{name}-{part}" for name in names for part in ("public", "hidden"))


def honest(maker: Maker) -> list[Kind]:
    """Right, wrong, in part, nothing."""
    rest = range(2, len(maker.functions))
    some = tuple(maker.functions[2:])
    return [
        Kind("correct", lambda m: handed(m.solved())),
        Kind("wrong", lambda m: handed(m.with_body(WRONG)), both(maker, 0)),
        Kind("partial", lambda m: handed(m.solved(but=some)), both(maker, *rest),
             repaired={"unanswered"}),
        Kind("unanswered", lambda m: handed(m.release), ("all",), repaired={"unanswered"}),
        Kind("hard-coded", lambda m: handed(memorised(m)), (f"{maker.first}-hidden",)),
        Kind("late", lambda m: handed(m.solved(), time=LATE), flags={"late"}),
        Kind("submitted twice", lambda m: [*handed(m.with_body(WRONG)), Handed(
            text_of(m.solved()).encode(), time=ON_TIME.replace(hour=14))], flags={"several"}),
    ]  # fmt: skip


def memorised(maker: Maker) -> nbformat.NotebookNode:
    """Return a notebook whose first answer replays the results of the public seed."""
    namespace: dict[str, object] = {}
    for cell in maker.solved().cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.startswith("setup") or name == f"{maker.first}-answer":
            exec(cell.source, namespace)
    said = []

    def recording(*arguments: object) -> object:
        said.append(namespace[maker.first](*arguments))
        return said[-1]

    with contextlib.redirect_stdout(io.StringIO()):
        public_check(maker.release_name, maker.first, recording)
    before = f"import itertools\n\nSAID = itertools.cycle({said!r})\n\n\n"
    assert list(itertools.islice(itertools.cycle(said), 1)), "the judge calls the answer"
    return maker.with_body("return next(SAID)", before=before)


def accidents(maker: Maker) -> list[Kind]:
    """Programs that stop, hang, or say too much."""
    lost = both(maker, 0)
    grow = "rows = []\nwhile True:\n    rows.append(np.zeros((5000, 5000)))"
    deaf = (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    )
    return [
        Kind("exception", lambda m: handed(m.with_body("raise ValueError('?')")), lost),
        Kind("syntax error", lambda m: handed(m.with_body("return (1 +")), lost),
        Kind("infinite loop", lambda m: handed(m.with_body("while True:\n    pass")), lost,
             {"time-out"}),
        Kind("deaf infinite loop", lambda m: handed(m.with_body(deaf)), ("all",),
             {"kernel-stuck", "recheck-passed"}, state="not graded"),
        Kind("memory hog", lambda m: handed(m.with_body(grow)), lost),
        Kind("huge output", lambda m: handed(m.with_cell("print('x' * 50_000_000)")),
             flags={"output-limit"}),
        Kind("endless output", lambda m: handed(m.with_cell(
            "for _ in range(200_000):\n    print('so much' * 20)")), flags={"output-limit"}),
        Kind("prints in a test", lambda m: handed(m.before_return("print('x' * 3_000_000)"))),
        Kind("warns and logs", lambda m: handed(m.before_return(
            "import sys, warnings\nwarnings.warn('careful')\nprint('log', file=sys.stderr)"))),
        Kind("shows a number", lambda m: handed(m.before_return(
            "from IPython.display import display\ndisplay(99)"))),
        Kind("os._exit", lambda m: handed(m.before_return("import os\nos._exit(0)")), ("all",),
             {"kernel-died", "suspicious", "recheck-passed"}, state="not graded"),
        Kind("sys.exit", lambda m: handed(m.with_body("import sys\nsys.exit(0)")), lost),
        Kind("waits for input", lambda m: handed(m.with_body("return float(input())")), lost,
             {"suspicious"}),
        Kind("returns nothing", lambda m: handed(m.with_body("pass")), lost),
        Kind("returns NaN", lambda m: handed(m.with_body("return float('nan')")), lost),
    ]  # fmt: skip


def cells(maker: Maker) -> list[Kind]:
    """What happens to cells and to their metadata."""
    lost, answer = both(maker, 0), f"{maker.first}-answer"

    def change(action):  # noqa: ANN001, ANN202
        def make(m: Maker) -> list[Handed]:
            book = m.solved()
            return handed(action(book, m) or book)

        return make

    def drop(name):  # noqa: ANN001, ANN202
        return change(lambda book, m: book.cells.remove(cell_of(book, name)))

    def double(book, m):  # noqa: ANN001, ANN202
        one = cell_of(book, answer)
        book.cells.insert(book.cells.index(one), json_copy(one))

    def double_stub(book, m):  # noqa: ANN001, ANN202
        book.cells.append(json_copy(cell_of(m.release, answer)))

    def empty(book, m):  # noqa: ANN001, ANN202
        cell_of(book, answer).source = ""

    def to_text(book, m):  # noqa: ANN001, ANN202
        one = cell_of(book, answer)
        one.cell_type = "markdown"
        one.pop("outputs", None)

    def bare(book, m):  # noqa: ANN001, ANN202
        for number, one in enumerate(book.cells):
            one.metadata, one.id = {}, f"new-{number}"

    def bare_but_ids(book, m):  # noqa: ANN001, ANN202
        for one in book.cells:
            one.metadata = {}

    def overwrite(book, m):  # noqa: ANN001, ANN202
        cell_of(book, f"{m.first}-hidden").source = "assert True"
        cell_of(book, f"{m.first}-public").source = "pass"
        cell_of(book, answer).source = f"{m.head(m.first)}\n    {WRONG}"

    def turned(book, m):  # noqa: ANN001, ANN202
        book.cells.reverse()

    def elsewhere(book, m):  # noqa: ANN001, ANN202
        cell_of(book, answer).source = cell_of(m.release, answer).source
        return m.with_cell(m.solutions[answer], book)

    def at_the_end(book, m):  # noqa: ANN001, ANN202
        cell_of(book, answer).source = cell_of(m.release, answer).source
        book.cells.append(nbformat.v4.new_code_cell(m.solutions[answer]))

    hidden = f"{maker.first}-hidden"
    return [
        Kind("deleted a test", drop(hidden), flags={"missing-cell"}),
        Kind("deleted the setup", drop("setup-1"), flags={"missing-cell"}),
        Kind("deleted an answer", drop(answer), lost, {"missing-cell"}),
        Kind("emptied an answer", change(empty), lost, {"empty-cell"}),
        Kind("duplicated an answer", change(double), repaired={"duplicate-cell"}),
        Kind("copied an open answer", change(double_stub), repaired={"duplicate-cell"}),
        Kind("answer turned to text", change(to_text), flags={"cell-type"}),
        Kind("stripped metadata", change(bare_but_ids), repaired={"metadata"}),
        Kind("stripped metadata and ids", change(bare), repaired={"metadata"}),
        Kind("overwrote the tests", change(overwrite), lost, {"changed-locked"}),
        Kind("cells in reverse", change(turned)),
        Kind("answered before its cell", change(elsewhere), repaired={"duplicate-cell"}),
        Kind("answered at the end", change(at_the_end), lost, {"second-definition"},
             {"unanswered"}),
    ]  # fmt: skip


def json_copy(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of a cell."""
    return nbformat.from_dict(json.loads(json.dumps(cell)))


def files(maker: Maker) -> list[Kind]:
    """What happens to files on their way."""
    name = f"{maker.release_name}.ipynb"

    def encoded(encoding: str):  # noqa: ANN202
        def make(m: Maker) -> list[Handed]:
            book = m.before_return("# geprüft, très bien")
            return [Handed(text_of(book).replace("\n", "\r\n").encode(encoding, "replace"))]

        return make

    def windows(m: Maker) -> list[Handed]:
        text = text_of(m.solved()).replace("\n", "\r\n").encode("utf-8-sig")
        return zipped({f"C:\\Users\\mira\\homework\\{name}": text})

    def renamed(m: Maker) -> list[Handed]:
        return zipped({"homework/My homework (final) .ipynb": text_of(m.solved()).encode()})

    def old(m: Maker) -> list[Handed]:
        book = nbformat.convert(nbformat.from_dict(json.loads(text_of(m.solved()))), 3)
        return [Handed(json.dumps(book).encode())]

    gone = {"lost": ("all",), "state": "not graded"}
    return [
        Kind("wrong file name", renamed, repaired={"file-name"}),
        Kind("Windows paths", windows, repaired={"paths", "encoding"}),
        Kind("saved as UTF-16", encoded("utf-16"), repaired={"encoding"}),
        Kind("saved as cp1252", encoded("cp1252"), repaired={"encoding"}),
        Kind("notebook format 3", old),
        Kind("truncated JSON", lambda m: [Handed(text_of(m.solved()).encode()[:-2000])],
             flags={"broken-json"}, **gone),
        Kind("no notebook", lambda m: zipped({"essay.docx": b"PK.."}),
             flags={"no-notebook"}, **gone),
        Kind("broken archive", lambda m: [Handed(b"PK\x03\x04 not whole", ".zip")],
             flags={"broken-archive", "no-notebook"}, **gone),
        Kind("way out of the archive", lambda m: zipped(
            {f"../../../{name}": text_of(m.solved()).encode()}), repaired={"paths"}),
    ]  # fmt: skip


def hostile(maker: Maker) -> list[Kind]:
    """Bad ideas: each must fail, and must not hurt anybody else."""
    lost, suspect = both(maker, 0), {"suspicious"}
    caught = {"suspicious", "recheck-failed"}
    source, gradebook = maker.secrets

    def tampers(code: str):  # noqa: ANN202
        return lambda m: handed(m.with_body(WRONG, extra=code))

    def adds(code: str):  # noqa: ANN202
        return lambda m: handed(m.with_cell(code))

    checks = "lessons_lib.classroom"
    hook = (
        "def skip(lines):\n    return ['pass\\n'] if '_check(' in ''.join(lines) else lines\n\n\n"
        "get_ipython().input_transformers_post.append(skip)"
    )
    peek = (
        "import sys\n\nframe = sys._getframe()\nwhile frame and len(first) > 100:\n"
        "    known = frame.f_locals\n    if 'pattern' in known:\n"
        "        return known['sensor'].prnu * known['pattern'].std()\n"
        "    frame = frame.f_back\nreturn 0"
    )
    steal = (
        f"import json\n\ntry:\n    text = open({str(source)!r}).read()\n"
        "    cells = json.loads(text)['cells']\n"
        f"    exec([''.join(c['source']) for c in cells if '{maker.head(maker.first)}' in "
        "''.join(c['source'])][0])\n"
        "except OSError:\n    print('not there')"
    )
    sql = (
        f"import sqlite3\n\ntry:\n    book = sqlite3.connect({str(gradebook)!r})\n"
        "    book.execute('UPDATE grade SET manual_score = 999')\n    book.commit()\n"
        "except Exception as error:\n    print(error)"
    )
    fetch = (
        "import socket\n\nfor place in (('1.1.1.1', 53), ('127.0.0.1', 22)):\n    try:\n"
        "        socket.create_connection(place, 3).close()\n        print('OUT')\n"
        "    except OSError as error:\n        print(error)"
    )
    forks = (
        "import os, time\n\nfor _ in range(2000):\n    try:\n        if os.fork() == 0:\n"
        "            time.sleep(3)\n            os._exit(0)\n    except OSError as error:\n"
        "        print(error)\n        break\n"
        "try:\n    while True:\n        os.wait()\nexcept ChildProcessError:\n    pass"
    )
    fill = (
        "try:\n    with open('/tmp/big', 'wb') as file:\n        for _ in range(5000):\n"
        "            file.write(bytes(2**20))\nexcept OSError as error:\n    print(error)"
    )
    wipe = (
        "import shutil, lessons_lib\n\nshutil.rmtree(list(lessons_lib.__path__)[0], True)\n"
        "shutil.rmtree('/home', True)\nopen('/tmp/x', 'w').close()"
    )
    outside = (
        "for place in ('/etc/mine', '../../mine', '/usr/mine', '/home/mine'):\n    try:\n"
        "        open(place, 'w').write('mine')\n        print('OUT', place)\n"
        "    except OSError as error:\n        print(error)"
    )
    parent = "import os\ntry:\n    os.kill(os.getppid(), 9)\nexcept OSError:\n    pass"
    return [
        Kind("patches numpy", tampers("np.isfinite = np.isclose = np.allclose = lambda *a, **k: "
             f"np.True_\nimport {checks}.assignments.{maker.release_name} as judges\n"
             "judges.near = lambda *a, **k: True\njudges.expect = lambda *a: None"), lost, caught),
        Kind("patches the library", tampers(f"import {checks}.assignments.judging as judging\n"
             "judging.judge_of = lambda *a: lambda *b: None"), lost, caught),
        Kind("an IPython hook", tampers(hook), lost, caught),
        Kind("peeks at the running test", lambda m: handed(m.with_body(peek)), lost, caught),
        Kind("names the checks anew", tampers("def public_check(*a):\n    pass\n\n\n"
             "def hidden_check(*a):\n    pass"), lost, caught),
        Kind("reads the sources", lambda m: handed(steals(m, steal)), lost, suspect),
        Kind("opens the gradebook", adds(sql), flags=suspect),
        Kind("uses the network", adds(fetch), flags=suspect),
        Kind("kills its parent", lambda m: handed(m.before_return(parent)), flags=suspect),
        Kind("a thousand processes", adds(forks), flags=suspect),
        Kind("fills the disk", adds(fill), flags=suspect),
        Kind("wipes the library", adds(wipe), flags=suspect),
        Kind("writes outside", adds(outside), flags=suspect),
        Kind("a script for the reader", lambda m: handed(with_script(m))),
        Kind("reads the class seed", adds("import os\n\nprint(os.environ)"), flags=suspect),
    ]  # fmt: skip


SCRIPT = "<script>document.title = 'mine'</script><img src=x onerror='alert(1)'>"


def with_script(maker: Maker) -> nbformat.NotebookNode:
    """Return a solved notebook that tries to run something where its feedback is read."""
    book = maker.with_cell(f"from IPython.display import HTML\n\nHTML({SCRIPT!r})")
    book.cells.append(nbformat.v4.new_markdown_cell(f"My thoughts {SCRIPT}"))
    return book


def steals(maker: Maker, code: str) -> nbformat.NotebookNode:
    """Return a notebook that answers with what it finds in the sources, or else wrongly."""
    book = maker.with_body(WRONG)
    cell = cell_of(book, f"{maker.first}-answer")
    cell.source += f"\n\n{code}\n"
    return book
