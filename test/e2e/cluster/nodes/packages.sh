#!/usr/bin/env bash
# Prepares this machine for a cluster: the Debian packages that are missing, and room for watchers of files.
set -euo pipefail

needed=(runc containernetworking-plugins nftables iptables iproute2 socat conntrack busybox-static debootstrap openssl curl python3 procps)
missing=()
for package in "${needed[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
# Every daemon and many a pod watch files. The usual 128 watchers of a user are gone with a dozen nodes, and a kubelet ends then.
watchers=/proc/sys/fs/inotify/max_user_instances
[ "$(<$watchers)" -ge 2048 ] || echo 2048 >$watchers

[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "these packages are missing, and only root can install them: ${missing[*]}" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
# An installed daemon must not start: this machine only lends its programs.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi
# Somebody else may be installing: their lock is waited for.
install() { apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}" >&2; }
install || { apt-get -o DPkg::Lock::Timeout=600 update >&2 && install; }
