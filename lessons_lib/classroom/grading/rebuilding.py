"""The preflight: an assignment's own form, filled with what a student wrote.

Locked cells come from the form, answers from the submission, found by nbgrader's name, by the
cell's id, or by the function that they define. So no change of metadata, order or type can make
a grade go lost, and each is reported.
"""

from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lessons_lib.classroom.grading.findings import Finding
from lessons_lib.classroom.grading.form import Form, FormCell, first_function, metadata_of


@dataclass
class Filling:
    """Which cells of a submission belong to which cells of the form, while they are matched.

    Attributes
    ----------
    matched : dict
        Number of a form's cell to the submission's cells that belong there.
    extra : dict
        Number of a form's cell to the cells that stand after it and belong nowhere; -1 is the top.
    findings : list of Finding
        What was repaired and what was seen.
    """

    matched: dict[int, list[NotebookNode]] = field(default_factory=dict)
    extra: dict[int, list[NotebookNode]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def repaired(self, code: str, words: str) -> None:
        """Remember something that was put right."""
        self.findings.append(Finding(code, words, flag=False))

    def flagged(self, code: str, words: str) -> None:
        """Remember something that a person should look at."""
        self.findings.append(Finding(code, words))


def rebuild(book: NotebookNode, form: Form) -> tuple[NotebookNode, list[Finding]]:
    """Return the notebook to grade, and what was repaired or seen.

    Parameters
    ----------
    book : NotebookNode
        As :func:`~lessons_lib.classroom.grading.reading.read_notebook` returns it.
    form : Form
        The assignment's own cells.
    """
    filling = match(book, form)
    cells = [_free(cell) for cell in filling.extra.get(-1, [])]
    for number, place in enumerate(form.cells):
        cells.append(_filled(place, filling.matched.get(number, []), filling))
        cells += [_free(cell) for cell in filling.extra.get(number, [])]
    _look_for_second_definitions(cells, form, filling)
    graded = new_notebook(cells=cells, metadata=form.metadata)
    graded.nbformat_minor = 5
    return graded, filling.findings


def match(book: NotebookNode, form: Form) -> Filling:
    """Find the place of each cell of a submission."""
    filling, last, lost = Filling(), -1, 0
    for cell in book.cells:
        number, way = _place(cell, form, taken=filling.matched)
        if number is None:
            filling.extra.setdefault(last, []).append(cell)
            continue
        if way != "name" and form.cells[number].grade_id:
            lost += 1
        filling.matched.setdefault(number, []).append(cell)
        last = max(last, number)
    lost += _find_texts(form, filling)
    if lost:
        filling.repaired("metadata", f"{lost} cells had lost nbgrader's metadata")
    return filling


def _find_texts(form: Form, filling: Filling) -> int:
    """Take a lone text cell after a question's prompt for the written answer that is missing."""
    found = 0
    for number, place in enumerate(form.cells):
        if place.role != "written" or number in filling.matched:
            continue
        after = filling.extra.get(number - 1, [])
        texts = [cell for cell in after if cell.cell_type == "markdown"]
        if len(texts) == 1:
            filling.matched[number] = texts
            filling.extra[number - 1] = [cell for cell in after if cell is not texts[0]]
            found += 1
    return found


def _place(cell: NotebookNode, form: Form, taken: dict) -> tuple[int | None, str]:
    """Say to which cell of the form a cell belongs, and how that was found out."""
    name = metadata_of(cell).get("grade_id")
    for number, place in enumerate(form.cells):
        if name and place.grade_id == name:
            return number, "name"
    for number, place in enumerate(form.cells):
        if cell.id and place.cell.get("id") == cell.id:
            return number, "id"
    function = first_function(cell.source) if cell.cell_type != "markdown" else ""
    alike = [
        number for number, place in enumerate(form.cells)
        if place.cell.source.strip() == cell.source.strip()
        or (place.role == "answer" and function and place.function == function)
    ]  # fmt: skip
    # Two locked cells may hold the same; a second copy of one is dropped, not graded.
    alike.sort(key=lambda number: number in taken)
    found = [n for n in alike if n not in taken or form.cells[n].locked]
    return (found[0], "content") if found else (None, "")


def _filled(place: FormCell, came: list[NotebookNode], filling: Filling) -> NotebookNode:
    """Return a cell of the form with the student's text in it, if it is one to fill."""
    if place.locked:
        return _locked(place, came, filling)
    cell = NotebookNode(place.cell | {"metadata": place.cell.metadata.copy()})
    if not came:
        filling.flagged("missing-cell", f"{place.grade_id} was deleted; it counts as unanswered")
        return cell
    stub = place.cell.source.strip()
    written = [one for one in came if one.source.strip() != stub]
    chosen = (written or came)[-1]
    if len({one.source.strip() for one in written}) > 1:
        words = f"{place.grade_id} came {len(came)} times with different content; the last counts"
        filling.flagged("duplicate-cell", words)
    elif len(came) > 1:
        filling.repaired("duplicate-cell", f"{place.grade_id} came {len(came)} times")
    if chosen.cell_type != cell.cell_type:
        words = f"{place.grade_id} was a {chosen.cell_type} cell instead of {cell.cell_type}"
        filling.flagged("cell-type", words)
    if not written:
        filling.repaired("unanswered", f"{place.grade_id} is not answered")
    elif not chosen.source.strip():
        filling.flagged("empty-cell", f"{place.grade_id} was emptied")
    cell.source = chosen.source
    return cell


def _locked(place: FormCell, came: list[NotebookNode], filling: Filling) -> NotebookNode:
    """Return a locked cell as it was handed out, and say what had been done to it."""
    name = place.grade_id or place.cell.source.strip().split("\n")[0][:40]
    if len(came) > 1:
        filling.repaired("duplicate-cell", f"{name} came {len(came)} times")
    if place.role == "free":  # text and pictures: whoever changes them changes no grade
        return place.cell
    if not came:
        filling.flagged("missing-cell", f"{name} was deleted; it was put back")
    elif any(one.source.strip() != place.cell.source.strip() for one in came):
        filling.flagged("changed-locked", f"{name} was changed; the original was put back")
    elif came[0].cell_type != place.cell.cell_type:
        filling.flagged("cell-type", f"{name} was a {came[0].cell_type} cell; it was put right")
    return place.cell


def _free(cell: NotebookNode) -> NotebookNode:
    """Return a student's own cell without outputs and metadata."""
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return make(cell.source)


def _look_for_second_definitions(cells: list[NotebookNode], form: Form, filling: Filling) -> None:
    """Flag an answer that is also defined in a cell of the student's own."""
    asked = {place.function for place in form.cells if place.function}
    for cell in cells:
        if cell.cell_type == "code" and not metadata_of(cell):
            name = first_function(cell.source)
            if name in asked:
                filling.flagged("second-definition", f"{name} is also defined in another cell")
