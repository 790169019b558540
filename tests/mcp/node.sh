#!/usr/bin/env bash
# Tries MCP with the TypeScript SDK (npm `@modelcontextprotocol/client` 2.4): `tests/mcp/node.sh [TREFF]`. Needs Node.js
# 20 or later, and the npm registry.
set -euo pipefail
. "$(dirname "$0")/serve_seeds.sh"

mkdir "$folder/node"
cp "$repository/tests/mcp/client.mjs" "$folder/node/"
cd "$folder/node"
npm install --silent --no-audit --no-fund "@modelcontextprotocol/client@2.4"
node client.mjs "$treff" "$index" "$url"
