import own from './schema.json';

/** What a value may be, in the keywords of JSON Schema 2020-12 that scripts/schemas.cjs writes. */
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
  /** Functions that make such values, e.g. `secret`: the value is recognised here, and validated by whoever takes it. */
  readonly 'x-made-by'?: readonly string[];
  /** A validation of the library reports wrong and missing values itself, and says more than their type. */
  readonly 'x-validated'?: boolean;
}

/** A document with a definition for each interface of one folder: the content of its schema.json. */
export interface SchemaDocument {
  /** Address under which other documents refer to it. */
  readonly $id: string;
  readonly $defs: Readonly<Record<string, unknown>>;
}

/** The definition of the props of something, in the document of its folder. */
export interface PropsSchema {
  readonly document: SchemaDocument;
  readonly name: string;
}

/** A schema, and the document that its references are relative to. */
export interface Located {
  readonly schema: Schema;
  readonly document: SchemaDocument;
  /** Of a definition, its name. */
  readonly name?: string;
}

/**
 * A function of a schema that is computed once for each schema object: documents do not change, and a site reads most of their
 * definitions many times.
 */
export function once<T>(compute: (at: Located) => T): (at: Located) => T {
  const known = new WeakMap<SchemaObject, T>();
  return (at) => {
    if (typeof at.schema === 'boolean') return compute(at);
    const found = known.get(at.schema);
    if (found !== undefined) return found;
    const computed = compute(at);
    known.set(at.schema, computed);
    return computed;
  };
}

const documents = new Map<string, SchemaDocument>([[own.$id, own]]);

/** Makes a document known to those that refer to it. */
export function registerSchema(document: SchemaDocument): void {
  documents.set(document.$id, document);
}

/** A definition of a document, which is made known with it: for a constant of the module that validates such props. */
export function propsSchema(document: SchemaDocument, name: string): PropsSchema {
  registerSchema(document);
  return { document, name };
}

/** @throws Error for a document without such a definition, which is a mistake of its author */
export function definition({ document, name }: PropsSchema): Located {
  const schema = document.$defs[name] as Schema | undefined;
  if (schema === undefined) throw new Error(`${document.$id} has no definition '${name}'`);
  return { schema, document, name };
}

/** What a reference of a document leads to. */
export function dereference($ref: string, from: SchemaDocument): Located {
  const [id = '', name = ''] = $ref.split('#/$defs/');
  const document = id === '' || id === from.$id ? from : documents.get(id);
  if (!document) throw new Error(`${from.$id} refers to ${$ref}, which nobody has registered`);
  return definition({ document, name });
}
