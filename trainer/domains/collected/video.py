"""`video`: clips as frames of codes of our frozen VQ-VAE; a token is a code, frame after frame."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import ImageSequence

from trainer.domains.base import require
from trainer.domains.collected.base import Material
from trainer.domains.collected.coded import Coded
from trainer.domains.material.codec import codec
from trainer.domains.material.files import TESTED, SourceFiles, UnreadableData, digest_of, files_of, held_out
from trainer.domains.material.tiles import Pixels, on_white, opened
from trainer.files import content_of

PLAIN = (".gif", ".webp", ".png", ".apng")
CODED = (".mp4", ".webm", ".mkv", ".mov", ".avi", ".ogv", ".m4v")
MOST_FRAMES = 3000
WIDTH = 320
"""Clips are scaled to so many pixels across where they are wider."""


class Video(Coded, frozen=True, tag="video", kw_only=True):
    """Every stretch of `frames` frames, a multiple of `apart` after another, in every tile of pixels×pixels.

    Clips are held out whole where they are many, else the last tenth of each: no frame is in both. What is no GIF,
    WebP, APNG or .npy (frames, height, width, 3) needs ffmpeg.
    """

    frames: int = 4
    apart: int = 2
    """Frames of the clip from one of a sample to the next."""
    pixels: int = 32

    def __post_init__(self) -> None:
        require(
            self.frames >= 2 and self.apart >= 1,
            f"video: expected 2 frames or more, 1 apart or more, got {self.frames}, {self.apart}",
        )
        least = 2 * codec(self.codec).stride
        require(self.pixels % least == 0, f"video: expected pixels that {least} divides, got {self.pixels}")

    @property
    def layout(self) -> tuple[int, ...]:
        return (self.frames, self.side, self.side)

    def collect(self) -> Material:
        files = files_of(self.source, (*PLAIN, *CODED, ".npy"))
        clips = [self._frames(path) for path in files.paths]
        names = [files.name(path) for path in files.paths]
        whole = held_out([len(c) for c in clips], names)
        if whole is None:
            cuts = [len(c) - max(self.span, round(TESTED * len(c))) for c in clips]
            parts = [(c[:cut], c[cut:]) for c, cut in zip(clips, cuts, strict=True)]
        else:
            parts = [(c[:0], c) if i in whole else (c, c[:0]) for i, c in enumerate(clips)]
        train, test = (np.concatenate([self._samples(part) for part in side]) for side in zip(*parts, strict=True))
        return Material(
            train=train,
            test=test,
            unique_tokens=train.size,
            digest=f"{digest_of((files.name(path), content_of(path)) for path in files.paths)}-{codec(self.codec).digest}",
            about=self._about(files),
            licence=files.licence,
            split="held out: the last tenth of each clip"
            if whole is None
            else f"held out: {len(whole)} of {len(names)} clips",
        )

    @property
    def span(self) -> int:
        """Frames of the clip that a sample reaches over."""
        return (self.frames - 1) * self.apart + 1

    def _about(self, files: SourceFiles) -> str:
        return f"{files.about}, {self.frames} frames {self.apart} apart in tiles of {self.pixels}×{self.pixels}, as codes of {self.codec}"

    def _frames(self, path: Path) -> Pixels:
        """Codes of the tiles of every frame, (frames, tiles, codes)."""
        pixels = clip(path)
        rows, columns = pixels.shape[1] // self.pixels, pixels.shape[2] // self.pixels
        if len(pixels) < 2 * self.span or not rows or not columns:
            shape = f"{len(pixels)} of {pixels.shape[2]}×{pixels.shape[1]}"
            raise UnreadableData(
                f"{path}: expected at least {2 * self.span} frames of {self.pixels}×{self.pixels} pixels or more, got {shape}"
            )
        whole_tiles = pixels[:, : rows * self.pixels, : columns * self.pixels]
        cut = (
            whole_tiles.reshape(len(whole_tiles), rows, self.pixels, columns, self.pixels, 3)
            .swapaxes(2, 3)
            .reshape(-1, self.pixels, self.pixels, 3)
        )
        codes: Pixels = codec(self.codec).encoded(cut).astype(np.uint8).reshape(len(whole_tiles), rows * columns, -1)
        return codes

    def _samples(self, codes: Pixels) -> Pixels:
        """(samples, frames·codes): from every frame on, in every tile."""
        starts = range(max(0, len(codes) - self.span + 1))
        samples = [codes[start : start + self.span : self.apart].swapaxes(0, 1) for start in starts]
        return np.concatenate(samples).reshape(-1, self.length) if samples else np.empty((0, self.length), np.uint8)


def clip(path: Path) -> Pixels:
    """The frames of a clip, (frames, height, width, 3).

    Raises:
        UnreadableData: it is cut short or of another kind, or ffmpeg is needed and not there.
    """
    if path.suffix == ".npy":
        return _array(path)
    return _coded(path) if path.suffix in CODED else _plain(path)


def _array(path: Path) -> Pixels:
    try:
        frames: Pixels = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UnreadableData(f"{path}: expected an array as numpy.save writes it, got {error}") from None
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise UnreadableData(
            f"{path}: expected uint8 of shape (frames, height, width, 3), got {frames.dtype} {frames.shape}"
        )
    return frames[:MOST_FRAMES]


def _plain(path: Path) -> Pixels:
    with opened(path) as image:
        return np.stack(
            [
                np.asarray(on_white(frame))
                for frame, _ in zip(ImageSequence.Iterator(image), range(MOST_FRAMES), strict=False)
            ]
        )


def _coded(path: Path) -> Pixels:
    program = shutil.which("ffmpeg")
    if program is None:
        raise UnreadableData(
            f"{path}: this kind of clip needs ffmpeg: apt install ffmpeg, or give GIF, WebP, APNG or .npy (frames, height, width, 3)"
        )
    size = _run([program.replace("ffmpeg", "ffprobe"), *PROBE, str(path)], path).decode().strip().split(",")
    width, height = (int(part) for part in size[:2])
    if width > WIDTH:
        width, height = WIDTH, round(height * WIDTH / width)
    raw = _run(
        [program, *DECODE, "-i", str(path), "-frames:v", str(MOST_FRAMES), "-vf", f"scale={width}:{height}", *RAW], path
    )
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


PROBE = ("-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0")
DECODE = ("-v", "error", "-xerror", "-nostdin")
RAW = ("-pix_fmt", "rgb24", "-f", "rawvideo", "-")


def _run(command: Sequence[str], path: Path) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - ffmpeg on a file the user named
    if done.returncode or not done.stdout:
        messages = done.stderr.decode(errors="replace").strip().splitlines()
        raise UnreadableData(
            f"{path}: expected a clip that is whole, got {messages[-1] if messages else 'no frames'}: take it out of the folder"
        )
    return done.stdout
