"""The geocoder: the name of the place where an asset was taken."""

from photo_factory.models import Asset
from photo_factory.stage import Context, Done, Skipped, Stage

from geocoder.queries import Place, record


def process(asset: Asset, context: Context) -> Done[Place] | Skipped:  # noqa: ARG001 - a stage's form
    """Look the asset's location up. The data is loaded in the child process alone."""
    from geocoder.gazetteer import gazetteer  # noqa: PLC0415 - see above

    location = asset.location
    if location is None:
        return Skipped("it has no coordinates")
    if not (-90 <= location.latitude <= 90 and -180 <= location.longitude <= 180):  # noqa: PLR2004 - degrees
        return Skipped("its coordinates are not on Earth")
    place = gazetteer().find(location)
    return Skipped("at sea, or far from any country") if place is None else Done(place)


STAGE = Stage(
    name="geocoder",
    flag="is_geocoded",
    process=process,
    record=record,
    parallel=1,
    batch_size=256,
    chunk_size=256,
    time_limit_seconds=30,
    memory_limit_bytes=4 << 30,
)
