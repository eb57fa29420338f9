"""Who is in a picture, and where."""

import pytest
from librarian.details.details import Person
from librarian.details.projection import project

pytestmark = pytest.mark.unit

Tags = dict[str, object]
MWG, WINDOWS = "XMP-mwg-rs:RegionInfo", "XMP-MP:RegionInfoMP"


def region(name: object = "Ann", kind: str = "Face", **other: object) -> Tags:
    area = {"X": 0.2, "Y": 0.3, "W": 0.1, "H": 0.4, "Unit": "normalized", **other}
    return {"Name": name, "Type": kind, "Area": area}


def mwg(*regions: Tags, size: tuple[int, int] | None = None) -> Tags:
    info: Tags = {"RegionList": list(regions)}
    if size is not None:
        info["AppliedToDimensions"] = {"W": size[0], "H": size[1], "Unit": "pixel"}
    return {MWG: info}


def windows(name: str, rectangle: object) -> Tags:
    return {WINDOWS: {"Regions": [{"PersonDisplayName": name, "Rectangle": rectangle}]}}


def people(tags: Tags, sidecar: Tags | None = None) -> tuple[Person, ...]:
    return project(tags, "photo", sidecar or {}).people


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (mwg(region()), [Person("Ann", "face", 0.2, 0.3, 0.1, 0.4)]),
        (mwg(region("Rex", "Pet")), [Person("Rex", "pet", 0.2, 0.3, 0.1, 0.4)]),
        (mwg(region(kind="")), [Person("Ann", "face", 0.2, 0.3, 0.1, 0.4)]),
        (mwg(region(kind="Focus"), region(kind="BarCode")), []),
        # Telephones mark faces that they do not know.
        (mwg(region(name=None), region(name=" ")), []),
        (mwg(region(X=1.5)), [Person("Ann", "face")]),
        (mwg(region(W=0)), [Person("Ann", "face")]),
        (mwg(region(H=None)), [Person("Ann", "face")]),
        (mwg(region(X="a")), [Person("Ann", "face")]),
        (
            mwg(region(X=20, Y=30, W=10, H=40, Unit="pixel"), size=(100, 100)),
            [Person("Ann", "face", 0.2, 0.3, 0.1, 0.4)],
        ),
        (mwg(region(X=20, Y=30, W=10, H=40, Unit="pixel")), [Person("Ann", "face")]),
        ({MWG: {"RegionList": region()}}, [Person("Ann", "face", 0.2, 0.3, 0.1, 0.4)]),
        (windows("Ann", "0.1, 0.2, 0.2, 0.4"), [Person("Ann", "face", 0.2, 0.4, 0.2, 0.4)]),
        (windows("Ann", "0.1, 0.2"), [Person("Ann", "face")]),
        (windows("Ann", None), [Person("Ann", "face")]),
        (windows("", "0.1, 0.2, 0.2, 0.4"), []),
        ({"XMP-iptcExt:PersonInImage": "Ann"}, [Person("Ann", "person")]),
        ({"XMP-iptcExt:PersonInImage": ["Ann", "Bob", "ann"]},
         [Person("Ann", "person"), Person("Bob", "person")]),
        ({MWG: "broken", WINDOWS: [1, 2]}, []),
        ({MWG: {"RegionList": [1, None, "x", {"Name": "Ann"}]}}, [Person("Ann", "face")]),
    ],
)  # fmt: skip
def test_people_are_read_in_all_schemas(tags: Tags, expected: list[Person]) -> None:
    assert list(people(tags)) == expected


def test_one_who_is_named_in_several_schemas_is_one_person() -> None:
    tags = {
        **mwg(region("Ann"), region("Bob", X=None)),
        **windows("bob", "0.5, 0.5, 0.1, 0.1"),
        "XMP-iptcExt:PersonInImage": ["ANN", "Bob", "Eve"],
    }
    assert people(tags) == (
        Person("Ann", "face", 0.2, 0.3, 0.1, 0.4),
        Person("bob", "face", 0.55, 0.55, 0.1, 0.1),
        Person("Eve", "person"),
    )


@pytest.mark.parametrize(
    ("orientation", "x", "y", "width", "height"),
    [
        (1, 0.2, 0.3, 0.1, 0.4),
        (2, 0.8, 0.3, 0.1, 0.4),
        (3, 0.8, 0.7, 0.1, 0.4),
        (4, 0.2, 0.7, 0.1, 0.4),
        (5, 0.3, 0.2, 0.4, 0.1),
        (6, 0.7, 0.2, 0.4, 0.1),
        (7, 0.7, 0.8, 0.4, 0.1),
        (8, 0.3, 0.8, 0.4, 0.1),
    ],
)
def test_areas_are_turned_as_the_picture_is(
    orientation: int, x: float, y: float, width: float, height: float
) -> None:
    turned: Tags = {
        "File:MIMEType": "image/jpeg",
        "IFD0:Orientation": orientation,
        "File:ImageWidth": 600,
        "File:ImageHeight": 400,
    }
    expected = (Person("Ann", "face", x, y, width, height),)
    assert people({**turned, **mwg(region(), size=(600, 400))}) == expected
    assert people(turned, mwg(region())) == expected
    assert people({**turned, **windows("Ann", "0.15, 0.1, 0.1, 0.4")}) == expected


def test_areas_that_were_marked_on_the_upright_picture_stay() -> None:
    tags: Tags = {
        "File:MIMEType": "image/jpeg",
        "IFD0:Orientation": 6,
        "Composite:ImageSize": "600 400",
        **mwg(region(), size=(400, 600)),
    }
    assert people(tags) == (Person("Ann", "face", 0.2, 0.3, 0.1, 0.4),)


def test_areas_in_heif_are_turned_by_its_own_rotation() -> None:
    tags: Tags = {
        "File:MIMEType": "image/heic",
        "IFD0:Orientation": 1,
        "QuickTime:Rotation": 270,
        "Composite:ImageSize": "600 400",
        **mwg(region(), size=(600, 400)),
    }
    assert people(tags) == (Person("Ann", "face", 0.7, 0.2, 0.4, 0.1),)
