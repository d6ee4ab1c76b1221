#!/usr/bin/env bash
# The software that the suite starts, kept by version in the user's cache folder and fetched only where it is missing.
#
#   install.sh python 5|6   prints the folder of a Python environment with that JupyterHub, and what our image has beside it
#   install.sh proxy        prints the folder of configurable-http-proxy
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility/hub

# What images.ts says about the image `jupyterhub`; 6 is the release that follows.
hub_5=(jupyterhub==5.5.0 jupyterhub-kubespawner==7.0.0 oauthenticator==17.4.0 jupyterhub-idle-culler==1.4.0)
hub_6=('jupyterhub>=6,<7' 'jupyterhub-kubespawner>=7.1,<8' 'oauthenticator>=17.4,<18' 'jupyterhub-idle-culler>=2,<3')
both=(jupyterhub-ldapauthenticator==2.0.2 jupyterhub-nativeauthenticator==1.3.0 psycopg2-binary jupyter-server)
proxy=configurable-http-proxy@5.2.0

lock() {
  mkdir -p "$cache/locks"
  exec 9>"$cache/locks/$1"
  flock 9
}

python() {
  local list="hub_$1[@]" stamp folder
  local packages=("${!list}" "${both[@]}")
  stamp=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-10)
  folder="$cache/python-$1-$stamp"
  lock "python-$1"
  if [ ! -e "$folder/complete" ]; then
    echo "  installing JupyterHub $1" >&2
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
    touch "$folder/complete"
  fi
  echo "$folder"
}

proxy() {
  local folder="$cache/${proxy/@/-}"
  lock proxy
  if [ ! -e "$folder/complete" ]; then
    echo '  installing configurable-http-proxy' >&2
    mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "$proxy" >&2
    touch "$folder/complete"
  fi
  echo "$folder/node_modules/configurable-http-proxy"
}

case ${1:-} in
  python | proxy) "$@" ;;
  *) echo "what to install: python 5|6, proxy" >&2; exit 2 ;;
esac
