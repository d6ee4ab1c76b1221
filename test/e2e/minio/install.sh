#!/usr/bin/env bash
# What the suite starts beside server and client, in the user's cache and fetched only where it is missing.
#
#   install.sh python     prints the path of a Python with the libraries of notebooks
#   install.sh provider   prints the path of the module oidc-provider
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility
libraries=('s3fs==2026.9.0' 'boto3>=1.40')
provider=oidc-provider@9.13.3

lock() {
  mkdir -p "$cache/locks"
  exec 9>"$cache/locks/$1"
  flock 9
}

python() {
  local folder
  folder=$cache/python/s3-$(printf '%s\n' "${libraries[@]}" | sha256sum | cut -c1-8)
  lock python-s3
  if [ ! -e "$folder/complete" ]; then
    command -v python3 >/dev/null || { echo 'python3 with venv is needed' >&2; exit 1; }
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${libraries[@]}" >&2
    touch "$folder/complete"
  fi
  echo "$folder/bin/python"
}

provider() {
  local folder="$cache/minio/${provider/@/-}"
  lock minio-provider
  if [ ! -e "$folder/complete" ]; then
    mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "$provider" >&2
    touch "$folder/complete"
  fi
  echo "$folder/node_modules/oidc-provider/lib/index.js"
}

case ${1:-} in
  python | provider) "$1" ;;
  *) echo 'what to install: python, provider' >&2; exit 2 ;;
esac
