// Package ledgertest holds any kind of ledger to what a ledger promises: [Run] is the contract of package ledger as tests. [Make] makes
// runs that never happened, always the same ones.
package ledgertest
