"""Pages in headless Chromium: what a script finds there, without a network."""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
NO_CHROMIUM = "no Chromium is installed, which lays pages out"
_ROOTS = [
    *os.environ.get("NODE_PATH", "").split(os.pathsep),
    *(str(folder / "node_modules") for folder in Path(__file__).resolve().parents),
    *("/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share/nodejs"),
]
AXE = next(
    (path for root in _ROOTS if root and (path := Path(root) / "axe-core/axe.min.js").is_file()),
    None,
)
NO_AXE = "axe-core is not installed: npm install -g axe-core, or name its folder in NODE_PATH"
_FOUND = re.compile(r'<pre id="found">(.*?)</pre>', re.DOTALL)
_SHOW = """
function show(found) {
  var pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = JSON.stringify(found);
  document.body.appendChild(pre);
}
"""


def found_in(page: str, script: str, width: int, folder: Path) -> Any:
    """What a script calls `show` with, once a page is laid out at a width."""
    assert CHROMIUM is not None
    scripts = f"<script>{_SHOW}</script><script>{script}</script>"
    (folder / "looked-at.html").write_text(page.replace("</body>", f"{scripts}</body>"))
    done = subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}",
            *(f"--window-size={width},900", "--virtual-time-budget=20000"),
            (folder / "looked-at.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=240,
    )
    found = _FOUND.search(done.stdout)
    assert found is not None, done.stderr[-2000:]
    return json.loads(unescape(found[1]))


def in_the_dark(page: str) -> str:
    """A page as it is where dark colors are preferred."""
    dark = page.replace("@media screen and (prefers-color-scheme: dark)", "@media screen")
    assert dark != page
    return dark
