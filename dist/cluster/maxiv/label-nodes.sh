#!/bin/sh
# Sets labels and taints of the GPU nodes. Generated from the description of the site: do not edit.
# It is idempotent. Nodes whose MIG layout would change while pods use their GPUs are skipped and reported.
set -eu
status=0

# label_mig_node NODE LAYOUT LABEL...
label_mig_node() {
  node=$1 layout=$2
  shift 2
  has=$(kubectl get node "$node" -o 'jsonpath={.metadata.labels.nvidia\.com/mig\.config}')
  if [ "$has" != "$layout" ]; then
    pods=$(kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node,status.phase!=Succeeded,status.phase!=Failed" -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.containers[*].resources.limits}{"\n"}{end}')
    if echo "$pods" | grep -q -F '"nvidia.com/'; then
      echo "$node: the layout is '$has' instead of '$layout', but pods use its GPUs: see npx facility gpu-plan" >&2
      status=1
      return
    fi
  fi
  kubectl label node "$node" --overwrite "$@"
}

# pool_nodes SELECTOR COUNT: writes the names of the nodes with these labels to the file $list
pool_nodes() {
  kubectl get nodes --selector "$1" -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' >"$list"
  count=$(grep -c . "$list" || true)
  if [ "$count" -ne "$2" ]; then
    echo "found $count nodes with the labels '$1', but the pool has $2 nodes" >&2
    exit 1
  fi
}
list=$(mktemp)
trap 'rm -f "$list"' EXIT

# Pool gpu-half
label_mig_node b-jupyter-gn-1 a100-80gb-2x3g.40gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x3g.40gb
kubectl taint node b-jupyter-gn-1 --overwrite nvidia.com/gpu:NoSchedule
label_mig_node b-jupyter-gn-2 a100-80gb-2x3g.40gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x3g.40gb
kubectl taint node b-jupyter-gn-2 --overwrite nvidia.com/gpu:NoSchedule

# Pool gpu-fine
label_mig_node b-jupyter-gn-3 a100-80gb-2x2g.20gb-3x1g.10gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x2g.20gb-3x1g.10gb
kubectl taint node b-jupyter-gn-3 --overwrite nvidia.com/gpu:NoSchedule

exit "$status"
