interface ContactEmail {
  readonly contactEmail?: string | null
}

type Recorded<Row extends ContactEmail> = {
  [Name in keyof Row]: Name extends 'contactEmail' ? 'set' | null : Row[Name]
}

/** An address may be a person's, and those are in neither the audit nor the events: only whether there is one. */
export function organizerRecord<Row extends ContactEmail>(row: Row): Recorded<Row> {
  const isSet = row.contactEmail !== undefined && row.contactEmail !== null
  return { ...row, ...(isSet && { contactEmail: 'set' }) } as Recorded<Row>
}
