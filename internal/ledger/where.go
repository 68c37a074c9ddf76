package ledger

import (
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// IsServer reports whether a place is a PostgreSQL database and not a file.
func IsServer(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// notPlace is why a place can be neither a server nor a file: it is an address of some other kind, or a word that SQLite's own programs know. A
// file of such a name would be a mistyped address, perhaps with a password in it.
func notPlace(where string) error {
	scheme, rest, isURL := strings.Cut(where, ":")
	switch {
	case where == ":memory:":
		return errors.New("a ledger is kept: --no-record leaves a run out of it")
	case isURL && len(scheme) > 1 && (strings.HasPrefix(rest, "//") || scheme == "file" || scheme == "sqlite" || scheme == "sqlite3"):
		return errors.New("it is no address of a ledger: write the path of a file alone, or postgres://user@host/database")
	}
	return nil
}

// Shown is a place as people are told of it: a path as it is, an address without its password.
func Shown(where string) string {
	if !IsServer(where) {
		return where
	}
	u, err := url.Parse(where)
	if err != nil {
		return "the PostgreSQL server"
	}
	u.User, u.RawQuery = url.User(u.User.Username()), ""
	return u.String()
}

// DefaultPath is where the ledger of a person is kept: stampede/runs.db in the folder for data of their system. lookup reads the
// environment.
func DefaultPath(lookup func(string) (string, bool)) (string, error) {
	value := func(name string) string {
		v, _ := lookup(name)
		return v
	}
	home := value("HOME")
	folder := ""
	switch {
	case runtime.GOOS == "windows":
		folder = value("LocalAppData")
	case filepath.IsAbs(value("XDG_DATA_HOME")):
		folder = value("XDG_DATA_HOME")
	case home == "":
	case runtime.GOOS == "darwin":
		folder = filepath.Join(home, "Library", "Application Support")
	default:
		folder = filepath.Join(home, ".local", "share")
	}
	if folder == "" {
		return "", errors.New("ledger: there is no folder for data (HOME is not set): pass --ledger PATH, or --no-record")
	}
	return filepath.Join(folder, "stampede", "runs.db"), nil
}
