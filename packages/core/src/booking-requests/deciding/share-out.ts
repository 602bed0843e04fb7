/**
 * Shares a batch out over lines that are so deep: each gets as much as the others, at least one, and what a short line does
 * not need goes to the longer ones. Returns the shares in the order of `depths`; together they are at most `total`, or one
 * each.
 */
export function shareOut(depths: readonly number[], total: number): number[] {
  const shares = depths.map(() => 0)
  const shortestFirst = depths.map((depth, index) => ({ depth, index })).sort((a, b) => a.depth - b.depth)
  let left = total
  for (const [taken, { depth, index }] of shortestFirst.entries()) {
    const share = Math.max(1, Math.min(depth, Math.floor(left / (depths.length - taken))))
    shares[index] = share
    left -= share
  }
  return shares
}
