#!/usr/bin/env bash
# enter.sh COMMAND...: runs COMMAND in network and mount namespaces of its own. Host names of the cluster resolve to localhost, and the
# directories of a hub pod exist. The namespaces are removed when the command exits.
set -euo pipefail

inside() {
  local work
  ip link set lo up
  work=$(mktemp -d)
  mount -t tmpfs tmpfs "$work"
  # A copy of /etc, so that the machine's own files do not change.
  cp -a /etc "$work/etc"
  mkdir "$work/etc/jupyterhub" "$work/run" "$work/state"
  for name in $HUB_NAMES; do echo "127.0.0.1 $name"; done >>"$work/etc/hosts"
  # Names that are not in the file do not resolve.
  sed -i 's/^hosts:.*/hosts: files/' "$work/etc/nsswitch.conf"
  mount --bind "$work/etc" /etc
  mount --bind "$work/run" /run
  mkdir -p /run/secrets/kubernetes.io/serviceaccount
  [ -e /var/run/secrets ] || mount --bind "$work/run" /var/run
  mount --bind "$work/state" /var/lib
  mkdir /var/lib/jupyterhub
  exec "$@"
}

if [ "${HUB_INSIDE:-}" = 1 ]; then inside "$@"; fi
HUB_INSIDE=1 exec unshare --mount --net --fork --kill-child --propagation private -- "$0" "$@"
