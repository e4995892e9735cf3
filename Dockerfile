# The service alone: no trainer, no numba, not root; it writes nothing but /tmp. What it consists of is in /app/sbom.cdx.json (CycloneDX).
#   docker build -t fitted-laws .   and   docker run --read-only --tmpfs /tmp -p 8000:8000 fitted-laws
# With the trainer, for a service that takes tables (UPLOADS=1):   docker build --target with-fits -t fitted-laws:with-fits .

FROM python:3.13.14-slim-trixie AS build
WORKDIR /src
COPY requirements-image.lock .
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes -r requirements-image.lock \
    && /build/bin/uv venv /app
ENV VIRTUAL_ENV=/app PATH=/build/bin:$PATH UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1
# The dependencies first: they change less often than the code. The lock, as a constraint, gives versions and hashes.
# The tests that numpy and scipy carry are a quarter of all bytes, and nothing imports them.
COPY pyproject.toml requirements.lock ./
RUN uv pip install --compile-bytecode -r pyproject.toml --extra service --extra traces -c requirements.lock \
    && find /app/lib -type d -name tests -prune -exec rm -r {} +
COPY LICENSE README.md hatch_build.py ./
COPY fitted_laws fitted_laws
COPY service service
RUN uv pip install --compile-bytecode --no-deps --build-constraints requirements.lock . \
    && cyclonedx-py environment --output-reproducible --of JSON -o /app/sbom.cdx.json /app/bin/python

FROM build AS build-with-fits
RUN uv pip install --compile-bytecode -r pyproject.toml --extra trainer -c requirements.lock \
    && find /app/lib -type d -name tests -prune -exec rm -r {} +
COPY trainer trainer
RUN uv pip install --compile-bytecode --no-deps --reinstall --build-constraints requirements.lock . \
    && cyclonedx-py environment --output-reproducible --of JSON -o /app/sbom.cdx.json /app/bin/python

FROM python:3.13.14-slim-trixie AS run
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin fitted-laws
USER 10001
WORKDIR /tmp
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/live\", timeout=2)"]
CMD ["python", "-m", "service"]

FROM run AS with-fits
COPY --from=build-with-fits /app /app
ENV UPLOADS=1

FROM run
COPY --from=build /app /app
