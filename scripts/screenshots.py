"""Every page as a picture: both languages, light and dark, wide and phone.

    python scripts/screenshots.py [--data demo|real] [--out var/screens] [page …]

Start-up and waiting are those of the browser tests. `--readme` renews the picture in the README.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dashboard.settings import settings  # noqa: E402
from dashboard.start import free_port, prepare  # noqa: E402
from scripts.provide_browser import FLAGS, chromium  # noqa: E402

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[a-z]*.py"))
HEIGHTS = {1440: 1900, 390: 4200}


def _serve() -> tuple[subprocess.Popen[bytes], str]:
    port = free_port(8901)
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/livez", timeout=1).close()
            return process, address
        except OSError:
            time.sleep(0.1)
    process.terminate()
    sys.exit("The server did not answer.")


def picture(browser: Browser, url: str, to: Path, width: int, theme: str, height: int = 0) -> None:
    """One page as a PNG, after everything is drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": height or HEIGHTS[width]},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(url)
    state = "[data-testid='stApp'][data-test-script-state='notRunning']"
    page.locator("h1").first.wait_for(timeout=60_000)
    page.wait_for_timeout(300)
    page.locator(state).wait_for(state="attached", timeout=60_000)
    while page.locator("[data-testid='stSkeleton']").count():
        page.wait_for_timeout(100)
    page.wait_for_timeout(1_200)  # charts fade in
    page.screenshot(path=str(to))
    context.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="demo")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "screens")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("pages", nargs="*", default=PAGES)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chromium()
    os.environ["STAYLINE_DATA"] = chosen.data
    prepare(settings())
    server, address = _serve()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            if chosen.readme:
                to = ROOT / "docs" / "overview.png"
                to.parent.mkdir(exist_ok=True)
                picture(browser, f"{address}/?language=zh", to, 1440, "light", 1180)
                return
            for page, language, theme, width in itertools.product(
                chosen.pages, ("zh", "en"), ("light", "dark"), HEIGHTS
            ):
                place = "" if page == "overview" else page
                to = chosen.out / f"{page}_{language}_{theme}_{width}.png"
                picture(browser, f"{address}/{place}?language={language}", to, width, theme)
                print(to.relative_to(ROOT) if to.is_relative_to(ROOT) else to)
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
