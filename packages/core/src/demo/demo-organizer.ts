/** The organizer that owns everything of the demo; tokens for a local instance are made for it. */
export const DEMO_ORGANIZER_ID = '019a8c5e-7c00-7b0c-8d3e-0b0c0ff1ce01'
