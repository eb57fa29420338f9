"""Puts the dashboard together: pages, routes, middleware, heartbeat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dashboard.guard import Guard
from dashboard.presence import Presence, show_life
from dashboard.reader import Reader, share
from dashboard.settings import DashboardSettings
from dashboard.thumbnails import thumbnail_route

HERE = Path(__file__).parent
LOGGER = structlog.get_logger()


def build(settings: DashboardSettings) -> st.App:
    """The dashboard as an ASGI application."""
    reader = Reader(settings)
    share(reader)

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:  # noqa: ARG001 - Streamlit's signature
        presence = Presence(reader, settings)
        presence.start()
        life = (
            asyncio.create_task(show_life(settings.health_file)) if settings.health_file else None
        )
        yield
        if life is not None:
            life.cancel()
        await run_in_threadpool(presence.stop)
        reader.close()

    return st.App(
        HERE / "main.py",
        routes=[
            thumbnail_route(reader, settings.derivatives),
            Route("/favicon.png", _icon, methods=["GET"]),
        ],
        middleware=[Middleware(Guard)],
        lifespan=lifespan,
        on_script_error=_excuse,
    )


def _icon(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
    return FileResponse(HERE / "static" / "icon.png", headers={"Cache-Control": "max-age=86400"})


def _excuse(error: Exception) -> bool:
    """Log what went wrong in a page and show a sentence instead of a traceback."""
    LOGGER.error("page failed", exc_info=error)
    st.html(
        '<p class="pf-note">This part of the page could not be drawn. '
        "Your photos are not affected. The reason is in the dashboard's log.</p>"
    )
    return True
