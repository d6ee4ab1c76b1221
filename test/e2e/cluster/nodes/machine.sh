#!/usr/bin/env bash
# A machine of a cluster: separate network, mount, PID and UTS namespaces, and a separate cgroup.
# Killing its first process stops everything in it: daemons, pods, mounts, links and rules.
#   machine.sh FOLDER CGROUP [CPUS KIBIBYTES]     with CPUS it is a node and reports that capacity
# FOLDER's last part is its name. FOLDER/ready appears when it is up; what it keeps on its disks stays in FOLDER.
set -euo pipefail
folder=$1 cgroup=$2 cpus=${3:-0} kibibytes=${4:-0}

# A kubelet manages all pods of its cgroup tree, so several kubelets on one kernel need separate trees.
own_cgroups() {
  local controller path parent group before
  # Read before it changes under the loop.
  before=$(</proc/self/cgroup)
  rm -f "$folder/cgroups"
  while IFS=: read -r _ controller path; do
    [ -n "$controller" ] || continue
    parent=/sys/fs/cgroup/${controller#name=}${path%/}
    group=$parent/$cgroup
    mkdir -p "$group"
    # Of pods that died with the node: each would cost the kubelet three seconds.
    find "$group" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true
    # A new cpuset is empty, and no process can enter an empty one.
    if [ -e "$parent/cpuset.cpus" ]; then
      cat "$parent/cpuset.cpus" >"$group/cpuset.cpus"
      cat "$parent/cpuset.mems" >"$group/cpuset.mems"
    fi
    echo "$controller $group" >>"$folder/cgroups"
    echo $$ >"$group/cgroup.procs"
  done <<<"$before"
  [ -s "$folder/cgroups" ] || { echo 'this machine has no cgroup v1 controllers, which the nodes of a cluster are made with' >&2; exit 1; }
}

if [ "${INSIDE:-}" != yes ]; then
  [ "$cpus" = 0 ] || own_cgroups
  INSIDE=yes exec unshare --net --mount --pid --cgroup --uts --ipc --fork --kill-child --propagation private bash "$0" "$@"
fi

# What a node writes there must be its own; it may read what the machine has.
private_disks() {
  local disk
  exec 8<"$folder"
  for disk in /var/lib /var/log /opt /srv /mnt; do
    mkdir -p "$folder/disk$disk" "$folder/disk.work$disk"
    mount -t overlay -o "lowerdir=$disk,upperdir=$folder/disk$disk,workdir=$folder/disk.work$disk" overlay "$disk"
  done
  # The folder may lie under one of them; what is on an overlay cannot carry the overlays of containers.
  mkdir -p "$folder" "$folder/kubelet" /var/lib/kubelet
  mount --bind /proc/self/fd/8 "$folder"
  mount --bind "$folder/kubelet" /var/lib/kubelet
  # Volumes that follow a pod from node to node are one folder for all nodes.
  mkdir -p "$folder/../volumes" /var/lib/volumes
  mount --bind "$folder/../volumes" /var/lib/volumes
}

mount_cgroups() {
  local controller at _ part
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  while read -r controller _; do
    at=/sys/fs/cgroup/${controller#name=}
    mkdir "$at"
    mount -t cgroup -o "${controller/#name=/none,name=}" cgroup "$at"
    # Some kernels mount two of them as one.
    case $controller in *,*) for part in ${controller//,/ }; do ln -s "$controller" "/sys/fs/cgroup/$part"; done ;; esac
  done <"$folder/cgroups"
}

# The kubelet sets six values of the whole kernel and stops if it may not, except where they are already as it wants them.
pretend_sysctls() {
  local pair file
  mkdir -p "$folder/pretended"
  for pair in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$folder/pretended/${pair//\//.}
    echo "${pair#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${pair%=*}"
  done
}

# The kubelet takes the memory from meminfo, and counts the folders of CPUs where no NUMA node is told. A CPU with a topology is
# also written into cpuset.cpus, which the kernel refuses for one that does not exist: so only the real ones get one.
pretend_capacity() {
  local i real
  real=$(nproc --all)
  sed "s/^MemTotal:.*/MemTotal: $kibibytes kB/" /proc/meminfo >"$folder/pretended/meminfo"
  mount --bind "$folder/pretended/meminfo" /proc/meminfo
  mount -t tmpfs -o mode=755 none /sys/devices/system/node
  mount -t tmpfs -o mode=755 none /sys/devices/system/cpu
  cd /sys/devices/system/cpu
  for ((i = 0; i < cpus; i++)); do
    mkdir "cpu$i"
    [ "$i" -lt "$real" ] || continue
    mkdir "cpu$i/topology"
    echo "$i" >"cpu$i/topology/core_id"
    echo 0 >"cpu$i/topology/physical_package_id"
  done
  for file in online possible present; do echo "0-$((real - 1))" >$file; done
  cd /
}

hostname "$(basename "$folder")"
mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys 2>/dev/null || true
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock /run/netns
if [ "$cpus" != 0 ]; then
  private_disks
  mount_cgroups
  pretend_sysctls
  pretend_capacity
fi
mount --make-rshared /

ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
for which in all default; do echo 0 >"/proc/sys/net/ipv4/conf/$which/rp_filter"; done

touch "$folder/ready"
while :; do
  sleep 1d &
  wait $!
done
