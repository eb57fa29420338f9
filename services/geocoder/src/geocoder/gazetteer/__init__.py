"""Names the place of a point offline: data in a compact file, polygons for the borders.

Data and licences: see LICENCE.md beside this module.
"""

from geocoder.gazetteer.engine import Gazetteer, find_many, gazetteer
from geocoder.gazetteer.model import Found, Level

__all__ = ["Found", "Gazetteer", "Level", "find_many", "gazetteer"]
