/** The number of lanes of every test database. */
export const TEST_LANES = 8
