# The bundled record, served. Build: docker build -t dialogue .
# Run: docker run --init -p 8000:8000 dialogue, or deploy/compose.yaml, which gives it the least.
# What it stands on; one that never changes is named by its digest: docs/operate.md shows it.
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS build
WORKDIR /srv
COPY requirements-dev.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.lock
COPY . .
# The day of the release: here is no git to tell that of the commit.
ARG DAY=""
RUN .venv/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheel . \
    && .venv/bin/pip install --no-cache-dir --no-deps wheel/*.whl \
    && .venv/bin/dialogue build --as-of "${DAY:-$(date -u +%F)}" --out release

FROM ${PYTHON}
WORKDIR /srv
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && useradd --system --uid 10001 dialogue
# Where packages lie goes by the version of Python: pip knows it, whichever the argument names.
COPY --from=build /srv/wheel wheel
RUN .venv/bin/pip install --no-cache-dir --no-deps wheel/*.whl && rm -r wheel
COPY --from=build /srv/release release
COPY LICENSE ./
ENV DIALOGUE_LOG=json PYTHONDONTWRITEBYTECODE=1
ARG REVISION=""
LABEL org.opencontainers.image.title="Dialogue" \
    org.opencontainers.image.description="Intergovernmental dialogues as a knowledge graph in which every fact shows the words that say it" \
    org.opencontainers.image.vendor="Dialogue contributors" \
    org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-4.0" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.revision="${REVISION}"
# By its number, which those who refuse to run anything as root can check.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD [".venv/bin/python", "-m", "app.cli", "serve", "--host", "0.0.0.0", "release"]
