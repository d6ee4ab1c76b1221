#!/usr/bin/env bash
# Installs cloud-init of Debian and prints the path of its command.
set -euo pipefail

found=$(command -v cloud-init || true)
[ -n "$found" ] && echo "$found" && exit 0
command -v apt-get >/dev/null || { echo 'cloud-init is needed: install the package of your distribution' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'cloud-init is needed: run `apt-get install --no-install-recommends cloud-init` as root' >&2; exit 1; }

# Only its schema is used: it must not run on this machine, neither now nor at the next boot.
mkdir -p /etc/cloud
touch /etc/cloud/cloud-init.disabled
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi

apt() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 "$@" >&2; }
install() { apt install -y --no-install-recommends cloud-init; }
install || { apt update && install; }
command -v cloud-init
