"""A sandbox for each test, and one browser for the tests of a file."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page

from tests.chromium import chromium, tab
from tests.sandbox.control_fixtures import Caller, running_sandbox
from tests.sandbox.page_fixtures import at_desk


@pytest_asyncio.fixture(loop_scope="module")
async def caller() -> AsyncIterator[Caller]:
    async with running_sandbox() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def only_page() -> AsyncIterator[Page]:
    async with chromium() as browser, tab(browser) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def page(only_page: Page, caller: Caller) -> AsyncIterator[Page]:
    async with at_desk(only_page, caller) as there:
        yield there
