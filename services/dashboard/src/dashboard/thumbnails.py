"""Pictures by route: the browser keeps them, and no session holds them in memory."""

from pathlib import Path
from typing import Final, get_args

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dashboard.queries import Derivative, Kind, read_derivative
from dashboard.reader import DatabaseAway, Reader

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MIME_TYPES = frozenset({"image/webp", "image/jpeg", "image/png", "image/avif"})
"""What may be shown in the page's origin; anything that could carry script is none of them."""

FOREVER = "private, max-age=31536000, immutable"
"""The address of a picture carries the time it was made, so it never changes under one address."""

LARGEST_ID = 2**63 - 1


def picture_address(asset_id: int, kind: Kind, made: int) -> str:
    """Where the browser finds a derivative that was made at `made`, in seconds since 1970."""
    return f"/thumb/{asset_id}?kind={kind}&v={made:x}"


def photo_address(asset_id: int) -> str:
    """Where the page of an asset is, from any other page."""
    return f"photo?id={asset_id}"


def thumbnail_route(reader: Reader, root: Path) -> Route:
    """The route /thumb/{asset_id}.

    Args:
        reader: Finds the derivative.
        root: Folder of the derivatives; nothing outside of it is ever served.
    """

    def serve(request: Request) -> Response:
        asset_id = int(request.path_params["asset_id"])
        kind = next((k for k in KINDS if k == request.query_params.get("kind", "thumb")), None)
        if kind is None or asset_id > LARGEST_ID:
            return _absent(404)
        try:
            derivative = reader.read(lambda connection: read_derivative(connection, asset_id, kind))
        except DatabaseAway:
            return _absent(503)
        return _respond(request, root, kind, derivative)

    return Route("/thumb/{asset_id:int}", serve, methods=["GET"])


def _respond(request: Request, root: Path, kind: Kind, derivative: Derivative | None) -> Response:
    if derivative is None or derivative.mime_type not in MIME_TYPES:
        return _absent(404)
    path = _confined(root, derivative.path)
    if path is None:
        return _absent(404)
    tag = f'"{derivative.sha256[:32]}-{kind}-{derivative.version}-{derivative.made:x}"'
    headers = {"Cache-Control": FOREVER, "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=derivative.mime_type, headers=headers)


def _confined(root: Path, relative: str) -> Path | None:
    """The file, if it is a regular one and lies below the root after every link is followed."""
    try:
        path = (root / relative).resolve(strict=True)
        is_inside = path.is_relative_to(root.resolve(strict=True))
    except (OSError, ValueError):
        return None
    return path if is_inside and path.is_file() else None


def _absent(status_code: int) -> Response:
    return Response(status_code=status_code, headers={"Cache-Control": "no-store"})
