import { type PropsSchema, registerSchema } from '../errors';
import document from './schema.json';

registerSchema(document);

/** The schema of an interface of this room. */
export function schemaOf(name: string): PropsSchema {
  return { document, name };
}
