"""The compose stack on a real engine: started from a clean checkout, hardened, and hard to kill.

It runs under a project name, a data folder, image tags and ports of its own, beside whatever else
the engine runs, and leaves nothing behind.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from generate import Sample, generate

pytestmark = [pytest.mark.e2e, pytest.mark.compose, pytest.mark.timeout(1800)]

REPOSITORY = Path(__file__).resolve().parents[2]
WORKERS = ("librarian", "geocoder", "thumbnailer", "backup", "service-monitor")
OURS = (*WORKERS, "dashboard")
EVERY = (*OURS, "db", "syncthing")
DONE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Stack:
    """A running copy of the stack.

    Attributes:
        folder: The copied checkout.
        user: Owner of the data, as PUID and PGID.
        environment: For docker compose: project name, ports, tags.
    """

    folder: Path
    user: int
    environment: Mapping[str, str]

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def compose(self, *arguments: str, is_checked: bool = True) -> str:
        """Run docker compose; returns what it printed."""
        done = subprocess.run(
            ["docker", "compose", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if is_checked and done.returncode != 0:
            pytest.fail(f"docker compose {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows of a service's container."""
        container = self.compose("ps", "--all", "--quiet", service).strip()
        found: list[dict[str, Any]] = json.loads(docker("inspect", container))
        return found[0]

    def succeeds_in(self, service: str, *command: str) -> bool:
        """Whether a command run in a service's container ends with 0."""
        container = self.compose("ps", "--quiet", service).strip()
        done = subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, check=False
        )
        return done.returncode == 0

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query, run in the database's container."""
        as_json = f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) AS found"  # noqa: S608 - ours
        shown = self.compose("exec", "-T", "db", "psql", "-U", "photo_factory", "-Atc", as_json)
        rows: list[dict[str, Any]] = json.loads(shown)
        return rows

    def status(self) -> dict[str, Any]:
        """What photo-factory status says."""
        shown = self.compose("run", "--rm", "-T", "cli", "photo-factory", "status", "--json")
        status: dict[str, Any] = json.loads(shown)
        return status


def docker(*arguments: str) -> str:
    """Run docker; returns what it printed."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def missing_engine() -> str | None:
    """Why no stack can be started here, or None."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"{' '.join(command)}: {done.stderr.strip()}"
    return None


def copy_checkout(target: Path) -> None:
    """Copy what a clone would hold, with changes that are not committed yet."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, map(os.fsdecode, listed.split(b"\0"))):
        source = REPOSITORY / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_reached: Callable[[], bool], what: str, seconds: float) -> None:
    """Wait for a state of the world, or fail saying which one did not come."""
    deadline = time.monotonic() + seconds
    while not is_reached():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached in {seconds:.0f} s: {what}")
        time.sleep(1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack from a clean copy of the checkout, built, started and healthy."""
    reason = missing_engine()
    if reason is not None and os.environ.get("CI") == "true":
        pytest.fail(f"no Docker engine: {reason}")
    if reason is not None:
        pytest.skip(f"no Docker engine: {reason}")
    project = f"pf-test-{uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("checkout")
    copy_checkout(folder)
    user = os.getuid() or 1000
    own = {"PUID": str(user), "PGID": str(user), "COMPOSE_PROJECT_NAME": project}
    own |= {"PF_VERSION": project, "PF_POLL_SECONDS": "2"}
    own |= {"PF_STABILITY_SECONDS": "1", "PF_INCOMPLETE_SECONDS": "5"}
    for name in ("PF_DASHBOARD_PORT", "PF_SYNCTHING_PORT", "PF_SYNCTHING_SYNC_PORT"):
        own[name] = str(free_port())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PF_")}
    stack = Stack(folder, user, inherited | own)
    try:
        stack.compose("build")
        began = time.monotonic()
        stack.compose("up", "--detach", "--wait", "--wait-timeout", "300")
        print(f"healthy after {time.monotonic() - began:.0f} s")  # noqa: T201 - shown with -s
        yield stack
    finally:
        if os.environ.get("PF_TEST_SHOW_LOGS"):
            print(stack.compose("logs", "--no-color", is_checked=False))  # noqa: T201 - as above
        stack.compose("--profile", "cli", "down", "--volumes", "--remove-orphans")
        images = docker("image", "ls", "--format={{.Repository}}:{{.Tag}}", f"*/*:{project}")
        docker("image", "rm", *images.split())


def test_every_service_is_healthy_after_a_start_without_any_editing(stack: Stack) -> None:
    for service in EVERY:
        wait_until(partial(is_healthy, stack, service), f"{service} is healthy", 120)
    for once in ("prepare", "migrate"):
        assert stack.inspect(once)["State"]["ExitCode"] == 0


def test_no_service_has_rights_that_it_does_not_need(stack: Stack) -> None:
    """Asked of the engine, and of the kernel from inside."""
    for service in EVERY:
        found = stack.inspect(service)
        host = found["HostConfig"]
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert not host["Privileged"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["Memory"] > 0, service
        assert host["PidsLimit"] > 0, service
        assert host["LogConfig"]["Config"]["max-size"], service
        assert not any("docker.sock" in mount["Source"] for mount in found["Mounts"]), service
        status = stack.compose("exec", "-T", service, "cat", "/proc/1/status")
        assert re.search(r"^CapEff:\s*0+$", status, re.MULTILINE), service
        assert re.search(r"^CapBnd:\s*0+$", status, re.MULTILINE), service
        assert not re.search(r"^Uid:.*\b0\b", status, re.MULTILINE), service
        assert not stack.succeeds_in(service, "touch", "/etc/planted"), service


def test_only_the_librarian_can_change_originals(stack: Stack) -> None:
    assert stack.succeeds_in("librarian", "test", "-w", "/data/library")
    for service in (*WORKERS[1:], "dashboard", "db", "syncthing"):
        assert not stack.succeeds_in(service, "test", "-w", "/data/library"), service


def test_the_database_cannot_be_reached_from_outside_its_network(stack: Stack) -> None:
    found = stack.inspect("db")
    assert not found["HostConfig"]["PortBindings"]
    for name in found["NetworkSettings"]["Networks"]:
        assert json.loads(docker("network", "inspect", name))[0]["Internal"]
    assert not stack.succeeds_in("syncthing", "getent", "hosts", "db")


def test_the_database_password_is_in_no_image_setting_or_log(stack: Stack) -> None:
    password = stack.compose("exec", "-T", "db", "cat", "/run/photo-factory-secrets/db_password")
    assert re.fullmatch(r"[0-9a-f]{64}", password)
    assert password not in stack.compose("--profile", "cli", "config")
    assert password not in stack.compose("logs", "--no-color")
    for service in EVERY:
        assert password not in json.dumps(stack.inspect(service)), service
    stack.compose("up", "--detach", "--no-deps", "prepare")
    again = stack.compose("exec", "-T", "db", "cat", "/run/photo-factory-secrets/db_password")
    assert again == password, "the password must survive a restart"


def test_a_folder_of_another_owner_is_named_with_its_remedy(stack: Stack, tmp_path: Path) -> None:
    """The start ends with a sentence and changes nothing."""
    folder = tmp_path / "photos"
    (folder / "library" / "2020").mkdir(parents=True)
    (folder / "library").chmod(0o755)
    (folder / "library" / "2020" / "a.jpg").write_bytes(b"somebody's photo")
    own = {"PF_DATA_DIR": str(folder), "PUID": "4321", "PGID": "4321"}
    own["COMPOSE_PROJECT_NAME"] = f"{stack.environment['COMPOSE_PROJECT_NAME']}-owner"
    other = Stack(stack.folder, 4321, {**stack.environment, **own})
    done = subprocess.run(
        ["docker", "compose", "run", "--rm", "--no-deps", "-T", "prepare"],
        cwd=other.folder,
        env=dict(other.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    other.compose("down", "--volumes")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert f"user 4321, group 4321 cannot write in {folder}/library" in said
    assert f"sudo chown 4321:4321 '{folder}/library'" in said
    assert (folder / "library").stat().st_uid == os.getuid()


def test_the_inbox_is_the_only_folder_of_syncthing_and_never_deletes_on_phones(
    stack: Stack,
) -> None:
    config = stack.compose("exec", "-T", "syncthing", "cat", "/var/syncthing/config/config.xml")
    folders = re.findall(r'<folder id="([^"]+)".* path="([^"]+)" type="([^"]+)"', config)
    assert [found for found in folders if found[0]] == [
        ("photo-factory-inbox", "/inbox", "receiveonly")
    ]
    assert "<globalAnnounceEnabled>false" in config
    assert "<relaysEnabled>false" in config


def drop(stack: Stack, folder: Path, files: list[Path]) -> None:
    """Put files into the inbox as a copy does that shows only finished files."""
    for file in files:
        target = stack.data / "inbox" / file.relative_to(folder)
        target.parent.mkdir(exist_ok=True)
        hidden = target.with_name(f".{file.name}.part")
        shutil.copy2(file, hidden)
        if os.getuid() == 0:
            os.chown(target.parent, stack.user, stack.user)
            os.chown(hidden, stack.user, stack.user)
        hidden.rename(target)


def kill(stack: Stack, service: str) -> None:
    """SIGKILL a service's first process from outside, so that the engine restarts it."""
    process = str(stack.inspect(service)["State"]["Pid"])
    image = stack.inspect("prepare")["Config"]["Image"]
    docker("run", "--rm", "--pid=host", "--user=0", image, "sh", "-c", f"kill -9 {process}")


def is_healthy(stack: Stack, service: str) -> bool:
    """Whether the engine finds a service healthy."""
    state = stack.inspect(service)["State"]
    return (state["Status"], state["Health"]["Status"]) == ("running", "healthy")


def has_restarted(stack: Stack, service: str) -> bool:
    """Whether the engine has started a service's container again by itself."""
    found = stack.inspect(service)
    return bool(found["RestartCount"] >= 1 and found["State"]["Status"] == "running")


def visible_files(folder: Path) -> list[Path]:
    """Files below a folder, without those of programs (names that begin with a dot)."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def relative(files: list[Path], folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in files]


def hashes(files: list[Path]) -> list[str]:
    return sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def is_all_processed(stack: Stack) -> bool:
    """Whether nothing moves any more: what is left in the inbox is what needs a person."""
    status = stack.status()
    left = len(visible_files(stack.data / "inbox"))
    stages = [status["stages"][name] for name in ("geocoder", "thumbnailer")]
    return (
        status["inbox"]["waiting"] == 0
        and status["inbox"]["failed"] == left
        and all(stage["pending"] + stage["running"] == 0 for stage in stages)
    )


def test_photos_go_through_while_services_are_killed(stack: Stack, tmp_path: Path) -> None:
    """Nothing is lost, nothing is doubled, and the page shows it."""
    samples = generate(tmp_path)
    files = [sample.path for sample in samples]
    victims = ("librarian", "thumbnailer", "geocoder", "db")
    share = len(files) // (len(victims) + 1) + 1
    for number, victim in enumerate((*victims, None)):
        drop(stack, tmp_path, files[number * share : (number + 1) * share])
        time.sleep(2)
        if victim is not None:
            kill(stack, victim)
    for victim in victims:
        wait_until(partial(has_restarted, stack, victim), f"{victim} is started again", 60)
    wait_until(partial(is_all_processed, stack), "all files are processed", DONE_SECONDS)
    check_nothing_lost_or_doubled(stack, samples)
    check_derivatives(stack)
    check_dashboard(stack)


def check_nothing_lost_or_doubled(stack: Stack, samples: list[Sample]) -> None:
    rows = stack.sql("SELECT path, encode(sha256, 'hex') AS sha256 FROM media_assets")
    library = stack.data / "library"
    stored = visible_files(library)
    assert sorted(row["path"] for row in rows) == sorted(relative(stored, library))
    assert sorted(row["sha256"] for row in rows) == hashes(stored)
    assert set(hashes(stored)) == {one.sha256 for one in samples if one.expected != "failed"}
    left = hashes(visible_files(stack.data / "inbox") + visible_files(stack.data / "quarantine"))
    assert left == sorted(one.sha256 for one in samples if one.expected == "failed")
    duplicates = stack.sql("SELECT original_name FROM duplicates")
    assert len(duplicates) == sum(one.expected == "duplicate" for one in samples)
    assert stack.status()["assets"] == len(rows)


def check_derivatives(stack: Stack) -> None:
    derivatives = stack.data / "derivatives"
    recorded = [row["path"] for row in stack.sql("SELECT path FROM derivatives")]
    assert sorted(recorded) == sorted(relative(visible_files(derivatives), derivatives))
    incomplete = stack.sql(
        "SELECT path FROM media_assets WHERE is_thumbnailed AND 3 <> "
        "(SELECT count(*) FROM derivatives WHERE asset_id = media_assets.id)"
    )
    assert incomplete == []
    unfinished = (
        "SELECT path, state, error_code, error_message FROM media_assets AS asset LEFT JOIN "
        "stage_work ON stage = 'thumbnailer' AND asset_id = asset.id WHERE NOT is_thumbnailed"
    )
    assert stack.sql(unfinished) == []


def check_dashboard(stack: Stack) -> None:
    wait_until(partial(is_healthy, stack, "dashboard"), "the dashboard is healthy", 120)
    port = stack.environment["PF_DASHBOARD_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        assert answer.status == 200
        assert b"<html" in answer.read()
