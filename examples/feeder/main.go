// Command feeder shows test data: every visitor takes an account that no other visitor holds, and gives it back when it leaves.
package main

import (
	"context"
	"embed"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

//go:embed accounts.csv
var files embed.FS

// Account is a row of accounts.csv.
type Account struct {
	Email    string
	Password string
	Seats    int
}

var accounts = stampede.Must(stampede.CSV[Account](files, "accounts.csv"))

// Buyer holds one account for as long as it stays.
type Buyer struct {
	stampede.HTTPUser
	account Account
}

// LogIn takes an account. With more buyers at a time than rows, the error says how many are needed.
func (b *Buyer) LogIn(ctx context.Context) error {
	var err error
	if b.account, err = accounts.Take(b); err != nil {
		return err
	}
	_, err = b.Post(ctx, "/login", stampede.Name("Log In"), stampede.Form("email", b.account.Email, "password", b.account.Password))
	return err
}

// Seats asks for as many seats as this buyer wants.
func (b *Buyer) Seats(ctx context.Context) error {
	_, err := b.Post(ctx, "/seats", stampede.JSON(map[string]int{"count": b.account.Seats}))
	return err
}

func main() {
	launch.Main(stampede.Test{
		Name: "Unique accounts",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Buyer]{
			Wait:    stampede.Between(time.Second, 3*time.Second),
			OnStart: (*Buyer).LogIn,
			Visit:   stampede.Visit{Tasks: 5}, // then a fresh buyer comes, with another account
			Tasks:   []stampede.Task[Buyer]{{Do: (*Buyer).Seats}},
		})},
	})
}
