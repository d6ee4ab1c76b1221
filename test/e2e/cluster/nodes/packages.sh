#!/usr/bin/env bash
# Prepares this machine for a cluster: installs missing Debian packages and raises the limit of inotify watches.
set -euo pipefail

needed=(runc containernetworking-plugins nftables iptables iproute2 socat conntrack busybox-static debootstrap openssl curl python3 procps)
missing=()
for package in "${needed[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
# Daemons and pods use inotify. A dozen nodes exceed the default of 128 inotify instances per user, and the kubelet then exits.
watchers=/proc/sys/fs/inotify/max_user_instances
[ "$(<$watchers)" -ge 2048 ] || echo 2048 >$watchers

[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "these packages are missing, and only root can install them: ${missing[*]}" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
# Installed daemons must not start on this machine: only their programs are used.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi
# Somebody else may be installing: their lock is waited for.
install() { apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}" >&2; }
install || { apt-get -o DPkg::Lock::Timeout=600 update >&2 && install; }
