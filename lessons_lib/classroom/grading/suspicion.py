"""A look at a submission's text for what no answer needs: it decides nothing, a person looks."""

import ast
import re

from lessons_lib.classroom.grading.findings import Finding
from lessons_lib.classroom.grading.form import Form

WORDS = {
    "looks at other frames or objects": r"\b(_getframe|currentframe|gc\.get_|f_globals|f_locals)",
    "talks to IPython": r"\b(get_ipython|set_custom_exc|InteractiveShell)\b",
    "uses the checks' own parts": r"\b(lessons_lib\.classroom|judging|QUESTIONS|hidden_check)\b",
    "names the gradebook or the sources": r"(gradebook|sqlite|nbgrader|/source/|HIDDEN TESTS)",
    "uses the network": r"\b(socket|urllib|requests|http\.client)\b",
    "starts or stops processes": r"\b(os\.(_exit|kill|fork|system|popen)"
    r"|subprocess|multiprocessing|signal|ctypes)\b",
    "reads the environment": r"(os\.environ|getenv|/proc/)",
    "opens files": r"\b(open\(|(read|write)_(text|bytes)|shutil|rmtree|unlink\()",
    "waits for input": r"\binput\(",
}


def suspicions(cells: list[str], form: Form) -> list[Finding]:
    """Return a finding for each kind of thing that a student's own code cells contain.

    Parameters
    ----------
    cells : list of str
        The sources of the student's answers and own cells.
    form : Form
        Whose setup cell says what is imported anyway.
    """
    text = "\n".join(cells)
    seen = [words for words, pattern in WORDS.items() if re.search(pattern, text)]
    for cell in cells:
        seen += _tampering(cell, form)
    return [Finding("suspicious", f"the code {words}") for words in dict.fromkeys(seen)]


def _tampering(cell: str, form: Form) -> list[str]:
    """Name assignments to attributes of modules, and imports from the course's library."""
    try:
        nodes = list(ast.walk(ast.parse(cell)))
    except (SyntaxError, ValueError, RecursionError):
        return []
    modules = {"np", "numpy", "builtins", "sys", "os"} | _imported(form.setup()) | _imported(cell)
    found = []
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            base = ast.unparse(node.value)
            if base.split(".")[0] in modules:
                found.append(f"assigns to {base}.{node.attr}"[:80])
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            found.append("calls setattr")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lessons_lib"):
            names = ", ".join(each.name for each in node.names)
            found.append(f"imports {names} from {node.module}"[:80])
    return found


def _imported(source: str) -> set[str]:
    """Return the names that a cell's imports bind."""
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError):
        return set()
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {(each.asname or each.name).split(".")[0] for node in imports for each in node.names}
