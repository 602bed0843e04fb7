/** The columns of a `SandboxCheckout`. */
export const CHECKOUT_COLUMNS = `
  id, payment_id as "paymentId", booking_reference as "bookingReference", description, amount, currency,
  return_url as "returnUrl", status, completes_at as "completesAt", captured, captured_currency as "capturedCurrency"`
