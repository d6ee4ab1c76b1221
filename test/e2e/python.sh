#!/usr/bin/env bash
# Prints the folder of a Python environment with these packages; it is kept by their versions in the user's cache folder and
# made only where it is missing.
#
#   python.sh NAME PACKAGE...
set -euo pipefail

name=$1
shift
cache=${FACILITY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility}
folder=$cache/$name-$(printf '%s\n' "$@" | sha256sum | cut -c1-10)

mkdir -p "$cache/locks"
exec 9>"$cache/locks/${name//\//-}"
flock 9
if [ ! -e "$folder/complete" ]; then
  command -v python3 >/dev/null || { echo 'python3 with venv is needed' >&2; exit 1; }
  echo "  installing $1" >&2
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
  touch "$folder/complete"
fi
echo "$folder"
