/** Lanes of every test database. */
export const TEST_LANES = 8
