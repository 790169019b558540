#!/usr/bin/env bash
# Tries MCP with the Python SDK (PyPI `mcp` 2.3): `tests/mcp/python.sh [TREFF]`. Needs Python with venv, and PyPI.
set -euo pipefail
. "$(dirname "$0")/serve_seeds.sh"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "mcp==2.3.*"
"$folder/venv/bin/python" "$repository/tests/mcp/client.py" "$treff" "$index" "$url"
