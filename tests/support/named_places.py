"""Places as the geocoder names them, for tests of what is done with them."""

import json

from geocoder.naming import Named, Place

ITALY = Place(
    source="geonames",
    source_id="3175395",
    level="country",
    name="Italy",
    region=None,
    country="Italy",
    country_code="IT",
    latitude=None,
    longitude=None,
    data_version="1",
    names=json.dumps({"en": "Italy", "de": "Italien", "it": "Italia", "und": "Italia"}),
    code="IT",
)
LAZIO = ITALY._replace(
    source_id="3174976",
    level="region",
    name="Lazio",
    names=json.dumps({"de": "Latium", "und": "Lazio"}),
    code="IT-62",
    parent=ITALY.key,
)
ROME = LAZIO._replace(
    source_id="3169070",
    level="city",
    name="Rome",
    region="Lazio",
    latitude=41.89193,
    longitude=12.51133,
    names=json.dumps({"en": "Rome", "de": "Rom", "und": "Roma"}),
    code=None,
    timezone="Europe/Rome",
    parent=LAZIO.key,
)
TRASTEVERE = ROME._replace(
    source_id="3165322",
    level="suburb",
    name="Trastevere",
    region="Rome",
    latitude=41.88827,
    longitude=12.46635,
    names=json.dumps({"und": "Trastevere"}),
    parent=ROME.key,
)
ALGERIA = ITALY._replace(
    source_id="2589581",
    name="Algeria",
    country="Algeria",
    country_code="DZ",
    names=json.dumps({"und": "Algeria"}),
    code="DZ",
)

IN_TRASTEVERE = Named((ITALY, LAZIO, ROME, TRASTEVERE), "in", 0.4)
IN_ROME = Named((ITALY, LAZIO, ROME), "in", 1.5)
IN_ALGERIA = Named((ALGERIA,), "country", None)
AT_SEA = Named((), "sea", None)
