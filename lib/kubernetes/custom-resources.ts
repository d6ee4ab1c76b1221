/**
 * Resources that cdk8s-plus-27 does not know, with exactly the fields that the library writes. The types are proved on a real API
 * server with the definitions that their projects publish.
 */

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
export interface ServiceMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      /** The name of the Service's port; its number would be ignored. */
      readonly port: string;
      readonly path: string;
      readonly interval: string;
      /** Keep the labels that the metrics themselves have where the target has the same. */
      readonly honorLabels: boolean;
    }[];
  };
}

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
export interface PrometheusRule {
  readonly spec: { readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[] };
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/device-class-v1/ */
export interface DeviceClass {
  readonly spec: {
    readonly selectors: readonly { readonly cel: { readonly expression: string } }[];
    readonly extendedResourceName?: string;
  };
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-template-v1/ */
export interface ResourceClaimTemplate {
  readonly spec: {
    readonly spec: {
      readonly devices: {
        readonly requests: readonly {
          readonly name: string;
          readonly exactly: { readonly deviceClassName: string; readonly allocationMode: 'ExactCount'; readonly count: number };
        }[];
      };
    };
  };
}

/** Where the GPU operator finds the image of one of its parts. */
export interface OperandImage {
  readonly repository: string;
  readonly image: string;
  /** A tag, or a digest with its algorithm. */
  readonly version: string;
}

interface Operand extends Partial<OperandImage> {
  readonly enabled: boolean;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

/** @see https://github.com/NVIDIA/gpu-operator/blob/main/api/nvidia/v1/clusterpolicy_types.go */
export interface ClusterPolicy {
  readonly spec: {
    readonly operator: { readonly defaultRuntime: 'docker' | 'containerd'; readonly runtimeClass: string };
    readonly daemonsets: {
      readonly priorityClassName: string;
      readonly tolerations?: readonly {
        readonly key: string;
        readonly operator: string;
        readonly value?: string;
        readonly effect: string;
      }[];
      readonly updateStrategy: 'RollingUpdate';
      readonly rollingUpdate: { readonly maxUnavailable: string };
    };
    readonly cdi: { readonly enabled: boolean };
    readonly driver: Operand & { readonly manager?: OperandImage };
    readonly toolkit: Operand;
    readonly devicePlugin: Operand & { readonly config?: { readonly name: string; readonly default: string } };
    readonly gfd: Operand;
    readonly mig: { readonly strategy: 'none' | 'single' | 'mixed' };
    readonly migManager: Operand & { readonly config?: { readonly name: string; readonly default: 'all-disabled' } };
    readonly dcgm: { readonly enabled: boolean };
    readonly dcgmExporter: Operand & {
      readonly config?: { readonly name: string };
      readonly serviceMonitor?: {
        readonly enabled: boolean;
        readonly interval?: string;
        readonly honorLabels?: boolean;
        readonly additionalLabels?: Readonly<Record<string, string>>;
      };
    };
    readonly nodeStatusExporter: { readonly enabled: boolean };
    readonly validator: OperandImage;
  };
}
