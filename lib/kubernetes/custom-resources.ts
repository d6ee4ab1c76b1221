/**
 * Resources that cdk8s-plus-27 does not contain, with exactly the fields that the library writes. The suite `apiserver` validates them on
 * a real API server with the CRDs of their projects.
 */

/** @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
export interface ServiceMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      /** Name of the port of the Service; a number would be ignored. */
      readonly port: string;
      readonly path: string;
      readonly interval: string;
      /** Whether labels of the metrics take precedence over labels of the target. */
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

/** @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export interface ValidatingAdmissionPolicy {
  readonly spec: {
    readonly failurePolicy: 'Fail' | 'Ignore';
    readonly matchConstraints: {
      readonly resourceRules: readonly {
        readonly apiGroups: readonly string[];
        readonly apiVersions: readonly string[];
        readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
        readonly resources: readonly string[];
      }[];
      readonly objectSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    };
    readonly validations: readonly { readonly expression: string; readonly message: string }[];
  };
}

export interface ValidatingAdmissionPolicyBinding {
  readonly spec: { readonly policyName: string; readonly validationActions: readonly ('Deny' | 'Warn' | 'Audit')[] };
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export interface HttpRoute {
  readonly spec: {
    readonly parentRefs: readonly {
      readonly group: 'gateway.networking.k8s.io';
      readonly kind: 'Gateway';
      readonly name: string;
      readonly namespace: string;
      readonly sectionName?: string;
    }[];
    readonly hostnames: readonly string[];
    readonly rules: readonly {
      readonly matches: readonly { readonly path: { readonly type: 'PathPrefix'; readonly value: string } }[];
      readonly backendRefs: readonly {
        readonly group: '';
        readonly kind: 'Service';
        readonly name: string;
        readonly port: number;
        readonly weight: number;
      }[];
      readonly timeouts: { readonly request: string; readonly backendRequest: string };
    }[];
  };
}
