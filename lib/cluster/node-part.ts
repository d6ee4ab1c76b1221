/** One file that cloud-init writes on a node. */
export interface NodeFile {
  readonly path: string;
  readonly content: string;
  /** @default '0644' */
  readonly permissions?: string;
}

/** What one concern adds to a node: files, and steps of the script that prepares it. */
export interface NodePart {
  readonly files?: readonly NodeFile[];
  /** Lines of bash that may run again and again. */
  readonly steps?: readonly string[];
}
