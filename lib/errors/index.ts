/** How findings are collected, accepted and printed, how props are validated, and the messages that several rooms give. */
export * from './acceptance';
export * from './check-props';
export * from './messages';
export * from './problem';
export * from './props';
export { type PropsSchema, propsSchema, registerSchema, type SchemaDocument } from './schema';
