/** The lane has no row: nothing is taken into it and nothing decided, for nothing would keep the order. */
export class LaneMissingError extends Error {
  override readonly name = 'LaneMissingError'
  constructor(lane: number) {
    super(
      `Lane ${lane} lacks its row in "lanes" or "lane_intake": its requests are neither taken nor decided. Run the migrations.`,
    )
  }
}
