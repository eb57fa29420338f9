"""What the geocoder and the commands that correct its work must agree upon."""

GEOCODE_VERSION = 2
"""Version of the rules and of the offline data; kept with each asset that was named by them.

Raised with either, so that `photo-factory redo geocoder --outdated` finds what is older.
"""

USER = "user"
"""Source of places that a person has given, and `geocoded_by` of the assets that have one."""

ZONE = "zone"
"""Source of the places that stand for privacy zones, and `geocoded_by` of the assets in them."""

PROVIDERS = ("nominatim", "photon", "opencage", "google", "here")
"""Who can be asked online, if the geocoder is set to; see PF_ONLINE_PROVIDER."""
