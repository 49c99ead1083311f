"""A real server per installation and a real Chromium; every page must keep the console clean."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.provide_browser import FLAGS, chromium
from tests.conftest import Installation

ROOT = Path(__file__).parents[2]
PATIENCE = 60_000  # milliseconds; a shared machine can be slow, a hang must still end


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/livez", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serve(installation: Installation) -> Iterator[str]:
    """Run the app on a free port, as `make run` does; give its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    hidden = ("STAYLINE_CRM_URL", "STAYLINE_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    server = subprocess.Popen(
        [*command, "--server.port", str(port), "--logger.level", "error"],
        cwd=ROOT,
        env=environment | installation.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while not answers(address):
            assert server.poll() is None, server.stderr.read().decode() if server.stderr else ""
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which others may not see
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium; run scripts/provide_browser.py")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@dataclass
class Reader:
    """Somebody in front of a fresh browser; notes what the console and the network say."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def _console(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.complaints.append(str(getattr(message, "text", message)))

    def _request(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(url)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and everything is drawn."""
        self.page.wait_for_timeout(200)  # Streamlit bundles what follows a click for 150 ms
        app = "[data-testid='stApp'][data-test-connection-state='CONNECTED']"
        self.page.locator(app).wait_for(state="attached")
        quiet = "[data-testid='stApp'][data-test-script-state='notRunning']"
        self.page.locator(quiet).wait_for(state="attached")
        skeletons = self.page.locator("[data-testid='stSkeleton']")
        deadline = time.monotonic() + PATIENCE / 1000
        while skeletons.count() and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)

    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def text(self) -> str:
        return self.page.locator("[data-testid='stMain']").inner_text()


MakeReader = Callable[..., Reader]


@pytest.fixture
def reader(browser: Browser) -> Iterator[MakeReader]:
    """Make readers, each with a browser of their own that knows nothing of the others."""
    contexts = []

    def make(address: str, *, locale: str = "zh-CN", width: int = 1440):
        context = browser.new_context(
            viewport={"width": width, "height": 1000},
            locale=locale,
            color_scheme="light",
        )
        contexts.append(context)
        return Reader(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def demo_address(demo: Installation) -> Iterator[str]:
    with serve(demo) as address:
        yield address
