/** Image of an operand of the GPU Operator. */
export interface OperandImage {
  readonly repository: string;
  readonly image: string;
  /** A tag, or a digest with its algorithm. */
  readonly version: string;
  readonly imagePullSecrets?: readonly string[];
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

declare module '../../kubernetes/manifest' {
  interface Kinds {
    'nvidia.com/v1/ClusterPolicy': ClusterPolicy;
  }
}
