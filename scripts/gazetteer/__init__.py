"""Makes the geocoder's data file from locked packages; not part of any image."""
