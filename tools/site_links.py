"""Check a built site: every link inside it leads somewhere, nothing is taken from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches without being asked; a link that a reader may follow is no such thing.
LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")}


class Page(HTMLParser):
    """The addresses that a page names, what it loads, and the places that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.nameless: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what one tag names."""
        for name, value in attributes:
            if name in ("id", "name"):
                self.places.add(value or "")
            if (tag, name) in LOADED:
                self.loaded.append(value or "")
            elif name == "href":
                self.links.append(value or "")
        if tag == "img" and not dict(attributes).get("alt"):
            self.nameless.append(str(dict(attributes).get("src")))


def problems(folder: Path) -> list[str]:
    """Everything that is wrong with the pages below ``folder``, in words; empty if nothing is.

    Addresses on other servers are not visited: the site must build without a network.
    """
    files = [path.resolve() for path in folder.rglob("*.html")]
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in files}
    found = []
    for path, page in pages.items():
        where = path.relative_to(folder.resolve())
        for address in [*page.links, *page.loaded]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.loaded and parts.scheme != "data":
                    found.append(f"{where} loads {address} from another server; keep a copy")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{where} links to {address}, which is not there")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].places:
                    found.append(f"{where} links to {address}, a place that page does not have")
        found += [f"{where} shows {source} without alternative text" for source in page.nameless]
    return found
