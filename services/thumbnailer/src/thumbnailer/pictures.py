"""Decodes pictures once, upright and in sRGB, no larger than the largest derivative needs."""

import errno
import io
import struct
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from photo_factory.errors import Permanent, Transient
from photo_factory.models import Asset
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # `refuse_too_large` sets the limit, before anything is decoded

LARGEST_EDGE = 2048
LEAST_EDGE = 1800
"""JPEG decodes at 1/2, 1/4 or 1/8 almost for free: so much of the largest edge is enough."""
MOST_PIXELS = 300_000_000
"""Phones make 200 megapixels; what is larger is more likely an attack on the memory."""
GROUND = (238, 238, 238)
"""What shows through where a picture is transparent."""
SRGB = ImageCms.createProfile("sRGB")
DECODERS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/heic": ("HEIF",),
    "image/heic-sequence": ("HEIF",),
    "image/heif": ("HEIF", "AVIF"),
    "image/avif": ("AVIF",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/tiff": ("TIFF",),
    "image/bmp": ("BMP",),
    "image/jp2": ("JPEG2000",),
}
"""The only decoders of Pillow that are tried on each type."""
DECODING_ERRORS = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, struct.error)
"""What Pillow and its plugins raise on bytes that make no sense."""
DISK_ERRORS = {errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


def decode_picture(path: Path, asset: Asset) -> Image.Image:
    """The picture in RGB, upright, in sRGB, at most LARGEST_EDGE pixels wide and high.

    Raises:
        Permanent: format_unsupported, image_too_large or image_damaged.
        Transient: original_unreadable.
    """
    if asset.mime_type not in DECODERS:
        code = "format_unsupported"
        hint = f"{asset.path}: no decoder for {asset.mime_type} yet. "
        raise Permanent(code, hint + "The original is safe; it has no thumbnail.")
    # Pillow gets no file name: it would map uncompressed TIFFs, and turn them wrongly then.
    try:
        with path.open("rb") as file:
            return _decode(file, asset)
    except DECODING_ERRORS as error:
        refuse_unreadable(error, asset)
        reason = "no decoder knows it" if isinstance(error, UnidentifiedImageError) else error
        code = "image_damaged"
        hint = f"{asset.path}: the picture cannot be decoded ({reason}). The original is kept."
        raise Permanent(code, hint) from error


def _decode(file: BinaryIO, asset: Asset) -> Image.Image:
    """Shrink first and do everything else on the small picture: it takes a third of the time."""
    with Image.open(file, formats=DECODERS[asset.mime_type]) as image:
        refuse_too_large(image.size, asset)
        _decode_reduced(image)
        small = _with_plain_pixels(image)
        small.thumbnail((LARGEST_EDGE, LARGEST_EDGE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(small)
        return _on_ground(_to_srgb(upright, image.info.get("icc_profile")))


def refuse_too_large(size: tuple[int, int], asset: Asset) -> None:
    """Raise Permanent for more pixels than memory should be spent on."""
    width, height = size
    if width * height > MOST_PIXELS:
        code = "image_too_large"
        hint = (
            f"{asset.path}: {width} x {height} pixels are more than the limit of "
            f"{MOST_PIXELS // 1_000_000} megapixels. The original is safe; it has no thumbnail."
        )
        raise Permanent(code, hint)


def refuse_unreadable(error: Exception, asset: Asset) -> None:
    """Raise what is the fault of the disk or the memory and not of the original's content."""
    if isinstance(error, FileNotFoundError | MemoryError):
        raise error
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        code = "original_unreadable"
        raise Transient(code, f"{asset.path}: the original cannot be read: {error}") from error


def _decode_reduced(image: Image.Image) -> None:
    """Let a JPEG be decoded at the smallest scale that leaves LEAST_EDGE on its longer side.

    Pillow goes by the side that has less to spare; so both must be asked for in proportion.
    """
    longest = max(image.size)
    width, height = (max(1, edge * LEAST_EDGE // longest) for edge in image.size)
    image.draft(None, (width, height))


def _with_plain_pixels(image: Image.Image) -> Image.Image:
    """Modes that resampling and colour conversion can work with."""
    if image.mode.startswith("I"):
        wide = image.convert("I")
        return wide.point(lambda value: value / 257 + 0.5).convert("L")
    if image.mode in {"1", "F"}:
        return image.convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    image.load()
    return image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert through the embedded profile; a profile that is damaged counts as none."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = image.convert("RGB") if alpha is not None else image
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(plain, source, SRGB, outputMode="RGB")
            plain = converted if converted is not None else plain
        except (ImageCms.PyCMSError, OSError, ValueError):
            plain = plain.convert("RGB")
    plain = plain.convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    return plain


def _on_ground(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, (*GROUND, 255))
    return Image.alpha_composite(ground, image).convert("RGB")
