import type { Router } from 'express'
import {
  createMovie,
  getMovie,
  listOrganizerMovies,
  updateMovie,
} from '@boxoffice/contract/operations/management-movies.ts'
import {
  createOrganizer,
  getOrganizer,
  listOrganizers,
  updateOrganizer,
} from '@boxoffice/contract/operations/management-organizers.ts'
import {
  createAuditorium,
  createVenue,
  getAuditorium,
  getVenue,
  listAuditoriums,
  listVenues,
  updateAuditorium,
  updateVenue,
} from '@boxoffice/contract/operations/management-venues.ts'
import { changeThing, createThing, type PlainThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import type { Changes, Fields, New } from '@boxoffice/core/fields/field.ts'
import type { CreatedBy } from '@boxoffice/core/records/record-changes.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import type { ManagementDependencies } from './dependencies.ts'
import { serveThings } from './things.ts'

/** Organizers, venues, auditoriums and movies. */
export function plainRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const changer =
    <F extends Fields>(thing: PlainThing<F>) =>
    (by: CreatedBy, id: string, organizerId: string | null, changes: Changes<F>) =>
      transact(management.database, (tx) => changeThing(tx, thing, by, { id, organizerId, changes }))

  serveThings(routes, management, organizers, {
    create: createOrganizer,
    list: listOrganizers,
    get: getOrganizer,
    update: updateOrganizer,
    make: (tx, by, given) => createThing(tx, organizers, by, given),
    change: (by, id, scope, changes) => {
      if (scope !== null && scope !== id) throw notFound('organizer')
      if (scope !== null && changes.feeBasisPoints !== undefined) {
        throw new Problem('forbidden', { detail: 'The fee is for admins to change.' })
      }
      return changer(organizers)(by, id, scope, changes)
    },
  })
  serveThings(routes, management, venues, {
    create: createVenue,
    list: listVenues,
    get: getVenue,
    update: updateVenue,
    make: maker(venues),
    change: changer(venues),
  })
  serveThings(routes, management, auditoriums, {
    create: createAuditorium,
    list: listAuditoriums,
    get: getAuditorium,
    update: updateAuditorium,
    make: maker(auditoriums),
    change: changer(auditoriums),
  })
  serveThings(routes, management, movies, {
    create: createMovie,
    list: listOrganizerMovies,
    get: getMovie,
    update: updateMovie,
    make: maker(movies),
    change: changer(movies),
  })
  return routes.router
}

const maker =
  <F extends Fields>(thing: PlainThing<F>) =>
  (tx: Transaction, by: CreatedBy, given: New<F>, organizerId: string) =>
    createThing(tx, thing, by, { ...given, organizerId })
