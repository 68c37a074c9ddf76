// Package schedule says when the next run is due ([Cron], [Due]) and what the runs of a schedule came to over the nights ([Judge]). It is pure: it
// keeps nothing, starts nothing and asks no clock. The ledger keeps schedules and what became of each time that was due; cli carries them out.
package schedule
