#!/usr/bin/env bash
# Installs the software that the suite starts, by version, in the user's cache directory, unless it is already there.
#
#   install.sh python 5|6   prints the directory of a Python environment with that JupyterHub release and the packages of the image
#   install.sh proxy        prints the directory of configurable-http-proxy
set -euo pipefail

# 5: the versions in the image `jupyterhub` (description.ts). 6: the next release.
hub_5=(jupyterhub==5.5.0 jupyterhub-kubespawner==7.0.0 oauthenticator==17.4.0 jupyterhub-idle-culler==1.4.0)
hub_6=('jupyterhub>=6,<7' 'jupyterhub-kubespawner>=7.1,<8' 'oauthenticator>=17.4,<18' 'jupyterhub-idle-culler>=2,<3')
both=(jupyterhub-ldapauthenticator==2.0.2 jupyterhub-nativeauthenticator==1.3.0 psycopg2-binary jupyter-server)
proxy=configurable-http-proxy@5.2.0

python() {
  local list="hub_$1[@]"
  "$(dirname "$0")/../python.sh" "hub/python-$1" "${!list}" "${both[@]}"
}

proxy() {
  local cache=${FACILITY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility}/hub
  local folder="$cache/${proxy/@/-}"
  mkdir -p "$cache/locks"
  exec 9>"$cache/locks/proxy"
  flock 9
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
  *) echo "usage: install.sh python 5|6 | proxy" >&2; exit 2 ;;
esac
