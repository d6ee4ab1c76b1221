import { readFileSync } from 'node:fs';

/** A type in the schema of a Terraform provider, e.g. `["set", "string"]`. */
export type AttributeType =
  | 'string'
  | 'number'
  | 'bool'
  | 'dynamic'
  | readonly ['list' | 'set' | 'map', AttributeType]
  | readonly ['object', Readonly<Record<string, AttributeType>>];

export interface AttributeSchema {
  readonly type: AttributeType;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}

export interface NestedBlockSchema {
  readonly nesting_mode: 'single' | 'group' | 'list' | 'set' | 'map';
  readonly min_items?: number;
  readonly max_items?: number;
  readonly block: BlockSchema;
}

export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly block_types?: Readonly<Record<string, NestedBlockSchema>>;
}

type Described = Readonly<Record<string, { readonly block: BlockSchema }>>;

export interface ProviderSchema {
  /** Local name in a stack: the last part of the source. */
  readonly name: string;
  /** Namespace and name, without the host of the registry. */
  readonly source: string;
  readonly provider: { readonly block: BlockSchema };
  readonly resources: Described;
  readonly dataSources: Described;
}

/** The only provider in a file that `terraform providers schema -json` printed. */
export function readProviderSchema(file: string): ProviderSchema {
  const entries = Object.entries<any>(JSON.parse(readFileSync(file, 'utf8')).provider_schemas ?? {});
  const [entry] = entries;
  if (!entry || entries.length > 1) {
    throw new Error(`${file} must describe one provider; it describes: ${entries.map(([key]) => key).join(', ') || 'none'}`);
  }
  const [address, schema] = entry;
  const source = address.split('/').slice(-2).join('/');
  return {
    name: source.split('/')[1] ?? source,
    source,
    provider: schema.provider,
    resources: schema.resource_schemas,
    dataSources: schema.data_source_schemas,
  };
}

/** The first name in an attribute path that the block does not have, if there is one. */
export function unknownStep(block: BlockSchema, steps: readonly string[]): string | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return undefined;
  const attribute = block.attributes?.[step];
  if (attribute) return unknownStepOfType(attribute.type, rest);
  const nested = block.block_types?.[step];
  return nested ? unknownStep(nested.block, rest) : step;
}

function unknownStepOfType(type: AttributeType, steps: readonly string[]): string | undefined {
  const [step, ...rest] = steps;
  if (step === undefined || type === 'dynamic') return undefined;
  if (typeof type === 'string') return step;
  switch (type[0]) {
    case 'list':
    case 'set':
      return unknownStepOfType(type[1], steps);
    case 'map':
      return unknownStepOfType(type[1], rest);
    case 'object': {
      const member = type[1][step];
      return member === undefined ? step : unknownStepOfType(member, rest);
    }
  }
}
