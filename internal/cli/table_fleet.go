package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/fleet"
)

// fleetOptions say who runs the users.
type fleetOptions struct {
	workers   int  // processes of this machine; 0 for none
	auto      bool // as many as it takes
	addr      string
	nats      string // an outside NATS, in place of addr
	expect    int
	wait      time.Duration
	token     string
	key       string // certificate and key
	advertise string
	send      []string
	resume    string

	command string       // run or hit
	args    []string     // the URLs of a hit
	given   *setting.Set // what workers have to know of the settings
	costs   *fleetCost   // what its workers cost; nil when that was said, or nobody keeps it
	kept    *keptFleet   // stays from run to run; nil for one that goes with its run
}

const groupFleet = "Fleet"

// wanted reports whether others run the users.
func (f *fleetOptions) wanted() bool {
	return f.workers > 0 || f.auto || f.addr != "" || f.nats != "" || f.resume != ""
}

// natsURL reads where an outside NATS is.
func natsURL(into *string) func(string) error {
	return func(t string) error {
		j, err := fleet.ParseJoinURL(t)
		if err != nil || j.Outside == "" {
			return errors.New("write the URL of a NATS server: nats:// or tls://, with its host and, when it wants them, user and password")
		}
		*into = j.Outside
		return nil
	}
}

// fleetKeySetting reads a certificate and its key, or the file that holds them.
func (a *app) fleetKeySetting(into *string) setting.Setting {
	read := func(t string) error {
		if name, file := strings.CutPrefix(t, "@"); file {
			b, err := os.ReadFile(a.path(name))
			if err != nil {
				return fmt.Errorf("@%s cannot be read: %w", name, errors.Unwrap(err))
			}
			t = string(b)
		}
		*into = t
		_, err := fleet.KeyPin(t)
		return err
	}
	return setting.Setting{
		Name: "fleet-key", Arg: "PEM|@FILE", Group: groupFleet, Needs: "fleet", Mask: setting.Mask, Read: read,
		Help: "certificate and key of the fleet's port, so that the pin of the join command stays from start to start; better in STAMPEDE_FLEET_KEY",
	}
}

// fleetSettings say who runs the users.
func (a *app) fleetSettings(o *options) []setting.Setting {
	f := &o.fleet
	return []setting.Setting{
		{
			Name: "workers", Arg: "N|auto", Group: groupFleet, Against: []string{"fleet"}, Read: func(t string) (err error) {
				if f.auto = t == "auto"; f.auto {
					return nil
				}
				n, err := setting.ParseCount(t, 1)
				f.workers = int(min(n, 10_000))
				return err
			},
			Help: "share the users among N processes of this machine; auto takes as many as its limit of open files asks for",
		},
		{
			Name: "fleet", Arg: "ADDR", Group: groupFleet, Read: text(&f.addr),
			Help: "share the users among workers of other machines, which join at this address: 0.0.0.0:7422; prints the join command",
		},
		{
			Name: "nats", Arg: "URL", Group: groupFleet, Against: []string{"workers", "fleet"}, Mask: setting.MaskURL, Read: natsURL(&f.nats),
			Help: "meet workers at a NATS server or cluster of your own, with JetStream: nats://USER:PASSWORD@HOST:4222; better in STAMPEDE_NATS",
		},
		{
			Name: "expect-workers", Arg: "N", Group: groupFleet, Needs: "fleet or nats", Default: "1", Read: whole(&f.expect),
			Help: "begin when so many workers are there; more may come later",
		},
		{
			Name: "expect-workers-max-wait", Arg: "TIME", Group: groupFleet, Needs: "fleet or nats", Default: "without end", Read: positive(&f.wait),
			Help: "give up when they do not come within this time",
		},
		{
			Name: "fleet-token", Arg: "TEXT", Group: groupFleet, Needs: "fleet", Mask: setting.Mask, Read: func(t string) error {
				if f.token = t; len(t) < 16 {
					return errors.New("a token that short can be guessed: give 16 characters or more, or leave it out and one is made")
				}
				return nil
			},
			Help: "what lets workers in; better in STAMPEDE_FLEET_TOKEN, where ps does not show it",
		},
		a.fleetKeySetting(&f.key),
		{
			Name: "fleet-host", Arg: "HOST[:PORT]", Group: groupFleet, Needs: "fleet", Read: text(&f.advertise),
			Help: "under which address workers reach this machine, for the join command; without it one of its own",
		},
		{
			Name: "send", Arg: "FILE", Group: groupFleet, Needs: "fleet or nats", List: true, Read: texts(&f.send),
			Help: "a data file of the test, below this folder, for workers that fetch the test from here; may be repeated",
		},
		{
			Name: "recover-rate", Arg: "RATE", Group: groupFleet, Default: "--spawn-rate", Read: rate(&o.plan.RecoverRate),
			Help: "users started each second elsewhere when a worker is lost",
		},
		{
			Name: "resume", Arg: "RUN", Group: groupFleet, NotInFile: true, Read: text(&f.resume),
			Help: "go on with a run of a fleet whose controller was killed",
		},
	}
}
