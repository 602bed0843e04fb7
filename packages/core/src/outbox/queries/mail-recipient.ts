/**
 * SQL for what mail to the address of a booking `b` is counted by: a digest of the address without regard to case, to
 * blanks around it, and to a `+` and what follows it, which most servers deliver to the same box.
 */
export const MAIL_RECIPIENT = `sha256(convert_to(
  regexp_replace(lower(btrim(b.customer_email)), '[+][^@]*@', '@'), 'UTF8'))`
