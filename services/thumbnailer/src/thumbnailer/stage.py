"""The thumbnailer: thumbnail, preview and web picture of every asset, from one decode."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_factory.models import Asset
from photo_factory.stage import Context, Done, Publication, Skipped, Stage

from thumbnailer.queries import Derivative, Pictures, record

if TYPE_CHECKING:
    from PIL import Image

VERSION = 1
MEMORY_LIMIT_BYTES = 6 << 30
"""Address space, of which decoders reserve far more than they use."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of derivative: its box in pixels and its format."""

    name: str
    edge: int
    format: str


KINDS = (Kind("web", 2048, "JPEG"), Kind("preview", 1440, "JPEG"), Kind("thumb", 256, "WEBP"))
"""From large to small: each is made from the one before."""
SUFFIXES = {"JPEG": "jpg", "WEBP": "webp"}


def process(asset: Asset, context: Context) -> Done[Pictures] | Skipped:
    """Make all kinds of one asset. The decoders are imported in the child process alone."""
    from PIL import Image  # noqa: PLC0415 - see above

    from thumbnailer.pictures import decode_picture  # noqa: PLC0415 - see above
    from thumbnailer.placeholder import thumbhash  # noqa: PLC0415 - see above

    path = context.original(asset)
    if asset.media_type == "video":
        from thumbnailer.videos import decode_poster  # noqa: PLC0415 - see above

        engine, image = "pyav", decode_poster(path, asset)
    else:
        engine, image = "pillow", decode_picture(path, asset)
    if image is None:
        return Skipped("there is no picture in it, only sound")
    image.info = {}  # no metadata goes into a derivative
    derivatives, files = [], []
    for kind in KINDS:
        image.thumbnail((kind.edge, kind.edge), Image.Resampling.LANCZOS, reducing_gap=None)
        made = context.scratch / f"{kind.name}.{SUFFIXES[kind.format]}"
        _save(image, made, kind, context)
        target = f"{kind.name}/{asset.sha256[:2]}/{asset.sha256}{made.suffix}"
        derivatives.append(_derivative(kind, target, image.size, made, engine))
        files.append(Publication(made, target))
    return Done(Pictures(tuple(derivatives), thumbhash(image)), tuple(files))


def _save(image: "Image.Image", path: Path, kind: Kind, context: Context) -> None:
    if kind.format == "WEBP":
        image.save(path, "WEBP", quality=context.settings.webp_quality, method=2)
    else:
        quality = context.settings.jpeg_quality
        image.save(path, "JPEG", quality=quality, progressive=kind.name == "web")


def _derivative(
    kind: Kind, target: str, size: tuple[int, int], made: Path, engine: str
) -> Derivative:
    mime_type = f"image/{kind.format.lower()}"
    size_bytes = made.stat().st_size
    return Derivative(kind.name, target, mime_type, *size, size_bytes, engine, VERSION)


STAGE = Stage(
    name="thumbnailer",
    flag="is_thumbnailed",
    process=process,
    record=record,
    roots=("library", "derivatives"),
    version=VERSION,
    batch_size=8,
    time_limit_seconds=120,
    memory_limit_bytes=MEMORY_LIMIT_BYTES,
)
