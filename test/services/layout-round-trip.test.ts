import { expect, test } from 'vitest'
import { importLayout } from '@boxoffice/core/catalogue/import-layout.ts'
import { prepareLayout, type LayoutDescription } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { exportedJson, exportLayout } from '@boxoffice/core/catalogue/queries/export-layout.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'

const db = sharedDatabase()

test(
  'a house of 200,000 seats is imported, exported and known again within minutes, also on a busy machine',
  { timeout: 300_000 },
  async () => {
    const { auditoriumId } = await givenShowtime(db.database)
    const sections = ['Parkett', 'Balkon', 'Empore', 'Логе']
    const rows = Array.from({ length: 1_000 }, (_, row) => ({
      section: sections[row % 4],
      label: row % 2 === 0 ? String(row + 1) : `${row + 1}Ä`,
      seats: Array.from({ length: 200 }, (__, index) => ({
        number: index % 10 === 9 ? `${index + 1}A` : index + 1,
        x: index,
        y: row,
        category: 'Standard',
      })),
    }))
    const load = async (layout: LayoutDescription) => {
      const prepared = prepareLayout(layout)
      return inTransaction(db.database, (tx) =>
        importLayout(tx, {
          actor: 'test',
          requestId: null,
          auditoriumId,
          organizerId: null,
          layout: prepared,
          maxVersions: 50,
        }),
      )
    }
    const startedMs = performance.now()
    expect(await load({ categories: ['Standard'], rows })).toEqual({ version: 2, created: true })
    const exported = await exportLayout(db.database.pool, auditoriumId, null)
    if (exported === null) throw new Error('there is no layout')
    const again = JSON.parse(exportedJson(exported)) as LayoutDescription
    expect(again.rows).toHaveLength(1_000)
    expect(again.rows[1]).toMatchObject({ section: 'Balkon', label: '2Ä' })
    expect(await load(again)).toEqual({ version: 2, created: false })
    // Takes 15 s, and three times as long beside other tests; a statement for each seat takes longer than this.
    expect(performance.now() - startedMs).toBeLessThan(200_000)
  },
)
