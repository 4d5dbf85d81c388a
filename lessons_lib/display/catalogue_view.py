"""What every widget with a denoiser and its strength has in common."""

from collections.abc import Mapping

from lessons_lib.denoisers import Denoiser, Entry
from lessons_lib.display import view
from lessons_lib.display.jobs import Job


class CatalogueView(view.CanvasView):
    """A view on one denoiser of a catalogue: ``state`` has ``denoiser`` and ``strength``.

    Parameters
    ----------
    title : str
        Accessible name of the widget.
    catalogue : mapping
        The denoisers on offer.
    state : mapping
        Where all controls start, without ``strength``.

    Raises
    ------
    ValueError
        For a denoiser that is not in the catalogue, with the list of those that are.
    """

    def __init__(
        self, title: str, catalogue: Mapping[str, Entry], state: Mapping[str, object]
    ) -> None:
        super().__init__(title=title)
        self.catalogue = dict(catalogue)
        self._job = Job(self.broke)
        if state["denoiser"] not in self.catalogue:
            raise ValueError(
                f"there is no denoiser {state['denoiser']!r}; "
                f"choose one of {', '.join(self.catalogue)}"
            )
        self.state = dict(state)
        self.push(strength=self.entry.default)

    @property
    def entry(self) -> Entry:
        """The catalogue's line for the denoiser that is chosen."""
        return self.catalogue[self.state["denoiser"]]

    @property
    def denoiser(self) -> Denoiser:
        """The denoiser at its present strength."""
        return self.entry.build(self.state["strength"])

    def denoiser_controls(self) -> list[dict]:
        """The drop-down list of denoisers, and the slider of the one that is chosen."""
        return [
            view.choice("denoiser", "denoiser", list(self.catalogue)),
            view.slider("strength", self.entry.label, self.entry.span),
        ]

    def begin(self, source: str) -> None:
        """Drop the running job; a newly chosen denoiser starts at its default strength."""
        self._job.cancel()
        self.progress = -1.0
        if source == "denoiser":
            self.push(strength=self.entry.default)
