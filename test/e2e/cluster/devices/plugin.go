// A device plugin without devices: `plugin RESOURCE=COUNT...` tells the kubelet of this machine that it has so many of each, and gives
// them out. What a container of NVIDIA's gets to see is told by the same variable as by NVIDIA's own plugin:
// https://github.com/NVIDIA/k8s-device-plugin#configuration-option-details (deviceListStrategy envvar).
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

type plugin struct {
	api.UnimplementedDevicePluginServer
	resource string
	devices  []*api.Device
}

func (it *plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

func (it *plugin) ListAndWatch(_ *api.Empty, stream grpc.ServerStreamingServer[api.ListAndWatchResponse]) error {
	if err := stream.Send(&api.ListAndWatchResponse{Devices: it.devices}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (it *plugin) Allocate(_ context.Context, asked *api.AllocateRequest) (*api.AllocateResponse, error) {
	answer := &api.AllocateResponse{}
	for _, container := range asked.ContainerRequests {
		given := &api.ContainerAllocateResponse{}
		if strings.HasPrefix(it.resource, "nvidia.com/") {
			given.Envs = map[string]string{"NVIDIA_VISIBLE_DEVICES": strings.Join(container.DevicesIds, ",")}
		}
		answer.ContainerResponses = append(answer.ContainerResponses, given)
	}
	return answer, nil
}

// The kubelet empties its folder when it starts, and listens afterwards: a socket that was made before is lost.
func waitForKubelet() {
	for {
		connection, err := net.Dial("unix", api.KubeletSocket)
		if err == nil {
			connection.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (it *plugin) serve() error {
	endpoint := strings.NewReplacer("/", "-").Replace(it.resource) + ".sock"
	listener, err := net.Listen("unix", filepath.Join(api.DevicePluginPath, endpoint))
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, it)
	go func() { log.Fatal(server.Serve(listener)) }()

	kubelet, err := grpc.NewClient("unix://"+api.KubeletSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer kubelet.Close()
	_, err = api.NewRegistrationClient(kubelet).Register(context.Background(), &api.RegisterRequest{
		Version:      api.Version,
		Endpoint:     endpoint,
		ResourceName: it.resource,
	})
	return err
}

func main() {
	waitForKubelet()
	for _, told := range os.Args[1:] {
		resource, number, _ := strings.Cut(told, "=")
		count, err := strconv.Atoi(number)
		if err != nil {
			log.Fatalf("%s is not RESOURCE=COUNT", told)
		}
		_, name, _ := strings.Cut(resource, "/")
		it := &plugin{resource: resource}
		for i := range count {
			it.devices = append(it.devices, &api.Device{ID: fmt.Sprintf("%s-%d", name, i), Health: api.Healthy})
		}
		if err := it.serve(); err != nil {
			log.Fatalf("%s: %v", resource, err)
		}
	}
	select {}
}
