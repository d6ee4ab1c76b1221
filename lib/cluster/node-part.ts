/** A file that cloud-init writes on a node. */
export interface NodeFile {
  readonly path: string;
  readonly content: string;
  /** @default '0644' */
  readonly permissions?: string;
}

/** One aspect of a node's configuration: files, and steps of the setup script. */
export interface NodePart {
  readonly files?: readonly NodeFile[];
  /** Lines of bash; they must be idempotent. */
  readonly steps?: readonly string[];
}
