import { checkBody, isObject, type JsonObject } from './body';
import { type Finding, listed, type Report, shown } from './finding';
import { type BlockSchema, type ProviderSchema, unknownStep } from './provider-schema';
import { interpolations, type Traversal, traversals, unescaped } from './template';

export interface StackCheck {
  readonly findings: readonly Finding[];
  /** Resources and data sources. */
  readonly resources: number;
  readonly attributes: number;
  readonly references: number;
}

/** Meta-arguments of every resource. */
const META_ARGUMENTS = ['depends_on', 'lifecycle', 'provider', 'count', 'for_each', 'connection', 'provisioner'];
const SECTIONS = [
  '//',
  'terraform',
  'provider',
  'resource',
  'data',
  'output',
  'variable',
  'locals',
  'module',
  'moved',
  'check',
  'import',
  'removed',
];

/** Maximum size of user data in base64 characters. Nova rejects more, but only at apply. */
const USER_DATA_LIMIT = 65_535;

/** Attributes whose values may begin with a slash: paths on the node or in a URL. */
const PATH_BY_NATURE = ['user_data', 'url_path', 'device'];

const ROOTED = /^(?:\/|~\/|[A-Za-z]:[\\/])/;
const ROOTED_ARGUMENT = /"(?:\/|~\/)\w/;

interface Declared {
  readonly kind: 'resource' | 'data';
  readonly type: string;
  readonly body: JsonObject;
  readonly path: string;
}

/**
 * Validates a synthesized stack against the schema of its provider.
 *
 * @param projectRoot folder of the project, which a stack must not refer to: it could only be applied on this machine
 */
export function checkStack(stack: JsonObject, schema: ProviderSchema, projectRoot: string): StackCheck {
  return new StackChecker(stack, schema, projectRoot).check();
}

class StackChecker {
  private readonly findings: Finding[] = [];
  private readonly declared: readonly Declared[];
  private attributes = 0;
  private references = 0;

  constructor(
    private readonly stack: JsonObject,
    private readonly schema: ProviderSchema,
    private readonly projectRoot: string,
  ) {
    this.declared = [...declarations(stack, 'resource'), ...declarations(stack, 'data')];
  }

  check(): StackCheck {
    for (const section of Object.keys(this.stack)) {
      if (!SECTIONS.includes(section)) this.report('unknown-section', section, `Terraform knows: ${listed(SECTIONS)}`);
    }
    this.checkSettings();
    for (const resource of this.declared) this.checkResource(resource);
    for (const [path, key, text] of strings(this.stack)) this.checkString(path, key, text);
    const { findings, declared, attributes, references } = this;
    return { findings, resources: declared.length, attributes, references };
  }

  private readonly report: Report = (code, path, message) => {
    this.findings.push({ code, path, message });
  };

  private checkSettings(): void {
    const settings = section(this.stack, 'terraform');
    const backends = Object.keys(section(settings, 'backend'));
    if (backends.length !== 1 && !settings.cloud) {
      this.report('backend', 'terraform.backend', `given: ${listed(backends)}; the stack must say where its state is: one backend`);
    }
    const { name, source, provider } = this.schema;
    const required = section(section(settings, 'required_providers'), name);
    if (required.source !== source) {
      const at = `terraform.required_providers.${name}.source`;
      this.report('provider-source', at, `given: ${shown(required.source)}; the schema is of ${source}`);
    }
    for (const [at, body] of providerBlocks(this.stack, name)) {
      this.attributes += checkBody(body, provider.block, at, this.report, ['alias', 'version']);
    }
  }

  private checkResource(resource: Declared): void {
    const { kind, type, body, path } = resource;
    const block = this.blockOf(kind, type);
    if (!block) {
      const known = kind === 'data' ? this.schema.dataSources : this.schema.resources;
      this.report('unknown-type', path, `the provider has no ${kind} ${type}; it has: ${listed(Object.keys(known))}`);
      return;
    }
    this.attributes += checkBody(body, block, path, this.report, META_ARGUMENTS);
    this.checkDependencies(body, path);
    this.checkIgnoredChanges(body, block, path);
    this.checkProviderOf(body, path);
  }

  private checkDependencies(body: JsonObject, path: string): void {
    for (const [i, target] of array(body.depends_on).entries()) {
      const [root = '', ...steps] = String(target).split('.');
      this.checkReference({ root, steps }, `${path}.depends_on[${i}]`);
    }
  }

  private checkIgnoredChanges(body: JsonObject, block: BlockSchema, path: string): void {
    const ignored = section(body, 'lifecycle').ignore_changes;
    if (ignored === 'all') return;
    for (const [i, name] of array(ignored).entries()) {
      const steps = String(name).split(/[.[]/).slice(0, 1);
      if (unknownStep(block, steps)) {
        const at = `${path}.lifecycle.ignore_changes[${i}]`;
        this.report('unknown-attribute', at, `given: ${shown(name)}; it must name an attribute of the resource`);
      }
    }
  }

  private checkProviderOf(body: JsonObject, path: string): void {
    const configured = providerBlocks(this.stack, this.schema.name).map(([, { alias }]) =>
      alias ? `${this.schema.name}.${alias}` : this.schema.name,
    );
    const given = body.provider ?? this.schema.name;
    if (configured.includes(String(given))) return;
    this.report('provider-reference', `${path}.provider`, `given: ${shown(given)}; the stack configures: ${listed(configured)}`);
  }

  private checkString(path: string, key: string, text: string): void {
    const found = interpolations(text);
    if (key === 'user_data') this.checkUserData(path, text);
    for (const { kind, expression, end } of found) {
      if (end > text.length) this.report('template', path, `no brace closes ${shown(`${kind}{${expression}`)}`);
      else if (kind === '%') this.report('template', path, `Terraform would run %{${expression}} : write %%{`);
      else for (const traversal of traversals(expression)) this.checkReference(traversal, path);
    }
    const rooted = ROOTED.test(text) || found.some(({ expression }) => ROOTED_ARGUMENT.test(expression));
    if ((rooted && !PATH_BY_NATURE.includes(key)) || `${text}/`.includes(`${this.projectRoot}/`)) {
      this.report('absolute-path', path, `given: ${shown(text)}; it would hold on one machine only: write a relative path`);
    }
  }

  private checkUserData(path: string, text: string): void {
    const [first] = interpolations(text);
    if (first) {
      const given = text.slice(first.start, first.start + 40);
      const fix = `write ${first.kind}${first.kind}{`;
      this.report('user-data-interpolation', path, `Terraform would evaluate ${shown(given)}: ${fix}`);
    }
    const length = Buffer.from(unescaped(text)).toString('base64').length;
    if (length > USER_DATA_LIMIT) {
      this.report('user-data-size', path, `given: ${length} characters of base64; Nova takes ${USER_DATA_LIMIT}`);
    }
  }

  private checkReference({ root, steps }: Traversal, path: string): void {
    const unknown = this.unknownTarget(root, steps);
    if (unknown === 'no reference') return;
    this.references++;
    if (unknown) this.report('unknown-reference', path, `given: ${[root, ...steps].join('.')}; ${unknown}`);
  }

  /** Why a reference cannot be resolved; undefined if it can. */
  private unknownTarget(root: string, steps: readonly string[]): string | undefined {
    const [first = '', second = '', ...rest] = steps;
    switch (root) {
      case 'data':
        return this.unknownAttribute('data', first, second, rest);
      case 'var':
        return missing(this.stack.variable, first, 'variable');
      case 'local':
        return missing(this.stack.locals, first, 'local value');
      case 'module':
        return missing(this.stack.module, first, 'module');
      default: {
        // Resource types begin with the name of the provider; other roots are path.module, each.key or a variable of a `for`.
        const isType = root.includes('_') || root in section(this.stack, 'resource');
        return isType ? this.unknownAttribute('resource', root, first, steps.slice(1)) : 'no reference';
      }
    }
  }

  private unknownAttribute(kind: Declared['kind'], type: string, name: string, steps: readonly string[]): string | undefined {
    const unlike = missing(section(this.stack, kind)[type], name, `${kind} of type ${type}`);
    if (unlike) return unlike;
    const block = this.blockOf(kind, type);
    const step = block && unknownStep(block, steps);
    return step && `${type} has no attribute ${step}`;
  }

  private blockOf(kind: Declared['kind'], type: string): BlockSchema | undefined {
    return (kind === 'data' ? this.schema.dataSources : this.schema.resources)[type]?.block;
  }
}

const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const section = (object: JsonObject, key: string): JsonObject => {
  const value = object[key];
  return isObject(value) ? value : {};
};

function missing(declared: unknown, name: string, kind: string): string | undefined {
  const names = isObject(declared) ? Object.keys(declared) : [];
  return names.includes(name) ? undefined : `there is no such ${kind} in the stack; there is: ${listed(names)}`;
}

function declarations(stack: JsonObject, kind: Declared['kind']): Declared[] {
  return Object.keys(section(stack, kind)).flatMap((type) =>
    Object.entries(section(section(stack, kind), type)).map(([name, value]) => {
      const body = Array.isArray(value) && value.length === 1 ? value[0] : value;
      return { kind, type, body: isObject(body) ? body : {}, path: `${kind}.${type}.${name}` };
    }),
  );
}

function providerBlocks(stack: JsonObject, name: string): [string, JsonObject][] {
  const value = section(stack, 'provider')[name];
  const blocks: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return blocks.map((body, i) => [`provider.${name}[${i}]`, isObject(body) ? body : {}]);
}

/** Every string with its path and key, except comments, which Terraform ignores. */
function* strings(value: unknown, path = '', key = ''): Generator<[string, string, string]> {
  if (typeof value === 'string') yield [path, key, value];
  else if (Array.isArray(value)) for (const [i, element] of value.entries()) yield* strings(element, `${path}[${i}]`, key);
  else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name !== '//') yield* strings(member, path ? `${path}.${name}` : name, name);
    }
  }
}
