"""Somebody who has a keyboard and nothing else: walks by Tab, and must see where they are."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import CDPSession

from tests.support.browser import Person

# No page of these may need more presses of Tab than this.
LONGEST_WALK = 150
LONGEST_LIST = 60
# Whether the focused element can be told from its neighbours, and can be seen at all.
IS_SEEN = """() => {
  const at = document.activeElement;
  // Between the last and the first one there is the browser's own frame.
  if (at === document.body) return true;
  const style = getComputedStyle(at);
  const opaque = (colour) => !/^rgba\\(.*, 0\\)$|^transparent$/.test(colour);
  const hasOutline = style.outlineStyle === "auto"
    || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
      && opaque(style.outlineColor);
  const hasShadow = style.boxShadow.split(/,(?![^(]*\\))/).some((shadow) => {
    const [, colour, lengths] = shadow.match(/(rgba?\\([^)]*\\)) ([^a-z]*px.*)/) || [];
    return colour && opaque(colour) && lengths.split(" ").some((each) => parseFloat(each) > 0);
  });
  const box = at.getBoundingClientRect();
  const isOnScreen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth;
  const middle = (least, most, end) => (Math.max(least, 0) + Math.min(most, end - 1)) / 2;
  const above = document.elementFromPoint(
    middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  const isCovered = above !== null && !above.contains(at) && !at.contains(above);
  return isOnScreen && !isCovered && (hasOutline || hasShadow);
}"""


@dataclass
class Hands:
    """The hands of a person, on the keyboard."""

    person: Person
    cdp: CDPSession

    @classmethod
    def of(cls, person: Person) -> Hands:
        """Put a person's hands on the keyboard."""
        return cls(person, person.context.new_cdp_session(person.page))

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.person.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where one is."""
        self.person.page.keyboard.type(text)

    # --- where one is

    def name(self) -> str:
        """Return the accessible name of what has the focus, as the browser computes it."""
        found = self.cdp.send("Runtime.evaluate", {"expression": "document.activeElement"})
        wanted = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        node = self.cdp.send("Accessibility.getPartialAXTree", wanted)["nodes"][0]
        return " ".join(str(node.get("name", {}).get("value", "")).split())

    def value(self) -> str:
        """Return what is typed or chosen where one is, in words."""
        return str(
            self.person.page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.selectedOptions ? at.selectedOptions[0].label : at.value; }"
            )
        )

    def is_on(self, selector: str) -> bool:
        """Return whether what has the focus matches a selector."""
        return bool(self.person.page.evaluate("at => document.activeElement.matches(at)", selector))

    def is_seen(self) -> bool:
        """Return whether it can be seen where the focus is."""
        return bool(self.person.page.evaluate(IS_SEEN))

    # --- going

    def walk(self, name: str, kind: str = "*") -> None:
        """Press Tab until one is at what has this name, or begins with it, and is of a kind."""
        passed = []
        for _ in range(LONGEST_WALK):
            self.press("Tab")
            passed.append(self.name())
            assert self.is_seen(), f"nobody sees that the focus is at {passed[-1]!r}: {self.where}"
            is_named = passed[-1] == name or passed[-1].startswith((f"{name} ", f"{name}:"))
            if is_named and self.is_on(kind):
                return
        raise AssertionError(f"Tab does not lead to {name!r} on {self.where}: {passed}")

    @property
    def where(self) -> str:
        """The page, for messages."""
        return self.person.page.url

    def go(self, name: str, key: str = "Enter") -> None:
        """Walk to something and press it."""
        self.walk(name)
        self.press(key)

    def follow(self, name: str, heading: str) -> None:
        """Walk to something that leads to another page, and press it."""
        self.walk(name, "a, button")
        self.enter(heading)

    def enter(self, heading: str) -> None:
        """Press Enter where one is, and wait for the page to which it leads."""
        with self.person.page.expect_navigation():
            self.press("Enter")
        self.person.sees(heading)

    def write(self, name: str, text: str) -> None:
        """Walk to a field and type into it, in place of what is there."""
        self.walk(name)
        self.press("Control+A")
        self.type(text)

    def choose(self, name: str, option: str) -> None:
        """Walk to a list and choose from it with the arrows."""
        self.walk(name)
        for _ in range(LONGEST_LIST):
            if self.value() == option:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} has no {option!r} on {self.where}")

    def turn_to(self, name: str) -> None:
        """Go on with the arrows among radio buttons, to the one of this name."""
        for _ in range(LONGEST_LIST):
            if self.name().startswith(name):
                return
            self.press("ArrowDown")
        raise AssertionError(f"there is no {name!r} on {self.where}")
