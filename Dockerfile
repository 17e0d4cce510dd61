# syntax=docker/dockerfile:1
# Two stages: the first installs from the hashed lock, the second holds only what running needs and is not root.
# Behind a package mirror, pass pip's configuration as a build secret: --secret id=pip,src=$HOME/.config/pip/pip.conf

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/quarterdeck
WORKDIR /src
COPY requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /opt/quarterdeck/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml LICENSE ./
COPY agents agents
COPY blocks blocks
COPY bot bot
COPY scheduler scheduler
COPY store store
RUN /opt/quarterdeck/bin/pip install --no-deps --no-index --no-build-isolation .

FROM python:3.12-slim
# git: agents that watch a repository read it with git.
# tini: the kernel keeps SIGTERM from a first process that does not handle it yet, so a stop during the start would hang.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin quarterdeck \
    && install --directory --mode 0700 --owner quarterdeck --group quarterdeck /data
COPY --from=build /opt/quarterdeck /opt/quarterdeck
COPY --chown=quarterdeck:quarterdeck examples /workspaces
ENV PATH=/opt/quarterdeck/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QUARTERDECK_STATE_DIR=/data \
    QUARTERDECK_CONSOLE_HOST=0.0.0.0 \
    QUARTERDECK_CONSOLE_PORT=8765 \
    QUARTERDECK_LOG_FORMAT=json
USER 10001
WORKDIR /workspaces
VOLUME /data
EXPOSE 8765
# Publish the port on loopback only (docker run -p 127.0.0.1:8765:8765 …), or put a TLS proxy before it.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["quarterdeck", "doctor", "--health"]
ENTRYPOINT ["tini", "--", "quarterdeck"]
CMD ["up", "first-light"]
