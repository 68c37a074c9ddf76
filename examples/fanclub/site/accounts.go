package site

import (
	"crypto/subtle"
	"embed"
	"encoding/csv"
	"fmt"
	"strings"
)

//go:generate go run ./paint

// AccountsCSV holds the file accounts.csv: the 1,000 fictitious fans who can log in, a header line "email,password,userId" and then one fan
// per line, fan0001@fans.example first. A load test feeds its users from it.
//
//go:embed accounts.csv
var AccountsCSV embed.FS

// account is one fan.
type account struct {
	password string
	userID   string
}

// accounts finds a fan by e-mail address, in lower case. It is never written after it was made.
type accounts map[string]account

func loadAccounts() (accounts, error) {
	file, err := AccountsCSV.Open("accounts.csv")
	if err != nil {
		return nil, fmt.Errorf("site: open accounts: %w", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("site: read accounts.csv: %w", err)
	}
	all := make(accounts, len(rows))
	for _, row := range rows[1:] {
		all[row[0]] = account{password: row[1], userID: row[2]}
	}
	return all, nil
}

// check returns the id of the fan whose address and password these are.
func (a accounts) check(email, password string) (userID string, ok bool) {
	fan, found := a[strings.ToLower(strings.TrimSpace(email))]
	// Compared even for an unknown address, so that the time taken tells nobody which addresses exist.
	same := subtle.ConstantTimeCompare([]byte(fan.password), []byte(password)) == 1
	return fan.userID, found && same
}

// Account is what a fan types to log in.
type Account struct{ Email, Password string }

// FirstAccount is one of those in AccountsCSV, to try the site by hand.
func FirstAccount() Account { return Account{"fan0001@fans.example", "harbour-gravel-2871"} }
