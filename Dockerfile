# The bundled record, served. Build: docker build -t dialogue . Run: docker run -p 8000:8000 dialogue
FROM python:3.13-slim AS build
WORKDIR /srv
COPY requirements-dev.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.lock
COPY . .
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && .venv/bin/dialogue build --out release

FROM python:3.13-slim
WORKDIR /srv
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && useradd --system dialogue
COPY --from=build /srv/.venv/lib/python3.13/site-packages/app .venv/lib/python3.13/site-packages/app
COPY --from=build /srv/release release
USER dialogue
EXPOSE 8000
CMD [".venv/bin/python", "-m", "app.cli", "serve", "--host", "0.0.0.0", "release"]
