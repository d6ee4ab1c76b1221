import { type PropsSchema, registerSchema } from '../errors';
import document from './schema.json';

registerSchema(document);

/** The schema of an interface in this module. */
export function schemaOf(name: string): PropsSchema {
  return { document, name };
}
