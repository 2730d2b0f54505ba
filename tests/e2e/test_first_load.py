"""What a browser with an empty cache has to fetch: a slow line must do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from protocol.limits import KIB
from tests.e2e.pages import BE, GR, Offices, enters
from tests.support.slow_line import bytes_of_first_load

pytestmark = pytest.mark.thorough

MOST_BYTES = 150 * KIB
# With the id of a case, of a referral, or of nothing behind each.
OF_A_CASE = ("/cases/", "/refer/", "/refer-what/", "/edit/children/", "/found/")
OF_A_REFERRAL = ("/referrals/", "/audit/evidence/")
PAGES = (
    "/", "/cases", "/new-case", "/referrals", "/peers", "/figures", "/audit", "/audit/accesses",
    "/own", "/people", "/node", "/approvals", "/help",
)  # fmt: skip


def test_no_page_is_heavy_on_first_load(browser: Browser, offices: Offices) -> None:
    boss = enters(browser, offices, BE, "supervisor")
    case_id = boss.opens_case("Petra", "Zwaar")
    leg = boss.refers(case_id, GR, "Have you seen her?")
    boss.chooses(case_id, GR, "Have you seen her?")
    paths = [
        *PAGES,
        *(f"{path}{case_id}" for path in OF_A_CASE),
        *(f"{path}{leg}" for path in OF_A_REFERRAL),
    ]
    loads = {path: bytes_of_first_load(boss, path) for path in paths}
    assert {path: load for path, load in loads.items() if load > MOST_BYTES} == {}
    # Each begins anew: style sheets and scripts are fetched again.
    assert min(loads.values()) > 20 * KIB
    boss.context.close()
