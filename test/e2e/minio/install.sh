#!/usr/bin/env bash
# Installs what the suite needs in addition to server and client into the cache of the user, if it is missing.
#
#   install.sh python     prints the path of a Python with the libraries of notebooks
#   install.sh provider   prints the path of the module oidc-provider
set -euo pipefail

cache=${FACILITY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility}
provider=oidc-provider@9.13.3

python() {
  local folder
  folder=$("$(dirname "$0")/../python.sh" python/s3 's3fs==2026.9.0' 'boto3>=1.40')
  echo "$folder/bin/python"
}

provider() {
  local folder="$cache/minio/${provider/@/-}"
  mkdir -p "$cache/locks"
  exec 9>"$cache/locks/minio-provider"
  flock 9
  if [ ! -e "$folder/complete" ]; then
    mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "$provider" >&2
    touch "$folder/complete"
  fi
  echo "$folder/node_modules/oidc-provider/lib/index.js"
}

case ${1:-} in
  python | provider) "$1" ;;
  *) echo 'usage: install.sh python|provider' >&2; exit 2 ;;
esac
