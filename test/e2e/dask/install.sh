#!/usr/bin/env bash
# Prints the folder of a Python environment with this release of Dask, and what our images have beside it.
#
#   install.sh 2025.11.0
set -euo pipefail

# moto stands for the object store, the two gateway packages for the image `dask-gateway-server` and the notebook's client.
"$(dirname "$0")/../python.sh" "dask/python-$1" \
  "dask==$1" "distributed==$1" numpy bokeh lz4 prometheus_client s3fs 'moto[server,s3]' \
  dask-gateway==2026.3.0 dask-gateway-server==2026.3.0 kubernetes_asyncio
