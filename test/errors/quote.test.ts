import { quote } from '../../lib/errors';

test.each([
  ['text', "'text'"],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [1.5, '1.5'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ a: [1] }, '{"a":[1]}'],
])('%p in a message is %s', (value, text) => expect(quote(value)).toBe(text));
