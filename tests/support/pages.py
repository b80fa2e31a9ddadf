"""A page as a browser would take it in: what it would fetch, and what it would run."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Collects the text, every attribute that names something to fetch, and every element that could run."""

    FETCHING = frozenset({"src", "href", "xlink:href", "srcset", "data", "action", "poster", "background"})
    RUNNING = frozenset({"script", "iframe", "object", "embed", "img", "link", "base", "form"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.fetched: list[str] = []
        self.run: list[str] = []
        self.titles: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.run += [tag] if tag in self.RUNNING else []
        self.run += [name for name, _ in attrs if name.startswith("on")]
        self.fetched += [value or "" for name, value in attrs if name in self.FETCHING]

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._inside == "h2":
            self.titles.append(data)


def is_quiet(text: str) -> bool:
    """Whether a page fetches nothing, runs nothing, and names no address at all."""
    page = Page(text)
    inside = all(place.startswith("#") for place in page.fetched)
    return (
        inside
        and not page.run
        and "://" not in text
        and "@import" not in text
        and "url(" not in text.replace("url(#", "")
    )
