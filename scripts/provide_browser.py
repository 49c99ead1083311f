"""Make Chromium and a Chinese font available for browser tests; says what it did in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# A sandbox of its own is not to be had as root; the rest keeps it from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Path of Playwright's own Chromium, or else of the system's; None if there is neither."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next((path for name in SYSTEM_NAMES if (path := shutil.which(name))), None)


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return sys.platform == "darwin"
    listed = subprocess.run([lister, ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _install_with_playwright() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _install_with_apt(*packages: str) -> None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            [*quiet, *arguments], env=environment, stdout=subprocess.DEVNULL, check=False
        )


def main() -> None:
    """Install what is missing, by Playwright or by the system's package manager."""
    path = chromium()
    if path is None and not _install_with_playwright():
        _install_with_apt("chromium")
    if not _has_chinese_font():
        _install_with_apt("fonts-noto-cjk", "fontconfig")
    path = chromium()
    if path is None:
        sys.exit(
            "No Chromium: run `.venv/bin/python -m playwright install chromium`, or install the "
            "package chromium with your system's package manager."
        )
    font = "with" if _has_chinese_font() else "WITHOUT"
    print(f"Browser for the tests: {path}, {font} a Chinese font")


if __name__ == "__main__":
    main()
