#!/usr/bin/env bash
# Writes one layer of an image to FOLDER/upper, on top of FOLDER/lower.
#   layer.sh debian FOLDER PACKAGE,PACKAGE [RELEASE]   a minimal Debian from the mirror of this machine; by default of its release
#   layer.sh script FOLDER                   the result of the script on standard input, run as root of the image
set -euo pipefail
kind=$1 folder=$2
umask 022

debian() {
  local release mirror
  # The first Debian mirror among the package sources of this machine.
  read -r release mirror < <(apt-get indextargets --format '$(LABEL) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /-/ { print $2, $3 }') || { echo 'no Debian among the package sources of this machine' >&2; exit 1; }
  debootstrap --variant=minbase --include="$1" "${2:-$release}" "$folder/upper" "$mirror"
  chroot "$folder/upper" apt-get clean
  rm -rf "$folder"/upper/{var/lib/apt/lists,usr/share/{doc,man,locale,info},var/log,var/cache/debconf,dev,proc,sys}/*
}

if [ "$kind" = debian ]; then
  debian "$3" "${4:-}" >&2
  exit
fi

if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --mount --pid --fork --kill-child --propagation private bash "$0" "$@"
fi
root=$folder/root
certificates=/etc/ssl/certs/ca-certificates.crt
index=$(python3 -m pip config get global.index-url 2>/dev/null || true)
mkdir -p "$root"
mount -t overlay -o "lowerdir=$folder/lower,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# These exist in the image, so that nothing of this machine stays in it.
mount --bind "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"
mount --bind "${SSL_CERT_FILE:-$certificates}" "$root$certificates"
exec chroot "$root" /usr/bin/env -i HOME=/tmp PATH=/opt/python/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  SSL_CERT_FILE=$certificates PIP_CERT=$certificates ${index:+PIP_INDEX_URL="$index"} PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
  ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${https_proxy:+https_proxy="$https_proxy"} ${http_proxy:+http_proxy="$http_proxy"} \
  bash -euo pipefail -s
