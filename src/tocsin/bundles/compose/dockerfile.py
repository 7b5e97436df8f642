"""The Dockerfile of the services, of Tocsin and of Bugsink, and what is kept out of all three."""

from __future__ import annotations

from tocsin.bundles.images import PYTHON
from tocsin.targets.text import NOTICE

USER = 10001
"""Who runs in every image that is made, by number: `runAsNonRoot` asks for one. The group has it too."""

_FETCH = (
    "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('{url}', timeout=3)"
)


def probe(url: str) -> str:
    """Return the Python that fails unless *url* answers well: the images have neither curl nor wget."""
    return _FETCH.replace("{url}", url)


TEXT = f"""\
{NOTICE}# An image for each service, and those of Tocsin and Bugsink; from the project's folder:
#     docker build -f monitoring/compose/Dockerfile --target service --build-arg APP=MODULE:NAME --build-arg PORT=8080 .

FROM {PYTHON} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN groupadd --gid {USER} tocsin \\
    && useradd --uid {USER} --gid {USER} --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tocsin \\
    && install --directory --owner=tocsin --group=tocsin --mode=0750 /data /dsn /keys

FROM base AS build
ARG LOCK=requirements.lock
RUN python -m venv /opt/tocsin
COPY ${{LOCK}} /build/requirements.lock
RUN /opt/tocsin/bin/pip install --require-hashes --requirement /build/requirements.lock
COPY . /build/project
# A lock names Tocsin, except in Tocsin's own repository.
RUN if [ -d /build/project/src/tocsin ]; then \\
    /opt/tocsin/bin/pip install --no-deps --no-build-isolation /build/project; fi

# Bugsink's licence is no open one: who builds this image fetches it.
FROM build AS build-bugsink
RUN python -m venv /opt/bugsink \\
    && bundled=$(/opt/tocsin/bin/python -c 'from tocsin.stack import bugsink; print(bugsink.LOCK.parent)') \\
    && /opt/bugsink/bin/pip install --require-hashes --requirement "$bundled/requirements.lock" \\
    && cp -r "$bundled/inside" /opt/bugsink/inside

FROM base AS bugsink
COPY --from=build-bugsink /opt/bugsink /opt/bugsink
RUN install --directory --owner=tocsin --group=tocsin --mode=0750 /data/dsn
ENV PATH=/opt/bugsink/bin:$PATH PYTHONPATH=/opt/bugsink/inside DJANGO_SETTINGS_MODULE=bugsink_conf BUGSINK_FOLDER=/data
WORKDIR /data
USER {USER}:{USER}
EXPOSE 9096
HEALTHCHECK --interval=5s --timeout=4s --start-period=180s \\
    CMD ["python", "-c", "{probe("http://127.0.0.1:9096/health/ready")}"]
ENTRYPOINT ["python", "/opt/bugsink/inside/serve.py", "0.0.0.0:9096"]

FROM base AS tocsin
COPY --from=build /opt/tocsin /opt/tocsin
ENV PATH=/opt/tocsin/bin:$PATH
WORKDIR /project
COPY . .
USER {USER}:{USER}
# What runs in it has no port in common: who starts it says how to tell that it is well.
HEALTHCHECK NONE
CMD ["tocsin", "--help"]

FROM tocsin AS service
ARG APP
ARG PORT
ARG READY=/readyz
ENV APP=${{APP}} PORT=${{PORT}} READY=${{READY}}
EXPOSE ${{PORT}}
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s \\
    CMD python -c "{probe("http://127.0.0.1:$PORT$READY")}"
ENV UVICORN_HOST=0.0.0.0 UVICORN_ACCESS_LOG=false UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=8
CMD ["sh", "-c", "exec python -m uvicorn $APP --port=$PORT"]
"""

IGNORED = f"""\
{NOTICE}# What no image needs, or must not hold.
**/.*
**/__pycache__
**/*.pyc
**/secrets
monitoring
benchmarks
dist
docs
fuzz
site
tests
"""
