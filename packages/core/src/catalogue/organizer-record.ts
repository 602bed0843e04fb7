/** What the audit and outgoing events say of an organizer. */
interface OrganizerRecord {
  readonly contactEmail?: string | null
}

/** An address may be a person's, and those are in neither the audit nor the events: only whether there is one. */
export function organizerRecord<Row extends OrganizerRecord>(row: Row): Row {
  return row.contactEmail === undefined || row.contactEmail === null ? row : { ...row, contactEmail: 'set' }
}
