"""Which files an export of one shot consists of, and how they are named. Pure."""

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import Literal

from photo_factory.storage import numbered

from cli.export.order import Making
from cli.export.privacy import REFUSAL, STUBBORN, is_strippable, stripped
from cli.export.queries import Asset, Sidecar
from cli.export.tags import Recipe, embedded_recipe, is_embeddable, sidecar_recipe

EDITION = 1
"""Raised when files are made in another way, so that earlier ones are made anew."""
INSTEAD = "a sidecar instead of tags in the copy"
UNREAD = "the stored sidecar as it is, for the librarian has not read it yet"
VERSION = re.compile(r"(?:_\d+)?")
Part = Literal["original", "sidecar"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A file of the export; equal to itself alone.

    Attributes:
        asset: The original that it belongs to.
        stem: Of its name.
        rest: What follows the stem; a number would stand between them.
        source: In the library; None for a sidecar that is made of nothing.
        sha256: Of the source.
        recipe: What is written into it; None for a plain copy.
        note: What a person should know of how it is made.
        refusal: Why it is not made at all.
    """

    asset: Asset
    part: Part
    stem: str
    rest: str
    source: str | None
    sha256: str | None
    size_bytes: int
    recipe: Recipe | None = None
    note: str | None = None
    refusal: str | None = None

    @property
    def recipe_key(self) -> str:
        """What tells files that were made differently apart; empty for a plain copy."""
        if self.recipe is None:
            return ""
        parts = [EDITION, self.sha256, self.recipe.tags, self.recipe.removed]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Shot:
    """Assets with one stem in one folder, such as IMG_1.CR2 and IMG_1.JPG; they stay together."""

    folder: str
    stem: str
    assets: tuple[Asset, ...]


def shots(assets: Iterable[Asset]) -> Iterator[Shot]:
    """Gather what stands next to one another."""
    for (folder, stem), members in groupby(assets, lambda one: (day_folder(one), _stem(one))):
        yield Shot(folder, stem, tuple(members))


def day_folder(asset: Asset) -> str:
    """Where the asset belongs: where it lies, unless the librarian has yet to move it."""
    if asset.is_astray:
        day = asset.captured_local.date().isoformat()
        return f"{day[:4]}/{day}"
    return str(PurePosixPath(asset.path).parent)


def plan(shot: Shot, making: Making) -> list[Piece]:
    """The files of a shot.

    With names by stem, several assets want one sidecar. The first RAW gets it, for the programs
    that use such names read it for RAW alone; the others' are named in full.
    """
    heir = next((one for one in shot.assets if not is_embeddable(one)), shot.assets[0])
    pieces = []
    for asset in shot.assets:
        is_stem = making.xmp_name == "stem" and asset is heir
        pieces += _pieces(asset, shot.stem, making, is_stem=is_stem)
    return pieces


def plain(piece: Piece, why: str) -> list[Piece]:
    """Instead of a copy that cannot be written: the copy as it is, and a sidecar."""
    copy = dataclasses.replace(piece, recipe=None, note=f"{INSTEAD}: {why}")
    return [copy, *_written(piece.asset, piece.stem, f"{piece.rest}.xmp")]


def stored_again(piece: Piece) -> list[Piece]:
    """Instead of a sidecar that cannot be made: the stored one that it was to begin with."""
    found = [one for one in piece.asset.sidecars if one.path == piece.source]
    return [_stored(piece.asset, piece.stem, one) for one in found]


def names(pieces: Sequence[Piece], number: int) -> list[str]:
    """Their names, with one number for all, none of them too long."""
    stems = {one.stem: [other.rest for other in pieces if other.stem == one.stem] for one in pieces}
    return [numbered(one.stem, one.rest, number, stems[one.stem]) for one in pieces]


def _stem(asset: Asset) -> str:
    return os.path.splitext(PurePosixPath(asset.path).name)[0]  # noqa: PTH122 - Path takes ".jpg" for a stem


def _pieces(asset: Asset, stem: str, making: Making, *, is_stem: bool) -> list[Piece]:
    name = PurePosixPath(asset.path).name
    rest = name.removeprefix(stem)
    if asset.is_private:
        return _private(asset, stem, making, ".xmp" if is_stem else f"{rest}.xmp")
    is_embedded = making.embed and is_embeddable(asset)
    recipe = embedded_recipe(asset) if is_embedded else None
    written: list[Piece] = []
    has_xmp = any(one.kind == "xmp" for one in asset.sidecars)
    if making.with_xmp or (making.embed and (has_xmp or not is_embedded)):
        written = _written(asset, stem, ".xmp" if is_stem else f"{rest}.xmp")
    is_beside = making.embed and not is_embedded and written
    copy = Piece(
        asset,
        "original",
        stem,
        rest,
        asset.path,
        asset.sha256,
        asset.size_bytes,
        recipe if recipe and recipe.tags else None,
        f"{INSTEAD}: its type is not written into" if is_beside else None,
    )
    used = {one.source for one in written}
    stored = [_stored(asset, stem, one) for one in asset.sidecars if one.path not in used]
    return [copy, *(_apart(one, stem, written) for one in stored), *written]


def _private(asset: Asset, stem: str, making: Making, xmp: str) -> list[Piece]:
    """Without coordinates: of other sidecars than XMP it is not known where they have theirs."""
    name = PurePosixPath(asset.path).name
    recipe: Recipe | None = None
    refusal: str | None = REFUSAL if is_strippable(asset) else STUBBORN
    if is_strippable(asset) and (making.embed or making.strip):
        recipe, refusal = stripped(embedded_recipe(asset) if making.embed else Recipe({})), None
    size, rest = asset.size_bytes, name.removeprefix(stem)
    copy = Piece(
        asset, "original", stem, rest, asset.path, asset.sha256, size, recipe, refusal=refusal
    )
    if refusal is not None:
        return [copy]
    written = _written(asset, stem, xmp) if making.with_xmp else []
    used = {one.source for one in written}
    stored = [one for one in asset.sidecars if one.kind == "xmp" and one.path not in used]
    beside = (_apart(_stored(asset, stem, one), stem, written) for one in stored)
    pieces = [*beside, *written]
    bare = [dataclasses.replace(one, recipe=stripped(one.recipe or Recipe({}))) for one in pieces]
    return [copy, *bare]


def _stored(asset: Asset, stem: str, sidecar: Sidecar) -> Piece:
    own, rest = _split(PurePosixPath(sidecar.path).name, stem)
    return Piece(asset, "sidecar", own, rest, sidecar.path, sidecar.sha256, sidecar.size_bytes)


def _split(name: str, stem: str) -> tuple[str, str]:
    """A sidecar's name as the stem of its shot, if it begins with that, and the rest."""
    if name.startswith(stem) and name != stem:
        return stem, name.removeprefix(stem)
    return os.path.splitext(name)  # noqa: PTH122 - Path takes ".xmp" for a stem


def _apart(piece: Piece, stem: str, written: Sequence[Piece]) -> Piece:
    """An older version under the name of the written sidecar takes the newest one's instead."""
    for one in written:
        if (one.stem, one.rest) == (piece.stem, piece.rest) and one.source is not None:
            own, rest = _split(PurePosixPath(one.source).name, stem)
            return dataclasses.replace(piece, stem=own, rest=rest)
    return piece


def _written(asset: Asset, stem: str, rest: str) -> list[Piece]:
    """An XMP sidecar, begun from the stored one so that all it holds besides is kept."""
    base = _base(asset, f"{stem}{rest}")
    if base is not None and not base.is_read:
        # What it says is in no row yet, and must not be written over.
        return [dataclasses.replace(_stored(asset, stem, base), note=UNREAD)]
    recipe = sidecar_recipe(asset, base)
    if base is not None:
        made = recipe if recipe.tags else None
        size_bytes = base.size_bytes
        return [Piece(asset, "sidecar", stem, rest, base.path, base.sha256, size_bytes, made)]
    return [Piece(asset, "sidecar", stem, rest, None, None, 0, recipe)] if recipe.tags else []


def _base(asset: Asset, name: str) -> Sidecar | None:
    """The stored XMP to begin with: of the same name, then one that names the photo; the newest."""
    stored = [one for one in asset.sidecars if one.kind == "xmp"]
    full = f"{PurePosixPath(asset.path).name}.xmp"

    def rank(one: Sidecar) -> tuple[bool, bool, int]:
        own = PurePosixPath(one.path).name
        return not _is_version(own, name), not _is_version(own, full), -one.id

    return min(stored, key=rank, default=None)


def _is_version(own: str, name: str) -> bool:
    """Whether a sidecar has a name, or that with the number of one that came later."""
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 - Path takes ".xmp" for a stem
    middle = own.lower().removeprefix(stem).removesuffix(suffix)
    is_alike = own.lower().startswith(stem) and own.lower().endswith(suffix)
    return is_alike and VERSION.fullmatch(middle) is not None
