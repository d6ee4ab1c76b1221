import { type Finding, nearest, quote } from './problem';

export const gpuCardUnknown = (given: unknown, known: readonly string[]): Finding => {
  const near = nearest(String(given), known);
  return {
    code: 'GPU_CARD_UNKNOWN',
    given: quote(given),
    allowed: known.join(', '),
    fix: near ? `did you mean '${near}'?` : 'use a card of the table; `nvidia-smi -L` on the node names what is built in',
  };
};

export const gpuProfileUnknown = (card: string, given: unknown, known: readonly string[], hint: string): Finding => ({
  code: 'GPU_PROFILE_UNKNOWN',
  given: `${quote(given)} on ${card}`,
  allowed: known.join(', ') || 'nothing: the profiles of this card are not published',
  fix: hint,
});

export const gpuProfileTwice = (card: string, name: string, other: string): Finding => ({
  code: 'GPU_PROFILE_TWICE',
  given: `${quote(name)} and ${quote(other)} on ${card}: two drivers' names of one profile`,
  allowed: 'the name that the driver of these nodes gives it',
  fix: 'run `nvidia-smi mig -lgip` on a node, and use the name that it prints for all of them',
});

export const gpuCountInvalid = (what: string, given: unknown): Finding => ({
  code: 'GPU_COUNT_INVALID',
  given: `${typeof given === 'number' ? given : quote(given)} of ${what}`,
  allowed: 'a whole number above 0',
  fix: 'write the number, or leave it out for none',
});

export const gpuPlacementsUnknown = (card: string): Finding => ({
  code: 'GPU_PLACEMENTS_UNKNOWN',
  given: `a layout of instances on ${card}`,
  allowed: 'a card whose placements NVIDIA has published, or whose family has one geometry throughout',
  fix: 'use the card as a whole; `nvidia-smi mig -lgipp` on a node prints what the table lacks: please report it',
});

export const gpuLayoutUnfit = (card: string, layout: string, why: readonly string[], near: readonly string[], hint: string): Finding => ({
  code: 'GPU_LAYOUT_UNFIT',
  given: `${layout} on one ${card}: ${why.join('; ')}`,
  allowed: `${near.join(', or ')} (the nearest that fit)`,
  fix: hint,
});

export const gpuCardsTooFew = (card: string, wish: string, cards: number, why: readonly string[], left: string): Finding => ({
  code: 'GPU_CARDS_TOO_FEW',
  given: `${wish} on ${cards} ${card}: ${why.join('; ')}`,
  allowed: 'instances that fit on the cards that there are',
  fix: `leave out ${left}, or add cards`,
});

export const gpuInstanceInvalid = (card: string, instance: string, why: string): Finding => ({
  code: 'GPU_INSTANCE_INVALID',
  given: `${instance} on ${card}: ${why}`,
  allowed: 'instances as `nvidia-smi mig -lgi` lists them: each at a start of its profile, none over another',
  fix: 'read the placements of the card again',
});
