"""People and programs at work in an inbox: new files, copies, files in writing, new names."""

import os
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from uuid import uuid4

from inbox_drops import AAE, XMP
from PIL import Image

NAMES = ("IMG_0001.JPG", "IMG_0002.jpg", "P1010001.JPG", "photo.jpeg", "DSC_7.JPG")
LONGEST_TAIL = 100_000
MOST_RECENT = 20


class BusyInbox:
    """Whoever uses an inbox, one step after the other.

    Args:
        root: The inbox.
        chance: Decides what is done.

    Attributes:
        contents: Hashes of all that must be kept.
        replaced: Hashes of what was replaced by another file, so that it may be kept or not.
    """

    def __init__(self, root: Path, chance: Random) -> None:
        self._root = root
        self._chance = chance
        self._recent: list[bytes] = []
        self._begun: dict[Path, tuple[int | None, bytes]] = {}
        self._versions = 0
        self.contents: set[str] = set()
        self.replaced: set[str] = set()

    def step(self) -> None:
        """Do one thing of many."""
        things = (self._drop, self._drop_again, self._drop_versions, self._begin)
        others = (self._finish_one, self._rename, self._replace, self._touch)
        self._chance.choices((*things, *others), (8, 3, 2, 2, 2, 2, 1, 1))[0]()

    def finish(self) -> None:
        """End what has begun."""
        while self._begun:
            self._finish_one()

    def _drop(self) -> None:
        self._recent = [*self._recent[-MOST_RECENT:], self._photo(LONGEST_TAIL)]
        self._write(self._place(), self._recent[-1])

    def _drop_again(self) -> None:
        """The bytes of a recent file, mostly under another name."""
        if self._recent:
            self._write(self._place(), self._chance.choice(self._recent))

    def _drop_versions(self) -> None:
        """A photo with an edited version and two sidecars; the order is any."""
        self._versions += 1
        folder = self._root / f"edited/{self._versions}"
        files = {name: self._photo() for name in ("IMG_0001.JPG", "IMG_E0001.JPG")}
        for name, text in (("IMG_0001.AAE", AAE), ("IMG_0001.xmp", XMP)):
            files[name] = f"{text}<!-- {self._versions} -->".encode()
        for name in self._chance.sample(sorted(files), len(files)):
            self._write(folder / name, files[name])

    def _begin(self) -> None:
        """A copy that stops in the middle; every other program keeps the file open."""
        content, path = self._photo(), self._place()
        if path.exists():
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
        os.write(descriptor, content[: len(content) // 2])
        is_open = self._chance.random() < 0.5
        if not is_open:
            os.close(descriptor)
        self._begun[path] = (descriptor if is_open else None, content)

    def _finish_one(self) -> None:
        if not self._begun:
            return
        path = next(iter(self._begun))
        descriptor, content = self._begun.pop(path)
        if descriptor is None:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)  # half a photo is never taken in
        os.write(descriptor, content[len(content) // 2 :])
        os.close(descriptor)
        self.contents.add(sha256(content).hexdigest())

    def _rename(self) -> None:
        if found := self._some_file():
            with suppress(FileNotFoundError):  # taken in at this very moment
                found.rename(found.with_name(f"{uuid4()}.jpg"))

    def _replace(self) -> None:
        """Another file under the same name, as programs do that save one."""
        if found := self._some_file():
            with suppress(FileNotFoundError):
                former = sha256(found.read_bytes()).hexdigest()
                content, hidden = self._photo(), found.with_name(".saving")
                hidden.write_bytes(content)
                self.contents.add(sha256(content).hexdigest())
                self.contents.discard(former)
                self.replaced.add(former)
                hidden.replace(found)

    def _touch(self) -> None:
        if found := self._some_file():
            with suppress(FileNotFoundError):
                os.utime(found)

    def _some_file(self) -> Path | None:
        """One that is not in writing and has no companions."""
        found = [
            path
            for path in self._root.rglob("*.*")
            if path.name[0] != "."
            and path not in self._begun
            and path.parent.parent.name != "edited"
        ]
        return self._chance.choice(found) if found else None

    def _place(self) -> Path:
        folder = self._root / self._chance.choice(("", "DCIM", "DCIM/100", "phone"))
        folder.mkdir(parents=True, exist_ok=True)
        name = self._chance.choice(NAMES)
        return folder / name if self._chance.random() < 0.5 else folder / f"{uuid4().hex[:4]}{name}"

    def _write(self, path: Path, content: bytes) -> None:
        """By another name at first, as Syncthing does; nothing is written over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.with_name(".writing")
        hidden.write_bytes(content)
        self.contents.add(sha256(content).hexdigest())
        try:
            os.link(hidden, path)
        except FileExistsError:
            path = path.with_name(f"{uuid4().hex}-{path.name}")
            hidden.rename(path)
        hidden.unlink(missing_ok=True)

    def _photo(self, longest_tail: int = 0) -> bytes:
        """A photo of which there is no other; its tail is what motion photos have."""
        written = BytesIO()
        exif = Image.Exif()
        exif[0x010E] = uuid4().hex
        exif.get_ifd(0x8769)[0x9003] = f"2024:05:{self._chance.randint(10, 12)} 12:00:00"
        Image.new("RGB", (48, 32), "teal").save(written, "JPEG", exif=exif)
        return written.getvalue() + self._chance.randbytes(self._chance.randint(0, longest_tail))
