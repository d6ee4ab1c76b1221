#!/usr/bin/env bash
# Builds or downloads software for the e2e suites and caches it.
#   build.sh kubernetes VERSION BINARY...   prints the folder that holds them
#   build.sh etcd                           prints the path of etcd
#   build.sh tool NAME...                   prints the path of each tool
#   build.sh schemas FOLDER_OF_CRDS         prints the folder of kubeconform's schemas
#   build.sh device-plugin                  prints the path of our own device plugin
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FACILITY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-analysis-facility}
# The linker of kube-apiserver takes 2.7 GB: more than two packages at once brings nothing on a CI machine.
jobs=${JOBS:-2}
tools=(kubeconform kube-score containerd coredns local-path-provisioner traefik minio mc)

say() { echo "$*" >&2; }
die() { say "build.sh: $*"; exit 1; }

need_go() {
  command -v go >/dev/null || die "Go $1 or newer is needed to build $2: install it and put it on the PATH"
  local have
  have=$(go env GOVERSION)
  [ "$(printf '%s\n' "go$1" "$have" | sort -V | head -1)" = "go$1" ] || die "Go $1 or newer is needed to build $2; this is $have"
}

# Two suites may build the same program at the same time: the second waits for the first.
lock() {
  mkdir -p "$cache/locks"
  exec 9>"$cache/locks/$1"
  flock 9
}

seconds() { local start=$SECONDS; "$@"; say "  $((SECONDS - start)) s"; }

# Kubernetes requires its own staging repositories as v0.0.0, which exist only inside its source tree;
# a wrapper module puts each one's published version in the place.
wrapper_module() {
  local version=$1 folder=$2 gomod staging
  mkdir -p "$folder"
  gomod=$(cd "$folder" && go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
  [ -f "$gomod" ] || die "k8s.io/kubernetes@v$version cannot be downloaded"
  staging=v0.${version#*.}
  {
    printf 'module wrapper\n\ngo %s\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$(sed -n 's/^go //p' "$gomod")" "$version"
    awk -v to="$staging" '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" { print "\t" $1 " => " $1 " " to }' "$gomod" | sort -u
    printf ')\n'
  } >"$folder/go.mod"
  {
    printf '//go:build tools\n\npackage wrapper\n\nimport (\n'
    printf '\t_ "k8s.io/kubernetes/cmd/%s"\n' kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubectl kubelet
    printf ')\n'
  } >"$folder/commands.go"
}

# Without these the server calls itself v0.0.0-master and every version check between the parts fails.
version_flags() {
  local version=$1 package flags='-s -w'
  local minor=${version#*.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=v$version -X $package.gitMajor=${version%%.*} -X $package.gitMinor=${minor%%.*}"
    flags+=" -X $package.gitTreeState=clean -X $package.gitCommit=module -X $package.buildDate=1970-01-01T00:00:00Z"
  done
  echo "$flags"
}

# All in one call: while one program is linked, which takes one core, the next one is compiled.
go_build() {
  local module=$1 version=$2 target=$3 packages=("${@:4}")
  (
    cd "$module"
    CGO_ENABLED=0 GOFLAGS="-p=$jobs -mod=mod -buildvcs=false" go build -trimpath \
      -ldflags "$(version_flags "$version")" -o "$target/" "${packages[@]/#/k8s.io/kubernetes/cmd/}"
  )
}

kubernetes() {
  local version=$1 folder="$cache/kubernetes/$1" binary missing=()
  shift
  lock "kubernetes-$version"
  for binary in "$@"; do [ -x "$folder/$binary" ] || missing+=("$binary"); done
  if [ ${#missing[@]} -gt 0 ]; then
    need_go 1.26 "Kubernetes $version"
    [ -f "$folder/module/go.mod" ] || { wrapper_module "$version" "$folder/module.part"; mv "$folder/module.part" "$folder/module"; }
    say "building Kubernetes $version: ${missing[*]} (minutes)"
    rm -rf "$folder/part"
    mkdir "$folder/part"
    seconds go_build "$folder/module" "$version" "$folder/part" "${missing[@]}"
    mv "$folder/part"/* "$folder"
  fi
  echo "$folder"
}

etcd_from_debian() {
  local into=$1
  (
    cd "$into"
    apt-get download etcd-server >&2 || { apt-get -o DPkg::Lock::Timeout=600 update >&2 && apt-get download etcd-server >&2; }
    dpkg -x etcd-server_*.deb unpacked
    mv unpacked/usr/bin/etcd etcd
  )
}

etcd_from_go() {
  need_go 1.26 etcd
  (
    cd "$1"
    go mod init wrapper
    go mod edit -require=go.etcd.io/etcd/server/v3@v3.7.3
    CGO_ENABLED=0 GOFLAGS="-p=$jobs -mod=mod -buildvcs=false" go build -trimpath -ldflags '-s -w' -o etcd go.etcd.io/etcd/server/v3
  ) >&2
}

etcd() {
  local folder="$cache/tools/etcd" work
  lock etcd
  if [ ! -x "$folder/etcd" ]; then
    mkdir -p "$folder"
    work=$(mktemp -d "$folder/part.XXXXXX")
    say 'fetching etcd'
    if command -v apt-get >/dev/null; then seconds etcd_from_debian "$work"; else seconds etcd_from_go "$work"; fi
    mv "$work/etcd" "$folder/etcd"
    rm -rf "$work"
  fi
  echo "$folder/etcd"
}

# The replacements that a module makes for itself count only in the module that is built: the wrapper takes them over.
tool_module() {
  local module=$1 version=$2 gomod
  go mod init wrapper 2>/dev/null
  gomod=$(go mod download -json "$module@$version" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
  [ -f "$gomod" ] || die "$module@$version cannot be downloaded"
  go mod edit -go="$(sed -n 's/^go //p' "$gomod")" -require="$module@$version"
  go mod edit -json "$gomod" | node -e '
    const { Replace } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const at = ({ Path, Version }) => (Version ? `${Path}@${Version}` : Path);
    for (const { Old, New } of Replace ?? []) if (New.Version) console.log(`-replace=${at(Old)}=${at(New)}`);
  ' | xargs -r go mod edit
}

tool() {
  local name=$1 module version commands tags='' flags=''
  case $name in
    kubeconform) module=github.com/yannh/kubeconform version=v0.8.0 commands=cmd/kubeconform ;;
    kube-score) module=github.com/zegl/kube-score version=v1.20.0 commands=cmd/kube-score ;;
    containerd)
      module=github.com/containerd/containerd/v2 version=v2.4.2 commands='cmd/containerd cmd/containerd-shim-runc-v2 cmd/ctr'
      tags=no_btrfs,no_zfs,no_devmapper flags="-X $module/version.Version=2.4.2"
      ;;
    coredns) module=github.com/coredns/coredns version=v1.15.0 commands=. ;;
    local-path-provisioner) module=github.com/rancher/local-path-provisioner version=v0.0.30 commands=. ;;
    traefik) module=github.com/traefik/traefik/v3 version=v3.6.12 commands=cmd/traefik ;;
    # The last commits of the archived server and of its client that Go's public database knows.
    minio) module=github.com/minio/minio version=v0.0.0-20260212201848-7aac2a2c5b7c commands=. ;;
    mc) module=github.com/minio/mc version=v0.0.0-20250313080218-cf909e1063a9 commands=. ;;
    *) die "no tool is called $name; there are ${tools[*]}" ;;
  esac
  local folder="$cache/tools/$name@$version" part command packages=()
  lock "$name"
  if [ ! -x "$folder/$name" ]; then
    need_go 1.26 "$name"
    say "building $name $version"
    mkdir -p "$folder"
    part=$(mktemp -d "$folder/part.XXXXXX")
    for command in $commands; do packages+=("$module/$command"); done
    (
      cd "$part"
      tool_module "$module" "$version"
      export CGO_ENABLED=0 GOFLAGS="-p=$jobs -mod=mod -buildvcs=false"
      seconds go build -trimpath -tags "$tags" -ldflags "-s -w $flags" -o bin/ "${packages[@]/%\/./}"
    ) >&2
    # The name that says that it is there comes last.
    find "$part/bin" -type f ! -name "$name" -exec mv -t "$folder" {} +
    mv "$part/bin/$name" "$folder/$name"
    rm -rf "$part"
  fi
  echo "$folder/$name"
}

# Ours, with the interface of the newest kubelet that is built here.
device-plugin() {
  local source="$here/devices/plugin.go" folder part
  folder="$cache/tools/device-plugin-$(sha256sum "$source" | cut -c1-12)"
  lock device-plugin
  if [ ! -x "$folder/device-plugin" ]; then
    need_go 1.26 'the device plugin'
    say 'building the device plugin'
    mkdir -p "$folder"
    part=$(mktemp -d "$folder/part.XXXXXX")
    cp "$source" "$part"
    (
      cd "$part"
      tool_module k8s.io/kubelet v0.37.1
      export CGO_ENABLED=0 GOFLAGS="-p=$jobs -mod=mod -buildvcs=false"
      seconds go build -trimpath -ldflags '-s -w' -o device-plugin .
    ) >&2
    mv "$part/device-plugin" "$folder/device-plugin"
    rm -rf "$part"
  fi
  echo "$folder/device-plugin"
}

# The OpenAPI document of 1.27 is in Kubernetes' own module, so its schemas can be had although its server cannot be built:
# a dozen of its staging modules have no checksum in Go's public database.
schemas() {
  local version=1.27.16 crds source stamp folder work
  crds=$(cd "$1" && pwd)
  stamp=$(cat "$here/kubeconform-schemas.mjs" <(find "$crds" -name '*.yaml' | sort | xargs cat) | sha256sum | cut -c1-12)
  folder="$cache/schemas/$version-$stamp"
  lock schemas
  if [ ! -d "$folder" ]; then
    need_go 1.24 "the schemas of Kubernetes $version"
    say "converting the schemas of Kubernetes $version"
    work=$(mktemp -d)
    source=$(cd "$work" && go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
    rm -rf "$work" "$folder.part"
    seconds node "$here/kubeconform-schemas.mjs" "$source/api/openapi-spec/swagger.json" "$crds" "$folder.part" >&2
    mv "$folder.part" "$folder"
  fi
  echo "$folder"
}

case ${1:-} in
  kubernetes | etcd | schemas | device-plugin) "$@" ;;
  tool) for name in "${@:2}"; do tool "$name"; done ;;
  *) die 'what to build: kubernetes VERSION BINARY..., etcd, tool NAME..., schemas FOLDER_OF_CRDS, device-plugin' ;;
esac
