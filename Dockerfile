# The service alone: no trainer, no numba, not root; it writes nothing but /tmp.
#   docker build -t fitted-laws .   and   docker run --read-only --tmpfs /tmp -p 8000:8000 fitted-laws

FROM python:3.13.14-slim-trixie AS build
WORKDIR /src
COPY requirements-uv.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock && uv venv /app
ENV VIRTUAL_ENV=/app UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
# The dependencies first: they change less often than the code. The lock, as a constraint, gives versions and hashes.
COPY pyproject.toml requirements.lock ./
RUN uv pip install --compile-bytecode -r pyproject.toml --extra service -c requirements.lock
COPY . .
RUN uv pip install --compile-bytecode --no-deps --build-constraints requirements.lock .

FROM python:3.13.14-slim-trixie
COPY --from=build /app /app
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin fitted-laws
USER 10001
WORKDIR /tmp
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp/matplotlib HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/live\", timeout=2)"]
CMD ["python", "-m", "service"]
