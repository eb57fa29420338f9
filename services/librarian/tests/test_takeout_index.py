import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from librarian.takeout.archives import open_parts
from librarian.takeout.index import Album, Index
from librarian.takeout.matching import NO_MEDIUM
from takeout_trees import ROOT, TakeoutTree, TreeMaker, make_tree

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def tree() -> TakeoutTree:
    return make_tree()


def build(*paths: Path) -> Index:
    return Index.build(open_parts(paths), lambda: None)


def as_folder(tree: TakeoutTree, folder: Path) -> list[Path]:
    return [tree.write_folder(folder / "unpacked")]


def as_zips(tree: TakeoutTree, folder: Path) -> list[Path]:
    parts = tree.write_zips(folder, 5)
    random.Random(4).shuffle(parts)  # noqa: S311 - any order will do
    return parts


def as_zips_in_a_folder(tree: TakeoutTree, folder: Path) -> list[Path]:
    tree.write_zips(folder)
    return [folder]


def as_tgzs(tree: TakeoutTree, folder: Path) -> list[Path]:
    return tree.write_tgzs(folder)[::-1]


def as_a_mixture(tree: TakeoutTree, folder: Path) -> list[Path]:
    """Parts that were unpacked into folders of their own, and one that was not."""
    first, *others = tree.write_zips(folder, 3)
    for number, part in enumerate(others):
        with zipfile.ZipFile(part) as archive:
            archive.extractall(folder / f"unpacked {number}")
        part.unlink()
    return [folder / "unpacked 1", first, folder / "unpacked 0"]


@pytest.mark.parametrize("write", [as_folder, as_zips, as_zips_in_a_folder, as_tgzs, as_a_mixture])
def test_a_takeout_with_every_quirk_is_understood_in_every_form(
    tmp_path: Path, tree: TakeoutTree, write: Callable[[TakeoutTree, Path], list[Path]]
) -> None:
    with build(*write(tree, tmp_path)) as index:
        found = {path: index.note_for(path) for path in index.media}
        taken = {path: index.tags_for(path).get("Takeout:PhotoTakenTime") for path in index.media}
    assert {path: note and note[0] for path, note in found.items()} == {
        path: truth.note for path, truth in tree.media.items()
    }
    assert all(tree.files[note[0]] == note[1] for note in found.values() if note)
    assert taken == {path: truth.taken for path, truth in tree.media.items()}
    assert index.unmatched_media.keys() == {p for p, one in tree.media.items() if one.note is None}
    assert index.unmatched_notes.keys() == tree.unmatched_notes
    assert {album.folder: album.title for album in index.albums} == tree.albums
    assert all(set(one.media) == tree.members_of(one.folder) for one in index.albums)
    described = {album.folder: album.description for album in index.albums if album.description}
    assert described == tree.descriptions
    assert index.trashed == tree.trashed
    assert (index.faults, index.missing, index.other) == ([], (), 1)


def test_a_missing_part_is_named_and_what_waits_for_it_is_listed(
    tmp_path: Path, tree: TakeoutTree
) -> None:
    parts = tree.write_zips(tmp_path, 3)
    parts[1].unlink()
    with build(tmp_path) as index:
        assert index.missing == (parts[1].name,)
        right = {path: tree.media[path].note for path in index.media}
        for path in index.media:
            note = index.note_for(path)
            assert note is None or note[0] == right[path] or not _is_here(right[path], index)
        assert NO_MEDIUM in index.unmatched_notes.values()


def _is_here(path: str | None, index: Index) -> bool:
    used = {note[0] for one in index.media if (note := index.note_for(one))}
    return path in index.unmatched_notes or path in used


def test_a_part_that_comes_later_is_matched_with_what_was_seen_before(
    tmp_path: Path, tree: TakeoutTree
) -> None:
    first, second = tree.write_zips(tmp_path, 2)
    with build(first) as index:
        media = list(index.media)
        notes = [note for path in media if (note := index.note_for(path))]
        notes += list(index.unmatched_note_bodies())
        albums = {album.folder for album in index.albums}
    with Index.build(
        open_parts([second]), lambda: None, known_media=media, known_notes=notes
    ) as index:
        found = {path: index.note_for(path) for path in index.media}
    assert {path: note and note[0] for path, note in found.items()} == {
        path: truth.note for path, truth in tree.media.items()
    }
    assert albums <= {album.folder for album in index.albums}


def one_photo(maker: TreeMaker, folder: str) -> str:
    return maker.photo("a.jpg", "a photo", folder=folder)


def write(maker: TreeMaker, folder: Path) -> Path:
    return maker.tree.write_folder(folder)


def test_a_photo_in_googles_trash_or_archive_has_its_tag(tmp_path: Path) -> None:
    maker = TreeMaker()
    thrown, kept = one_photo(maker, "Trash"), one_photo(maker, "Archiv")
    with build(write(maker, tmp_path)) as index:
        assert index.tags_for(thrown)["Takeout:Trashed"] is True
        assert index.tags_for(kept)["Takeout:Archived"] is True
        assert index.albums == ()


def test_a_photo_without_json_has_no_tags(tmp_path: Path) -> None:
    maker = TreeMaker()
    path = maker.medium("Photos from 2019", "a.jpg", None, "alone")
    with build(write(maker, tmp_path)) as index:
        assert index.tags_for(path) == {}
        assert index.note_for(path) is None
        assert index.tags_for("unknown") == {}


@pytest.mark.parametrize(
    "folder",
    [
        "Photos from 2019",
        "Fotos von 2019",
        "Fotos de 2019",
        "Fotos del 2019",
        "Foto's uit 2019",
        "Zdjęcia z 2019",
        "Фото за 2019",
        "2019年の写真",
        "2019-06-08",
        "2019-06-08 #2",
    ],
)
def test_the_folder_of_a_year_or_day_is_no_album(tmp_path: Path, folder: str) -> None:
    maker = TreeMaker()
    one_photo(maker, folder)
    with build(write(maker, tmp_path)) as index:
        assert index.albums == ()


def test_year_folders_in_an_unknown_language_are_told_by_what_they_hold(tmp_path: Path) -> None:
    maker = TreeMaker()
    for year in (2017, 2018, 2019):
        path, _ = maker.note(
            f"รูปภาพจาก {year}",
            "a.jpg.json",
            "a.jpg",
            photoTakenTime={"timestamp": str((year - 1970) * 31_557_600 + 9_000_000)},
        )
        maker.medium(f"รูปภาพจาก {year}", "a.jpg", (path, 0), "of a year")
    one_photo(maker, "เที่ยว 2019")
    with build(write(maker, tmp_path)) as index:
        assert [album.title for album in index.albums] == ["เที่ยว 2019"]


def test_photos_of_other_services_make_no_albums(tmp_path: Path) -> None:
    maker = TreeMaker()
    one_photo(maker, "Photos from 2019")
    maker.tree.files["Takeout/Drive/Work/scan.jpg"] = b"scan"
    with build(write(maker, tmp_path)) as index:
        assert index.albums == ()
        assert "Takeout/Drive/Work/scan.jpg" in index.unmatched_media


def test_json_of_other_services_is_nobodys_concern(tmp_path: Path) -> None:
    maker = TreeMaker()
    one_photo(maker, "Photos from 2019")
    maker.tree.files["Takeout/Location History/Records.json"] = b"[" * (5 << 20)
    maker.tree.files["Takeout/Keep/Shopping.json"] = b'{"textContent": "milk"}'
    maker.tree.files[f"{ROOT}/print-subscriptions.json"] = b"{}"
    with build(write(maker, tmp_path)) as index:
        assert (index.faults, index.unmatched_notes, index.other) == ([], {}, 3)


def test_two_accounts_with_the_same_names_are_kept_apart(tmp_path: Path) -> None:
    for account in (1, 2):
        maker = TreeMaker()
        if account == 2:
            maker.note("elsewhere", "b.json", "b")
        maker.album("Paris", "metadata.json", "Paris!")
        one_photo(maker, "Paris")
        folder = tmp_path / str(account)
        folder.mkdir()
        (part,) = maker.tree.write_zips(folder, 1)
        part.rename(tmp_path / f"takeout-2024010{account}T000000Z-001.zip")
        folder.rmdir()
    with build(tmp_path) as index:
        times = {path: index.tags_for(path)["Takeout:PhotoTakenTime"] for path in index.media}
        assert len(times) == len(set(times.values())) == 2
        assert [album.title for album in index.albums] == ["Paris!", "Paris!"]


def test_two_albums_of_one_title_stay_two(tmp_path: Path) -> None:
    maker = TreeMaker()
    for folder in ("Paris", "Paris(1)"):
        maker.album(folder, "metadata.json", "Paris")
        one_photo(maker, folder)
    with build(write(maker, tmp_path)) as index:
        assert index.albums == tuple(
            Album(f"{ROOT}/{folder}", "Paris", "", (f"{ROOT}/{folder}/a.jpg",))
            for folder in ("Paris", "Paris(1)")
        )


def test_a_huge_json_is_not_read_and_the_rest_goes_on(tmp_path: Path) -> None:
    maker = TreeMaker()
    path = one_photo(maker, "Photos from 2019")
    maker.tree.files[f"{ROOT}/Photos from 2019/huge.jpg.json"] = b"[" * (5 << 20)
    with build(*maker.tree.write_zips(tmp_path, 1)) as index:
        assert [fault.code for fault in index.faults] == ["note_too_large"]
        assert index.note_for(path) is not None


def test_a_json_that_lies_in_a_damaged_place_is_a_fault(tmp_path: Path) -> None:
    maker = TreeMaker()
    path = one_photo(maker, "Photos from 2019")
    (part,) = maker.tree.write_zips(tmp_path, 1)
    content = bytearray(part.read_bytes())
    note = maker.tree.media[path].note
    assert note is not None
    content[content.index(note.encode()) + len(note) + 5] ^= 0xFF
    part.write_bytes(content)
    with build(part) as index:
        assert [(fault.path, fault.code) for fault in index.faults] == [(note, "member_damaged")]
        assert list(index.unmatched_media) == [path]


def test_someone_is_told_with_each_member_that_this_goes_on(
    tmp_path: Path, tree: TakeoutTree
) -> None:
    calls = []
    parts = open_parts(tree.write_zips(tmp_path))
    Index.build(parts, lambda: calls.append(1)).close()
    assert len(calls) == len(tree.files)


def test_the_title_in_the_json_matches_names_in_macos_form(tmp_path: Path) -> None:
    title = "Zoe\u0308" * 18 + ".jpg"
    folder = tmp_path / ROOT / "Photos from 2019"
    folder.mkdir(parents=True)
    (folder / ("Zoe\u0308" * 11 + "Z.jpg")).write_bytes(b"")
    body = {"title": title, "photoTakenTime": {"timestamp": "1560000000"}}
    (folder / ("Zoe\u0308" * 11 + ".json")).write_text(json.dumps(body))
    with build(tmp_path) as index:
        assert index.unmatched_media == {}
        assert index.unmatched_notes == {}
