"""Files that must survive: names that are never overwritten, files that are really on disk.

The order of writes is that of docs/design.md: bytes and folder are on disk before a row says so,
and the source goes only after the row is committed.
"""

from photo_factory.storage.content import (
    CHUNK_BYTES,
    Identity,
    Original,
    SourceChangedError,
    SourceUnreadableError,
    hash_file,
    hash_open,
    holds,
)
from photo_factory.storage.copying import INCOMING_FOLDER, Incoming, can_link, sweep_incoming
from photo_factory.storage.durability import (
    make_folder,
    make_folders,
    publish,
    sync_file,
    sync_folder,
)
from photo_factory.storage.names import (
    LONGEST_NAME_BYTES,
    NO_HARD_LINKS,
    NO_SUCH_NAME,
    PLAINEST,
    candidate_names,
    link_without_replacing,
    numbered,
    plain_stem,
)
from photo_factory.storage.removal import (
    RELEASE_PREFIX,
    bring_back,
    release,
    replace_damaged,
    set_aside,
)

__all__ = [
    "CHUNK_BYTES",
    "INCOMING_FOLDER",
    "LONGEST_NAME_BYTES",
    "NO_HARD_LINKS",
    "NO_SUCH_NAME",
    "PLAINEST",
    "RELEASE_PREFIX",
    "Identity",
    "Incoming",
    "Original",
    "SourceChangedError",
    "SourceUnreadableError",
    "bring_back",
    "can_link",
    "candidate_names",
    "hash_file",
    "hash_open",
    "holds",
    "link_without_replacing",
    "make_folder",
    "make_folders",
    "numbered",
    "plain_stem",
    "publish",
    "release",
    "replace_damaged",
    "set_aside",
    "sweep_incoming",
    "sync_file",
    "sync_folder",
]
