"""What a look at a page finds wrong: what axe complains of, and what is wider than the window."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def find_faults(page: Page, name: str, rules: dict = ALL_RULES) -> list[str]:
    """Return what is wrong with the page as it stands, each beginning with its name."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    response = Axe().run(page, options=options).response
    complaints = [
        f"{name}: {violation['id']} {violation['nodes'][0]['html'][:200]}"
        for violation in response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return complaints + ([f"{name}: {wide} px too wide"] if wide > 0 else [])
