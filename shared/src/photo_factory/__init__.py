"""What every service of Photo Factory shares: the stage engine, storage, settings and status."""

from importlib.metadata import version

__version__ = version("photo-factory-shared")
