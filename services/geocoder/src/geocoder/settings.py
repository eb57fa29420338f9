"""The geocoder's settings."""

from pydantic import Field

from geocoder.online.settings import OnlineSettings


class GeocoderSettings(OnlineSettings):
    """What names are written in, and who may be asked for better ones."""

    language: str = Field(
        "en",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$",
        description="Language of the names of places, such as de or pt-BR. Where a place has no "
        "name in it, the name that is used there.",
    )
