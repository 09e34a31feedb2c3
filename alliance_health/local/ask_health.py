"""Ask the web server of this machine whether it can serve: the health check of its container."""

import os
import sys
import urllib.error
import urllib.request


def answer(port: str, host: str, seconds: float = 5) -> str | None:
    """Return what /healthz says, or None where it says anything but 200.

    Args:
        port: where the server listens on this machine.
        host: a name the server answers to, of ALLOWED_HOSTS.
        seconds: how long to wait.
    """
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=seconds) as response:
            text: str = response.read().decode()
    except (urllib.error.URLError, OSError):
        return None
    return text


if __name__ == "__main__":
    said = answer(
        os.environ.get("PORT") or "8000",
        (os.environ.get("ALLOWED_HOSTS") or "127.0.0.1").split(",")[0],
    )
    sys.exit(0 if said else 1)
