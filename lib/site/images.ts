import { compare, failure, nearest } from '../errors';
import { imageInvalid, imageUnknown } from './messages';

/**
 * Names of the registered images. Each service adds its own in its folder, so that `images` of a site is typed:
 * `declare module '…/site/images' { interface ImageTable { wiki: string } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: services add to it
export interface ImageTable {}

export type ImageName = Extract<keyof ImageTable, string>;

const registered = new Map<string, string>();

/**
 * Adds the images of a service to the table.
 *
 * @throws Error if a different image is already registered under the same name
 */
export function registerImages(images: Readonly<Record<string, string>>): void {
  for (const [name, image] of Object.entries(images)) {
    const known = registered.get(name);
    if (known !== undefined && known !== image) throw new Error(`two services register an image '${name}': ${known} and ${image}`);
    registered.set(name, image);
  }
}

/** All registered images by name, in alphabetical order. */
export function registeredImages(): Readonly<Record<string, string>> {
  return Object.fromEntries([...registered].sort(([a], [b]) => compare(a, b)));
}

/** Images of one site: overrides by name, and a mirror for the rest. */
export interface ImageProps {
  /**
   * Overrides of single images by name, e.g. `{ wiki: 'harbor.example.org/wiki:2.1@sha256:…' }`.
   *
   * @default - the images of the services
   * @throws UNKNOWN_IMAGE for a name that no service of the facility uses
   * @openNames
   */
  readonly images?: Readonly<Partial<Record<ImageName, string>>>;
  /** Registry that mirrors all others; it replaces the registry host of every image that is not overridden. @default - none */
  readonly registry?: string;
  /**
   * Names of image pull secrets of every pod of the facility. Each namespace needs them: `npx facility bootstrap` creates them from a
   * `config.json` of Docker or Podman.
   *
   * @default - none: images are public, or the nodes log in themselves
   * @throws INVALID_SECRET
   */
  readonly imagePullSecrets?: readonly string[];
}

/**
 * @returns the image
 * @throws INVALID_IMAGE
 * @see https://github.com/distribution/reference/blob/main/reference.go
 */
export function checkImage(image: string): string {
  const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const host = '[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d+)?/';
  const whole = new RegExp(`^(?:${host})?${part}(?:/${part})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9.+_-]*:[0-9a-fA-F]{32,})?$`);
  if (typeof image !== 'string' || !whole.test(image)) throw failure(imageInvalid(image));
  return image;
}

/** Whether an image has a digest or a tag other than `latest`. */
export function isPinned(image: string): boolean {
  return image.includes('@') || /:(?!latest$)[^/]+$/.test(image);
}

/**
 * The image that this site uses for a name.
 *
 * @throws UNKNOWN_IMAGE
 */
export function imageOf(props: ImageProps, name: ImageName): string {
  const override = props.images?.[name];
  if (override) return override;
  const image = registered.get(name);
  const known = Object.keys(registeredImages());
  if (!image) throw failure(imageUnknown(name, known, nearest(name, known)));
  return props.registry ? `${props.registry}/${image.slice(image.indexOf('/') + 1)}` : image;
}
