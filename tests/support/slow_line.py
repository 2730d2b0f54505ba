"""What a page costs on a slow line: bytes with an empty cache, and time until it can be read."""

from __future__ import annotations

from playwright.sync_api import CDPSession

from tests.support.browser import Person

LATENCY_MS = 400
BITS_A_SECOND = 400_000
SLOW = {
    "offline": False,
    "latency": LATENCY_MS,
    "downloadThroughput": BITS_A_SECOND / 8,
    "uploadThroughput": BITS_A_SECOND / 8,
}
# True once the heading and the first tile of the desk are painted as the style sheet says.
IS_READABLE = """() => {
  const seen = (at) => at && at.getBoundingClientRect().height > 0;
  const tile = document.querySelector(".tiles .tile");
  return seen(document.querySelector("h1")) && seen(tile)
    && getComputedStyle(tile.closest("ul")).listStyleType === "none"
    && performance.getEntriesByName("first-contentful-paint").length > 0
    && performance.now();
}"""


def without_cache(person: Person) -> CDPSession:
    """Let a browser keep nothing of what it fetches."""
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return session


def bytes_of_first_load(person: Person, path: str) -> int:
    """Return how many bytes come over the line until a page is there, with all that it needs."""
    session, loaded = without_cache(person), []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    person.goes(path)
    assert person.page.url.endswith(path), f"{path} leads to {person.page.url}"
    session.detach()
    return int(sum(loaded))


def seconds_until_readable(person: Person, path: str) -> float:
    """Return how long it takes on a slow line until the desk can be read."""
    session = without_cache(person)
    session.send("Network.emulateNetworkConditions", SLOW)
    person.page.goto(f"{person.origin}{path}", wait_until="commit")
    found = person.page.wait_for_function(IS_READABLE, polling="raf")
    session.detach()
    return float(found.json_value()) / 1000
