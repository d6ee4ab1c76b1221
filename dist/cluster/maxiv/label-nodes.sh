#!/bin/sh
# Labels and taints of the nodes with cards, from the description of the site: change that, not this file.
# It may run again and again. A node whose cards would be cut anew under running pods is left as it is, and told.
set -eu
status=0

# card_node NODE LAYOUT LABEL...
card_node() {
  node=$1 layout=$2
  shift 2
  has=$(kubectl get node "$node" -o 'jsonpath={.metadata.labels.nvidia\.com/mig\.config}')
  if [ "$has" != "$layout" ]; then
    pods=$(kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node,status.phase!=Succeeded,status.phase!=Failed" -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.containers[*].resources.limits}{"\n"}{end}')
    if echo "$pods" | grep -q -F '"nvidia.com/'; then
      echo "$node: has the layout '$has', not '$layout', and pods run on its cards: facility gpu-plan tells how to change it" >&2
      status=1
      return
    fi
  fi
  kubectl label node "$node" --overwrite "$@"
}

# pool_nodes SELECTOR COUNT: the names of the nodes that the labels of a pool tell
pool_nodes() {
  kubectl get nodes --selector "$1" -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' >"$list"
  count=$(grep -c . "$list" || true)
  if [ "$count" -ne "$2" ]; then
    echo "$count nodes have the labels '$1', but the description of the site says $2" >&2
    exit 1
  fi
}
list=$(mktemp)
trap 'rm -f "$list"' EXIT

# Pool gpu-half
card_node b-jupyter-gn-1 a100-80gb-2x3g.40gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x3g.40gb
kubectl taint node b-jupyter-gn-1 --overwrite nvidia.com/gpu:NoSchedule
card_node b-jupyter-gn-2 a100-80gb-2x3g.40gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x3g.40gb
kubectl taint node b-jupyter-gn-2 --overwrite nvidia.com/gpu:NoSchedule

# Pool gpu-fine
card_node b-jupyter-gn-3 a100-80gb-2x2g.20gb-3x1g.10gb nvidia.com/device-plugin.config=mig-mixed nvidia.com/gpu.deploy.dcgm-exporter=true nvidia.com/gpu.deploy.device-plugin=true nvidia.com/gpu.deploy.gpu-feature-discovery=true nvidia.com/gpu.product=NVIDIA-A100-80GB-PCIe nvidia.com/mig.config=a100-80gb-2x2g.20gb-3x1g.10gb
kubectl taint node b-jupyter-gn-3 --overwrite nvidia.com/gpu:NoSchedule

exit "$status"
