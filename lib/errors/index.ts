/** Every message the library can give, one file a room, and the way messages are collected and printed. */
export * from './acceptance';
export * from './check-props';
export * from './messages';
export * from './problem';
export * from './props';
export { type PropsSchema, propsSchema, registerSchema, type SchemaDocument } from './schema';
