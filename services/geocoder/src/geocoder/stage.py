"""The geocoder: the name of the place where an asset was taken."""

from collections.abc import Sequence

from photo_factory.geocoding import GEOCODE_VERSION
from photo_factory.models import Asset, Location
from photo_factory.stage import Context, Done, Skipped, Stage

from geocoder.naming import Named, name_all
from geocoder.queries import record

NOWHERE = Skipped("its coordinates are not on Earth")
UNNAMED = Skipped("nothing is known of its coordinates")


def process(asset: Asset, context: Context) -> Done[Named] | Skipped:
    """Look one asset's location up."""
    return process_many([asset], context)[0]


def process_many(assets: Sequence[Asset], context: Context) -> list[Done[Named] | Skipped]:
    """Look locations up, all at once. The data is loaded in the child process alone."""
    from geocoder.gazetteer import find_many  # noqa: PLC0415 - see above

    points = {
        place: (asset.location.latitude, asset.location.longitude)
        for place, asset in enumerate(assets)
        if asset.location is not None and _is_on_earth(asset.location)
    }
    found = find_many(list(points.values()))
    named = dict(zip(points, name_all(found, context.settings.language), strict=True))
    return [_outcome(asset, named.get(place)) for place, asset in enumerate(assets)]


def _is_on_earth(location: Location) -> bool:
    return -90 <= location.latitude <= 90 and -180 <= location.longitude <= 180  # noqa: PLR2004 - degrees


def _outcome(asset: Asset, named: Named | None) -> Done[Named] | Skipped:
    if named is not None:
        return Done(named)
    if asset.location is None:
        return Skipped("it has no coordinates")
    return UNNAMED if _is_on_earth(asset.location) else NOWHERE


STAGE = Stage(
    name="geocoder",
    flag="is_geocoded",
    process=process,
    process_many=process_many,
    record=record,
    version=GEOCODE_VERSION,
    parallel=1,
    batch_size=1024,
    chunk_size=256,
    time_limit_seconds=30,
    memory_limit_bytes=4 << 30,
)
