#!/usr/bin/env bash
# Installs a Python environment with this release of Dask and the other packages of the images; prints its folder.
#
#   install.sh 2025.11.0
set -euo pipefail

# moto replaces the object store; the two gateway packages replace the image `dask-gateway-server` and the client in the notebook.
"$(dirname "$0")/../python.sh" "dask/python-$1" \
  "dask==$1" "distributed==$1" numpy bokeh lz4 prometheus_client s3fs 'moto[server,s3]' \
  dask-gateway==2026.3.0 dask-gateway-server==2026.3.0 kubernetes_asyncio
