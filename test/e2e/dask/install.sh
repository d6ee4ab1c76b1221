#!/usr/bin/env bash
# Prints the folder of a Python environment with this release of Dask, and what our images have beside it; it is kept by
# version in the user's cache folder and made only where it is missing.
#
#   install.sh 2025.11.0
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility/dask
# moto stands for the object store, the two gateway packages for the image `dask-gateway-server` and the notebook's client.
packages=(
  "dask==$1" "distributed==$1" numpy bokeh lz4 prometheus_client s3fs 'moto[server,s3]'
  dask-gateway==2026.3.0 dask-gateway-server==2026.3.0 kubernetes_asyncio
)
stamp=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-10)
folder="$cache/python-$1-$stamp"

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$folder/complete" ]; then
  echo "  installing Dask $1" >&2
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
  touch "$folder/complete"
fi
echo "$folder"
