#!/usr/bin/env bash
# enter.sh COMMAND...: runs COMMAND with a network of its own, in which the names of the cluster are this machine, and with the
# folders that a pod of the hub has. All of it goes with the command.
set -euo pipefail

inside() {
  local work
  ip link set lo up
  work=$(mktemp -d)
  mount -t tmpfs tmpfs "$work"
  # /etc is copied rather than written to: the machine keeps its own.
  cp -a /etc "$work/etc"
  mkdir "$work/etc/jupyterhub" "$work/run" "$work/state"
  for name in $HUB_NAMES; do echo "127.0.0.1 $name"; done >>"$work/etc/hosts"
  # Nobody answers for names that are not in the file.
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
