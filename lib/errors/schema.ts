import own from './schema.json';

/** A JSON Schema (2020-12), with the keywords that scripts/schemas.cjs writes. */
export type Schema = boolean | SchemaObject;

export interface SchemaObject {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly examples?: readonly unknown[];
  /** Functions that create such values, e.g. `secret`. The value is recognised by its `kind` and validated by its consumer. */
  readonly 'x-made-by'?: readonly string[];
  /** A validation rule of the library reports invalid and missing values, with a more precise message than the type. */
  readonly 'x-validated'?: boolean;
  /** The user writes the content of the prop as arguments of a function, so its name is not part of paths. */
  readonly 'x-inline'?: boolean;
}

/** The content of a schema.json: a definition for each interface of its folder. */
export interface SchemaDocument {
  /** URI by which other documents refer to it. */
  readonly $id: string;
  readonly $defs: Readonly<Record<string, unknown>>;
}

/** Reference to the definition of an interface in a schema document. */
export interface PropsSchema {
  readonly document: SchemaDocument;
  readonly name: string;
}

/** A schema, and the document that its references are relative to. */
export interface LocatedSchema {
  readonly schema: Schema;
  readonly document: SchemaDocument;
  /** Name of the definition. @default - the schema is part of a definition */
  readonly name?: string;
}

/**
 * Caches the result of a function for each schema object: documents do not change, and a site reads most of their definitions many
 * times.
 */
export function memoized<T>(compute: (at: LocatedSchema) => T): (at: LocatedSchema) => T {
  const results = new WeakMap<SchemaObject, T>();
  return (at) => {
    if (typeof at.schema === 'boolean') return compute(at);
    const found = results.get(at.schema);
    if (found !== undefined) return found;
    const computed = compute(at);
    results.set(at.schema, computed);
    return computed;
  };
}

const documents = new Map<string, SchemaDocument>([[own.$id, own]]);

/** Registers a document, so that others can refer to it. */
export function registerSchema(document: SchemaDocument): void {
  documents.set(document.$id, document);
}

/** Registers a document and returns a reference to one of its definitions, for a constant of the module that validates such props. */
export function propsSchema(document: SchemaDocument, name: string): PropsSchema {
  registerSchema(document);
  return { document, name };
}

/** @throws Error if the document has no such definition: a programming error, not one of the operator */
export function definition({ document, name }: PropsSchema): LocatedSchema {
  const schema = document.$defs[name] as Schema | undefined;
  if (schema === undefined) throw new Error(`${document.$id} has no definition '${name}'`);
  return { schema, document, name };
}

/** Resolves a `$ref` of a document. */
export function dereference($ref: string, from: SchemaDocument): LocatedSchema {
  const [id = '', name = ''] = $ref.split('#/$defs/');
  const document = id === '' || id === from.$id ? from : documents.get(id);
  if (!document) throw new Error(`${from.$id} refers to ${$ref}, which is not registered`);
  return definition({ document, name });
}
