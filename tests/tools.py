"""The programs that tests run."""

import shutil
import sys
from pathlib import Path

KCNN = Path(sys.executable).with_name("kcnn")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
