package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// dial opens a ledger on a PostgreSQL server.
func (b *Ledger) dial(ctx context.Context, where string) error {
	b.d, b.where = postgresDialect(), Shown(where)
	cfg, err := pgx.ParseConfig(where)
	if err != nil {
		return errors.New("the address cannot be read: write postgres://user@host:5432/database") // err would repeat the password
	}
	cfg.RuntimeParams["lock_timeout"] = fmt.Sprint(b.opt.Wait.Milliseconds())
	cfg.RuntimeParams["application_name"] = "stampede"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = b.opt.Wait
	}
	b.write = sql.OpenDB(stdlib.GetConnector(*cfg))
	b.write.SetMaxOpenConns(4)
	b.read = b.write
	if err := b.write.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("no connection (is the server up, and are user, password and database right?): %w", err), b.write.Close())
	}
	return nil
}
