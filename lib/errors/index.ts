/** Collects, accepts and prints findings, validates props, and has the messages that several modules use. */
export * from './acceptance';
export * from './check-props';
export * from './messages';
export * from './problem';
export * from './props';
export { type PropsSchema, propsSchema, registerSchema, type SchemaDocument } from './schema';
