import { App } from 'cdk8s';
import type { Construct } from 'constructs';
import type { SchemaDocument } from '../../lib/errors';
import { ServiceChart, type ServiceProps } from '../../lib/kubernetes';
import { bytes, type Memory } from '../../lib/site';
import { briefly, existing, problemsOf } from '../fixtures/site';

interface WikiProps extends ServiceProps {
  readonly title: string;
  readonly space?: Memory;
}

/** The schema.json of a custom service. */
const document: SchemaDocument = {
  $id: 'https://example.org/schemas/wiki.json',
  $defs: {
    WikiProps: {
      type: 'object',
      properties: {
        title: { type: 'string', minLength: 1 },
        space: { $ref: 'https://analysis-facility.io/schemas/site.json#/$defs/Memory' },
        pages: { type: 'array', items: { $ref: '#/$defs/Page' } },
        site: { $ref: 'https://analysis-facility.io/schemas/site.json#/$defs/Site' },
      },
      required: ['title'],
      additionalProperties: false,
    },
    Page: { type: 'object', properties: { name: { type: 'string' }, open: { type: 'boolean' } }, required: ['name'] },
  },
};

class Wiki extends ServiceChart {
  constructor(scope: Construct, props: WikiProps, schema?: SchemaDocument) {
    super(scope, 'wiki', props, { name: 'wiki', ...(schema ? { schema: { document: schema, name: 'WikiProps' } } : {}) });
    const { space = '1GiB' } = props;
    this.problems.attempt(`${this.path()}/space`, () => bytes(space));
  }
}

const made = (props: object, schema?: SchemaDocument) => new Wiki(new App(), { site: existing(), ...props } as WikiProps, schema);

describe('a custom service', () => {
  test('works without a schema, and its props are not validated', () => {
    const wiki = made({ titel: 'Beamline 7' });
    expect(wiki.isValidated).toBe(false);
    expect([...wiki.problems.all, ...wiki.problems.warnings]).toEqual([]);
  });

  test('with a schema is validated like those of the library', () => {
    expect(made({ title: 'Beamline 7' }, document).problems.all).toEqual([]);
    expect(problemsOf(() => made({ titel: 'Beamline 7' }, document))).toMatchObject([
      { code: 'MISSING_PROP', path: 'wiki', fix: "rename 'titel' to 'title'" },
    ]);
    expect(problemsOf(() => made({ title: 'Beamline 7', pages: 'start' }, document))).toMatchObject([
      { code: 'INVALID_PROP_TYPE', path: 'wiki/pages', allowed: 'a list of Page', fix: "write a list: ['start']" },
    ]);
    expect(briefly(made({ title: 'Beamline 7', pages: [{ name: 'start', open: 'yes' }] }, document).problems.all)).toEqual([
      'INVALID_PROP_TYPE at cosenza/wiki/pages/start/open',
    ]);
    expect(briefly(made({ title: 'Beamline 7', colour: 'red' }, document).problems.warnings)).toEqual([
      'UNKNOWN_PROP at cosenza/wiki/colour',
    ]);
  });

  test('quantities are validated by the function that parses them', () => {
    expect(made({ title: 'Beamline 7', space: '1 gig' }, document).problems.all).toMatchObject([
      { code: 'INVALID_QUANTITY', path: 'cosenza/wiki/space', fix: expect.stringContaining("'1GiB'") },
    ]);
  });

  test('a schema without the definition, or with a broken reference, is rejected', () => {
    expect(() => made({ title: 'a' }, { ...document, $defs: {} })).toThrow(
      "https://example.org/schemas/wiki.json has no definition 'WikiProps'",
    );
    const $defs = { WikiProps: { type: 'object', properties: { title: { $ref: 'https://example.org/none.json#/$defs/Title' } } } };
    expect(() => made({ title: 'a' }, { ...document, $defs })).toThrow('refers to https://example.org/none.json#/$defs/Title');
  });
});
