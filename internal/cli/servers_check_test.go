package cli

import (
	"testing"

	"github.com/stampede-load/stampede/internal/monitor"
)

// A server that was waited for and said nothing gives no figures, and is waited for until somebody can say why.
func TestSilentServers(t *testing.T) {
	waited := monitor.Series{Name: monitor.AnswerTime}
	for _, tt := range []struct {
		server         monitor.Server
		gives, unheard bool
	}{
		{monitor.Server{}, false, true},
		{monitor.Server{Series: []monitor.Series{waited}}, false, true},
		{monitor.Server{Series: []monitor.Series{waited}, Notes: []string{"at 5s: no answer"}}, false, false},
		{monitor.Server{Series: []monitor.Series{{Name: "connections"}, waited}}, true, false},
	} {
		if gives(&tt.server) != tt.gives || unheard(tt.server) != tt.unheard {
			t.Errorf("%+v: gives %v, unheard %v", tt.server, gives(&tt.server), unheard(tt.server))
		}
	}
}
