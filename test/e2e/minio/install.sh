#!/usr/bin/env bash
# The libraries with which notebooks read and write objects, in the user's cache; prints the path of their Python.
set -euo pipefail

wanted=('s3fs==2026.9.0' 'boto3>=1.40')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility
folder=$cache/python/s3-$(printf '%s\n' "${wanted[@]}" | sha256sum | cut -c1-8)

mkdir -p "$cache/locks"
exec 9>"$cache/locks/python-s3"
flock 9
if [ ! -e "$folder/complete" ]; then
  command -v python3 >/dev/null || { echo 'python3 with venv is needed' >&2; exit 1; }
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}" >&2
  touch "$folder/complete"
fi
echo "$folder/bin/python"
