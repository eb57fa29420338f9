"""Asks an online provider for a place, within its rules and the family's privacy.

Off unless a provider is set, and even then only what a person has asked for is sent: nothing but
`geocoder.refining` may import this package, and it works through geocode_requests alone.
"""

from geocoder.online.answers import Answer, Later, Unavailable
from geocoder.online.geocoder import OnlineGeocoder
from geocoder.online.settings import OnlineSettings

__all__ = ["Answer", "Later", "OnlineGeocoder", "OnlineSettings", "Unavailable"]
