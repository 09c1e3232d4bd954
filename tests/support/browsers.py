"""A real browser: Debian's chromium without its windows, which costs a quarter less, driven by Playwright."""

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

WITHOUT = [
    # What Playwright does without: chromium heeds the last list only.
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]  # fmt: skip
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(WITHOUT)}",
    "--font-render-hinting=none",  # Words as wide as with windows.
]  # fmt: skip
PATIENCE = 120_000  # milliseconds: only a fault takes so long, whatever else the machine does
PICTURES = Path(__file__).parents[2] / "var" / "screenshots"
FAILED = pytest.StashKey[bool]()
OFFICER = {
    "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "viewport": {"width": 1280, "height": 800},
    "reduced_motion": "reduce",  # What is half faded in has no colour to judge.
}  # fmt: skip
PHONE = {"viewport": {"width": 375, "height": 720}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}

NewContext = Callable[..., BrowserContext]
NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once per test process; its contexts share nothing."""
    program = shutil.which("chromium-headless-shell")
    assert program, "The browser is missing: `make test` installs it, or apt-get install chromium-headless-shell."
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[NewContext]:
    """Opens browsers of different people: `new_context(**playwright's options)`; Vietnamese, in Việt Nam's time.

    A test that fails leaves pictures of its pages in `var/screenshots/`. One that passes fails after all when a page
    had a fault: a script's exception, a resource that the content security policy refused.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(**options: object) -> BrowserContext:
        context = chromium.new_context(**(OFFICER | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: faults.extend(fault_in(message)))
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_one
    failed = request.node.stash.get(FAILED, False)
    for number, context in enumerate(contexts):
        if failed:
            take_pictures(context, f"{request.node.nodeid}-{number}")
        context.close()
    assert failed or not faults, f"Pages had faults: {faults}"


@pytest.fixture
def new_page(new_context: NewContext) -> NewPage:
    """Opens a page in a browser of its own: `new_page(base_url=…)`."""
    return lambda **options: new_context(**options).new_page()


@pytest.fixture
def new_phone(new_page: NewPage) -> NewPage:
    """Opens a page on a small telephone (375 × 720)."""
    return lambda **options: new_page(**(PHONE | options))


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page in a browser of its own."""
    return new_page()


@contextmanager
def leaving(page: Page) -> Iterator[None]:
    """What is done within leads to another page, which is there with its scripts when this ends.

    A click returns before that, and at once where a script sends a form: the old page would be looked at.
    """
    with page.expect_navigation():
        yield


def fault_in(message: ConsoleMessage) -> list[str]:
    """The fault that a console message tells of; a status code or a lost line is for the test to judge."""
    judged = message.type != "error" or message.text.startswith("Failed to load resource")
    return [] if judged else [message.text]


def take_pictures(context: BrowserContext, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(context.pages):
        path = PICTURES / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}-{number}.png"
        try:
            page.screenshot(path=path, full_page=True)
        except Error as error:  # A page that crashed has no picture, and must not hide why the test failed.
            path.with_suffix(".txt").write_text(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures whether the test failed, before they are torn down."""
    report = yield
    if report.when in ("setup", "call") and report.failed:
        item.stash[FAILED] = True
    return report
