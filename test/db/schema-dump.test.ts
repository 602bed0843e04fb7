import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dumpSchema } from '@boxoffice/core/db/dump-schema.ts'
import { sharedDatabase } from '../support/database.ts'

const db = sharedDatabase()

it('drizzle/schema.sql is what the migrations make: npm run db:dump', async () => {
  const committed = readFileSync(new URL('../../drizzle/schema.sql', import.meta.url), 'utf8')
  expect(await dumpSchema(db.database.pool)).toBe(committed)
})

describe('a dump of the schema', () => {
  /** Returns the lines that a change adds and removes; the change is undone. */
  async function changedBy(statement: string) {
    const client = await db.database.pool.connect()
    try {
      await client.query('begin')
      const before = (await dumpSchema(client)).split('\n')
      await client.query(statement)
      const after = (await dumpSchema(client)).split('\n')
      return [
        ...before.filter((line) => !after.includes(line)).map((line) => `- ${line.trim()}`),
        ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line.trim()}`),
      ]
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  it.each([
    ['a column', 'alter table movies add hint text', ['+ hint text,']],
    ['a default', `alter table movies add hint text default 'x' not null`, [`+ hint text DEFAULT 'x'::text NOT NULL,`]],
    [
      'a generated column',
      'alter table movies add hint text generated always as (upper(title)) stored',
      ['+ hint text GENERATED ALWAYS AS (upper(title)) STORED,'],
    ],
    [
      'an identity',
      'create table t (id int generated always as identity)',
      ['+ CREATE TABLE t (', '+ id integer GENERATED ALWAYS AS IDENTITY NOT NULL'],
    ],
    ['an unlogged table', 'create unlogged table t (id int)', ['+ CREATE UNLOGGED TABLE t (', '+ id integer']],
    ['a collation', 'alter table movies add hint text collate "C"', ['+ hint text COLLATE "C",']],
    [
      'a check that is not validated',
      `alter table movies add constraint titled check (title <> '') not valid`,
      [`+ CONSTRAINT titled CHECK ((title <> ''::text)) NOT VALID,`],
    ],
    [
      'an index',
      'create index movies_title on movies (title) where title is not null',
      ['+ CREATE INDEX movies_title ON public.movies USING btree (title) WHERE (title IS NOT NULL);'],
    ],
    [
      'a trigger',
      `create trigger kept before delete on movies for each row execute function refuse_change('kept')`,
      [`+ CREATE TRIGGER kept BEFORE DELETE ON public.movies FOR EACH ROW EXECUTE FUNCTION refuse_change('kept');`],
    ],
    ['a type', `create type size as enum ('s', 'l')`, [`+ CREATE TYPE size AS ENUM ('s', 'l');`]],
    ['a view', 'create view titles as select 1 as one', ['+ CREATE VIEW titles AS', '+ SELECT 1 AS one;']],
    [
      'what is analyzed of a column, and how it is stored',
      'alter table movies alter title set statistics 0, alter title set storage external',
      [
        '+ ALTER TABLE movies ALTER COLUMN title SET STATISTICS 0;',
        '+ ALTER TABLE movies ALTER COLUMN title SET STORAGE EXTERNAL;',
      ],
    ],
    ['a setting of a table', 'alter table movies set (fillfactor = 33)', ['+ ) WITH (fillfactor=33);']],
  ])('tells of %s', async (_, statement, lines) => {
    expect(await changedBy(statement)).toEqual(lines)
  })

  it('says nothing of partitions, which are made month by month', async () => {
    expect(
      await changedBy(`create table audit_later partition of audit for values from ('2099-01-01') to ('2099-02-01')`),
    ).toEqual([])
  })
})
