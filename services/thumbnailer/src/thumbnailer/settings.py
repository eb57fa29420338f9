"""What can be set about the thumbnailer."""

from typing import Annotated

from photo_factory.settings import Settings
from pydantic import Field


class ThumbnailerSettings(Settings):
    """The common settings and the thumbnailer's own."""

    jpeg_quality: Annotated[int, Field(ge=40, le=95)] = Field(
        80, description="Quality of previews and web pictures, 40 (small) to 95 (large)."
    )
    webp_quality: Annotated[int, Field(ge=40, le=95)] = Field(
        80, description="Quality of thumbnails, 40 (small) to 95 (large)."
    )
