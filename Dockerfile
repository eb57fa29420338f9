# One target per service. Each carries the virtual environment of that service and the system
# packages that it calls, and nothing else: no compiler, no uv, no sources, no tests.
#
# A new service adds one line to `build` (its manifest) and one block like those at the end.
ARG PYTHON_IMAGE=python:3.13-slim

# ---- what every image starts from --------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Photo Factory" \
      org.opencontainers.image.description="A safe, dated, searchable, backed-up photo library"
# HOME lies in the only folder that can be written: the root is read-only when it runs.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
WORKDIR /app
USER 1000:1000

# ---- where environments are made ---------------------------------------------------------------
FROM runtime AS build
USER root
ARG UV_VERSION=0.13.9
RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \
    HOME=/root pip install --root-user-action=ignore "uv==${UV_VERSION}"
ENV HOME=/root UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=0 UV_NO_PROGRESS=1
COPY pyproject.toml uv.lock ./
COPY shared/pyproject.toml shared/
COPY services/backup/pyproject.toml services/backup/
COPY services/cli/pyproject.toml services/cli/
COPY services/dashboard/pyproject.toml services/dashboard/
COPY services/geocoder/pyproject.toml services/geocoder/
COPY services/librarian/pyproject.toml services/librarian/
COPY services/service_monitor/pyproject.toml services/service_monitor/
COPY services/thumbnailer/pyproject.toml services/thumbnailer/
# install NAME: what it needs from the lock. With --no-install-workspace none of our own code, so
# that this layer stays until the lock moves. --frozen, because not every member has its sources
# here; that the lock is up to date is checked by `make check`.
COPY --chmod=755 <<'END' /usr/local/bin/install-service
#!/bin/sh
set -eu
name=$1; shift
exec uv sync --frozen --no-dev --no-editable --package "photo-factory-$name" "$@"
END

# ---- one-shot: folders, their rights, the database password ------------------------------------
FROM runtime AS prepare
USER root
COPY --chmod=755 deploy/prepare.sh /app/prepare.sh
CMD ["/app/prepare.sh"]

# ---- librarian ---------------------------------------------------------------------------------
FROM build AS librarian-env
RUN --mount=type=cache,target=/root/.cache/uv install-service librarian --no-install-workspace
COPY shared shared
COPY services/librarian services/librarian
RUN --mount=type=cache,target=/root/.cache/uv install-service librarian

FROM runtime AS librarian
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends libimage-exiftool-perl \
 && rm -rf /var/lib/apt/lists/*
USER 1000:1000
COPY --from=librarian-env /app/.venv /app/.venv
CMD ["python", "-m", "librarian"]

# ---- geocoder ----------------------------------------------------------------------------------
FROM build AS geocoder-env
RUN --mount=type=cache,target=/root/.cache/uv install-service geocoder --no-install-workspace
COPY shared shared
COPY services/geocoder services/geocoder
RUN --mount=type=cache,target=/root/.cache/uv install-service geocoder

FROM runtime AS geocoder
COPY --from=geocoder-env /app/.venv /app/.venv
CMD ["python", "-m", "geocoder"]

# ---- thumbnailer (Pillow, pillow-heif and PyAV carry their own libraries) ----------------------
FROM build AS thumbnailer-env
RUN --mount=type=cache,target=/root/.cache/uv install-service thumbnailer --no-install-workspace
COPY shared shared
COPY services/thumbnailer services/thumbnailer
RUN --mount=type=cache,target=/root/.cache/uv install-service thumbnailer

FROM runtime AS thumbnailer
COPY --from=thumbnailer-env /app/.venv /app/.venv
CMD ["python", "-m", "thumbnailer"]

# ---- backup ------------------------------------------------------------------------------------
FROM build AS backup-env
RUN --mount=type=cache,target=/root/.cache/uv install-service backup --no-install-workspace
COPY shared shared
COPY services/backup services/backup
RUN --mount=type=cache,target=/root/.cache/uv install-service backup

FROM runtime AS backup
COPY --from=backup-env /app/.venv /app/.venv
CMD ["python", "-m", "backup"]

# ---- service-monitor ---------------------------------------------------------------------------
FROM build AS service-monitor-env
RUN --mount=type=cache,target=/root/.cache/uv install-service service-monitor --no-install-workspace
COPY shared shared
COPY services/service_monitor services/service_monitor
RUN --mount=type=cache,target=/root/.cache/uv install-service service-monitor

FROM runtime AS service-monitor
COPY --from=service-monitor-env /app/.venv /app/.venv
CMD ["python", "-m", "service_monitor"]

# ---- dashboard ---------------------------------------------------------------------------------
FROM build AS dashboard-env
RUN --mount=type=cache,target=/root/.cache/uv install-service dashboard --no-install-workspace
COPY shared shared
COPY services/dashboard services/dashboard
RUN --mount=type=cache,target=/root/.cache/uv install-service dashboard

FROM runtime AS dashboard
COPY --from=dashboard-env /app/.venv /app/.venv
EXPOSE 8501
CMD ["python", "-m", "dashboard"]

# ---- cli: the photo-factory command, which also migrates the database, and imports with the
# librarian's engine (docs/adr/0008) -------------------------------------------------------------
FROM build AS cli-env
RUN --mount=type=cache,target=/root/.cache/uv install-service cli --no-install-workspace
COPY shared shared
COPY services/librarian services/librarian
COPY services/cli services/cli
RUN --mount=type=cache,target=/root/.cache/uv install-service cli

FROM runtime AS cli
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends libimage-exiftool-perl \
 && rm -rf /var/lib/apt/lists/*
USER 1000:1000
ENV PF_MIGRATIONS_DIR=/app/db/migrations
COPY db/migrations /app/db/migrations
COPY --from=cli-env /app/.venv /app/.venv
CMD ["photo-factory", "--help"]
