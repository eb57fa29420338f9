"""What keeps coordinates of privacy zones out of an export. Pure."""

from cli.export.queries import Asset
from cli.export.tags import Recipe, is_embeddable

REFUSAL = (
    "lies in a privacy zone, and a plain copy would carry its coordinates: "
    "give --strip, or --keep-coordinates"
)
STUBBORN = (
    "lies in a privacy zone, and coordinates cannot safely be taken out of its type: "
    "only --keep-coordinates exports it"
)
PLACES = (
    "GPS:all",
    *("XMP-exif:GPS*", "XMP-iptcExt:LocationCreated*", "XMP-iptcExt:LocationShown*"),
    *("XMP-photoshop:City", "XMP-photoshop:State", "XMP-photoshop:Country"),
    *("XMP-iptcCore:Location", "XMP-iptcCore:CountryCode"),
    *("IPTC:City", "IPTC:Sub-location", "IPTC:Province-State", "IPTC:Country-Primary*"),
)
"""Where photos and sidecars say where they were taken."""
FILM_PLACES = (
    *("Keys:GPSCoordinates", "UserData:GPSCoordinates", "ItemList:GPSCoordinates"),
    *("UserData:LocationInformation", "Keys:LocationName", "Keys:LocationAccuracyHorizontal"),
)


def is_strippable(asset: Asset) -> bool:
    """Whether its copies can be rid of coordinates; the film in a motion photo has its own."""
    return is_embeddable(asset) and not asset.has_embedded_video


def stripped(recipe: Recipe) -> Recipe:
    """The recipe, which also takes out all that tells of a place."""
    return Recipe(recipe.tags, (*recipe.removed, *PLACES, *FILM_PLACES))
