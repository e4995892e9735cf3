"""`python -m website FOLDER` writes the site into FOLDER, in place of what is there; `make docs` calls it."""

import sys
from pathlib import Path

from website.pages import write

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(f"{len(write(folder))} pages in {folder}; open {folder / 'index.html'}")
